import { setMaxListeners } from "node:events";
import { EXIT, type ExitCode } from "./exit-codes.js";

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
  /** The stream itself, for libraries that draw on it. */
  readonly stream: NodeJS.WriteStream;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number;
  /** Rejects with an `AbortError` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a run needs from outside. Only this file and `bin/` know `process`. */
export interface Context {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Major version of Node. */
  readonly nodeMajor: number;
  /** Aborts on SIGINT and SIGTERM with an {@link Interruption} as its reason; a second signal ends the process at once. */
  readonly interrupt: AbortSignal;
}

/** The reader of stdout went away (`| head`): the run ends quietly with 0. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

/** A signal asked the run to end. */
export class Interruption extends Error {
  override readonly name = "Interruption";

  constructor(
    readonly signal: NodeJS.Signals,
    readonly exitCode: ExitCode,
  ) {
    super(`interrupted by ${signal}`);
  }
}

/** @param interrupt ends a write that waits for its reader: `tasks list | less`, and Ctrl-C while nobody scrolls */
function sink(stream: NodeJS.WriteStream, interrupt?: AbortSignal): Sink {
  // Without a listener, an error that arrives after the last write would be thrown as uncaught.
  stream.on("error", () => {});
  return {
    stream,
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(interrupt?.reason);
        interrupt?.addEventListener("abort", giveUp, { once: true });
        stream.write(text, (error?: NodeJS.ErrnoException | null) => {
          interrupt?.removeEventListener("abort", giveUp);
          if (!error) resolve();
          else if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED")
            reject(new ClosedPipe(error.message));
          else reject(error);
        });
      }),
  };
}

/** The context of a real process. */
export function processContext(): Context {
  const controller = new AbortController();
  // A thousand requests may wait at once, and each listens.
  setMaxListeners(0, controller.signal);
  const listen = (signal: NodeJS.Signals, exitCode: ExitCode) => {
    const onSignal = () => {
      if (!controller.signal.aborted) {
        controller.abort(new Interruption(signal, exitCode));
        return;
      }
      process.removeListener(signal, onSignal);
      process.kill(process.pid, signal);
    };
    // It stays after the first signal: whoever restores the cursor would else find nobody but itself listening, and end the
    // process before it has said how to come back.
    process.on(signal, onSignal);
  };
  listen("SIGINT", EXIT.interrupted);
  listen("SIGTERM", EXIT.terminated);
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: sink(process.stdout, controller.signal),
    stderr: sink(process.stderr),
    env: process.env,
    nodeMajor: Number.parseInt(process.versions.node, 10),
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep: async (ms, signal) => {
        const { setTimeout } = await import("node:timers/promises");
        await setTimeout(ms, undefined, { signal });
      },
    },
    interrupt: controller.signal,
  };
}
