import { createReadStream, promises as files } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Opens a new file for writing that only its owner can read. Tests replace it to simulate a disk that fails. */
export type OpenFile = (path: string) => Promise<FileHandle>;

export const openNewFile: OpenFile = (path) => files.open(path, "wx", 0o600);

/** The segment that is being written. It holds only whole lines, whatever goes wrong. */
export class SegmentFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes = 0;
  #isSynced = true;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Creates it with its first lines, under a temporary name until they are on the disk. So a segment without lines is a damaged
   * one.
   */
  static async create(path: string, lines: string, open: OpenFile): Promise<SegmentFile> {
    const unfinished = `${path}${UNFINISHED}`;
    await files.rm(unfinished, { force: true });
    const segment = new SegmentFile(path, await open(unfinished));
    try {
      await segment.append(lines);
      await segment.sync();
      await files.rename(unfinished, path);
    } catch (error) {
      await segment.#handle.close().catch(() => {});
      await files.rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
    await syncDirectory(dirname(path));
    return segment;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes all of the lines or, if that fails, none. */
  async append(lines: string): Promise<void> {
    const data = Buffer.from(lines);
    try {
      for (let written = 0; written < data.length; ) {
        const { bytesWritten } = await this.#handle.write(data, written, data.length - written, this.#bytes + written);
        written += bytesWritten;
      }
    } catch (error) {
      await this.#handle.truncate(this.#bytes).catch(() => {});
      throw error;
    }
    this.#bytes += data.length;
    this.#isSynced = false;
  }

  /** Syncs what was written to the disk. */
  async sync(): Promise<void> {
    if (this.#isSynced) return;
    await this.#handle.datasync();
    this.#isSynced = true;
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.#handle.close();
    }
  }
}

/**
 * Gzips a closed segment. The gzipped file has a temporary name until it is complete and on the disk, and the plain file is removed
 * last. So after a crash at least one of the two is there; if both are, they have the same lines.
 */
export async function gzipSegment(path: string): Promise<void> {
  const unfinished = `${path}.gz${UNFINISHED}`;
  try {
    const handle = await files.open(unfinished, "w", 0o600);
    try {
      await pipeline(createReadStream(path), createGzip(), async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) await handle.write(piece);
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(unfinished, `${path}.gz`);
  } catch (error) {
    await files.rm(unfinished, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
  await files.rm(path, { force: true });
}

/** Suffix of a segment, plain or gzipped, that is not complete yet. */
export const UNFINISHED = ".tmp";

const NEWLINE = 10;
const PIECE_BYTES = 64 * 1024;

/**
 * Removes a partial line, which a crash left, from the end of a segment, and keeps it in another file.
 * @returns how many bytes were removed
 */
export async function repairSegment(path: string): Promise<number> {
  const handle = await files.open(path, "r+");
  try {
    const { size } = await handle.stat();
    const whole = await endOfLastLine(handle, size);
    if (whole === size) return 0;
    await keepTorn(handle, whole, size, `${path}.torn`);
    await handle.truncate(whole);
    await handle.sync();
    return size - whole;
  } finally {
    await handle.close();
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - PIECE_BYTES);
    const { bytesRead } = await handle.read(piece, 0, end - start, start);
    const newline = piece.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}

async function keepTorn(from: FileHandle, start: number, end: number, path: string): Promise<void> {
  const to = await files.open(path, "w", 0o600);
  const piece = Buffer.alloc(PIECE_BYTES);
  try {
    for (let at = start; at < end; ) {
      const { bytesRead } = await from.read(piece, 0, Math.min(PIECE_BYTES, end - at), at);
      if (bytesRead === 0) break;
      await to.write(piece, 0, bytesRead);
      at += bytesRead;
    }
    await to.sync();
  } finally {
    await to.close();
  }
}

/** Syncs the entries of a directory to the disk. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await files.open(path, "r");
  try {
    await handle.sync();
  } catch {
    // Not every file system supports this.
  } finally {
    await handle.close();
  }
}
