import { promises as files } from "node:fs";

const MEGABYTE = 1_000_000;

/**
 * Joins pieces of UTF-8 into one text.
 * @throws RangeError if it is too long, before it fills the memory: a device or a pipe may never end
 */
export async function readBounded(pieces: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) throw new RangeError(`it is larger than ${mostBytes / MEGABYTE} MB`);
    kept.push(piece);
  }
  return Buffer.concat(kept).toString("utf8");
}

/** The text of a file, pipe or device; see {@link readBounded}. */
export async function readBoundedFile(file: string, mostBytes: number): Promise<string> {
  const handle = await files.open(file);
  try {
    return await readBounded(handle.createReadStream({ autoClose: false }), mostBytes);
  } finally {
    await handle.close();
  }
}
