import { setMaxListeners } from "node:events";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { type Clock, systemClock } from "./clock.js";
import { type Sink, sink } from "./sink.js";

/** What a run needs from outside. Only this file and `main.ts` know `process`. */
export interface Runtime {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts on SIGHUP, SIGINT and SIGTERM with an {@link Interruption} as its reason; a second signal ends the process at once. */
  readonly interrupt: AbortSignal;
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

/** The whole command exceeded the user's deadline. */
class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor(deadlineMs: number) {
    super(
      `the command did not finish within ${deadlineMs / 1000} s (--deadline): the node is slow, or there is a lot to read`,
    );
  }
}

/**
 * The same runtime with a deadline: {@link Runtime.interrupt} then aborts with a {@link DeadlineError}.
 * @returns with `end`, which cancels the deadline
 */
export function withDeadline(runtime: Runtime, deadlineMs: number): { runtime: Runtime; end: () => void } {
  const controller = new AbortController();
  const ended = new AbortController();
  runtime.clock.sleep(deadlineMs, ended.signal).then(
    () => controller.abort(new DeadlineError(deadlineMs)),
    () => {},
  );
  const interrupt = AbortSignal.any([runtime.interrupt, controller.signal]);
  setMaxListeners(0, interrupt);
  return {
    runtime: Object.create(runtime, { interrupt: { value: interrupt } }) as Runtime,
    end: () => ended.abort(),
  };
}

/** The same runtime at another time. */
export const withClock = (runtime: Runtime, clock: Clock): Runtime =>
  Object.create(runtime, { clock: { value: clock } }) as Runtime;

/** The same runtime, which discards stderr. */
export const withoutStderr = (runtime: Runtime): Runtime =>
  Object.create(runtime, {
    stderr: { value: { ...runtime.stderr, isTerminal: false, write: async () => {} } },
  }) as Runtime;

/** Starts listening with its first use: a signal before that has nothing to clean up. */
function interruptOfProcess(): AbortSignal {
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
    // It stays after the first signal: a library that restores the cursor would otherwise be the only listener, and end the
    // process before it has said how to go on.
    process.on(signal, onSignal);
  };
  listen("SIGHUP", EXIT.hungUp);
  listen("SIGINT", EXIT.interrupted);
  listen("SIGTERM", EXIT.terminated);
  return controller.signal;
}

/** The runtime of a real process. */
export function processRuntime(): Runtime {
  let interrupt: AbortSignal | undefined;
  const listening = () => {
    interrupt ??= interruptOfProcess();
    return interrupt;
  };
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: sink(() => process.stdout, listening),
    stderr: sink(() => process.stderr),
    env: process.env,
    clock: systemClock,
    get interrupt() {
      return listening();
    },
  };
}
