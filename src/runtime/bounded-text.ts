import { promises as files } from "node:fs";

const MEGABYTE = 1_000_000;

/**
 * Pieces of UTF-8 as one text.
 * @throws RangeError where there is more, before it fills the memory: a device or a pipe need not end
 */
export async function boundedText(pieces: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) throw new RangeError(`it is larger than ${mostBytes / MEGABYTE} MB`);
    kept.push(piece);
  }
  return Buffer.concat(kept).toString("utf8");
}

/** The text of a file, or of a pipe or device that stands in its place; see {@link boundedText}. */
export async function readBoundedFile(file: string, mostBytes: number): Promise<string> {
  const handle = await files.open(file);
  try {
    return await boundedText(handle.createReadStream({ autoClose: false }), mostBytes);
  } finally {
    await handle.close();
  }
}
