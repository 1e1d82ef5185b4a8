import { fstatSync, writeSync } from "node:fs";

/** A stream that a run writes to. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Width and height of the terminal in cells; 80 by 24 where there is none. */
  readonly columns: number;
  readonly rows: number;
  /**
   * Resolves once the text is on its way, so that a writer that awaits it holds no more than one piece in memory.
   * @throws ClosedPipe when nobody reads any more
   */
  write(text: string): Promise<void>;
  /** Whether nothing waits for its reader. */
  readonly isFlushed: boolean;
  /** The stream itself, for libraries that draw on it. */
  readonly stream: NodeJS.WriteStream;
}

/** The reader of stdout went away (`| head`): the run ends quietly with 0. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

/** A quarter of what a pipe holds on Linux: no reader has to take it before the command can end. */
const DIRECT_BYTES = 16 * 1024;

/**
 * What a process writes to one of its files.
 *
 * Node's streams take an eighth of the time in which Node itself starts, and most runs print one short text to a pipe or a
 * file: that is written without.
 * @param fd 1 or 2
 * @param open makes the stream
 * @param interrupt the signal that ends a write that waits for its reader: `tasks list | less`, and Ctrl-C while nobody scrolls
 */
export function sink(fd: number, open: () => NodeJS.WriteStream, interrupt?: () => AbortSignal): Sink {
  let opened: NodeJS.WriteStream | undefined;
  const stream = () => {
    if (opened === undefined) {
      opened = open();
      // Without a listener, an error that arrives after the last write would be thrown as uncaught.
      opened.on("error", () => {});
    }
    return opened;
  };
  const mayBeTerminal = isCharacterDevice(fd);
  return {
    get stream() {
      return stream();
    },
    get isFlushed() {
      return opened === undefined || opened.writableLength === 0;
    },
    get isTerminal() {
      return mayBeTerminal && stream().isTTY === true;
    },
    get columns() {
      return (mayBeTerminal && stream().columns) || 80;
    },
    get rows() {
      return (mayBeTerminal && stream().rows) || 24;
    },
    async write(text) {
      let rest: string | Buffer = text;
      if (opened === undefined && !mayBeTerminal && text.length <= DIRECT_BYTES) {
        rest = writeDirectly(fd, text);
        if (rest.length === 0) return;
      }
      await writeTo(stream(), rest, interrupt?.());
    },
  };
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    // Closed by whoever started the process (`>&-`): Node has put something of its own in its place, or the write tells.
    return true;
  }
}

/** @returns what a pipe that is full does not take now */
function writeDirectly(fd: number, text: string): Buffer {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw writeError(error as NodeJS.ErrnoException);
  }
  return rest;
}

function writeTo(stream: NodeJS.WriteStream, text: string | Buffer, interrupt: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(interrupt?.reason);
    interrupt?.addEventListener("abort", giveUp, { once: true });
    stream.write(text, (error?: NodeJS.ErrnoException | null) => {
      interrupt?.removeEventListener("abort", giveUp);
      if (error) reject(writeError(error));
      else resolve();
    });
  });
}

function writeError(error: NodeJS.ErrnoException): Error {
  return error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" ? new ClosedPipe(error.message) : error;
}
