/** A stream that a run writes to. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Width and height of the terminal in cells; 80 by 24 where there is none. */
  readonly columns: number;
  readonly rows: number;
  /**
   * Resolves once the text is being sent, so that a writer that awaits it holds only one piece in memory.
   * @throws ClosedPipe when the reader is gone
   */
  write(text: string): Promise<void>;
  /** The stream itself, for libraries that draw on it. */
  readonly stream: NodeJS.WriteStream;
}

/** The reader of stdout went away (`| head`): the run ends quietly with 0. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

/**
 * A sink for one of the process's streams.
 * @param open returns the stream; called on first use, because creating it takes time
 * @param interrupt ends a write that waits for its reader: `tasks list | less`, then Ctrl-C
 */
export function sink(open: () => NodeJS.WriteStream, interrupt?: () => AbortSignal): Sink {
  let opened: NodeJS.WriteStream | undefined;
  const stream = () => {
    if (opened === undefined) {
      opened = open();
      // Without a listener, an error that arrives after the last write would be thrown as uncaught.
      opened.on("error", () => {});
    }
    return opened;
  };
  return {
    get stream() {
      return stream();
    },
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns || 80;
    },
    get rows() {
      return stream().rows || 24;
    },
    write: (text) => writeTo(stream(), text, interrupt?.()),
  };
}

function writeTo(stream: NodeJS.WriteStream, text: string, interrupt: AbortSignal | undefined): Promise<void> {
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

/** What is thrown where a stream could not be written. */
export function writeError(error: NodeJS.ErrnoException): Error {
  return error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" ? new ClosedPipe(error.message) : error;
}
