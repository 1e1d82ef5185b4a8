import { isRequestFailure } from "../client/errors.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { abortLate } from "../waiting/aborts.js";
import { Deadline } from "../waiting/deadline.js";
import { NodeLooks } from "../waiting/node-looks.js";
import { exitCodeOfFailure, exitCodeOfOutcome, hasEnded, type Outcome } from "../waiting/outcome.js";
import { showProgress, type WaitProgress } from "../waiting/progress.js";
import { openProgressDisplay, type ProgressDisplay } from "../waiting/progress-display.js";
import type { WaitingOptions } from "../waiting/wait-and-report.js";
import { waitForOne } from "../waiting/wait-for-one.js";
import { type Begun, mayHaveStarted } from "./begin.js";

/** One of several starts, such as a cleanup on one of the nodes. */
export interface Turn {
  /** What distinguishes it from the others: a node, a table. */
  readonly name: string;
  readonly client: TaskManagerClient;
  /** Sends it to its node. Called only once. */
  start(onTrouble: (message: string) => void): Promise<Begun>;
}

/** The outcome of one operation. */
export interface OperationResult {
  /** `null` if no task was started. */
  readonly task_id: string | null;
  /** The task's final state. If there is none: `timeout`, `unknown`, `nothing to do`, `not started`. */
  readonly state: string;
  readonly duration_seconds: number | null;
  readonly error: string;
}

export const NOT_STARTED: OperationResult = { task_id: null, state: "not started", duration_seconds: null, error: "" };

export interface OperationRunOptions extends WaitingOptions {
  /** Whether to go on after one that did not succeed. */
  readonly keepGoing: boolean;
  /** Whether to wait for each. */
  readonly wait: boolean;
}

/**
 * Several operations that are started, waited for and shown as one: they share a deadline, a progress line and an exit code, the
 * worst of all. The caller decides when each starts.
 */
export class OperationRun {
  readonly results = new Map<string, OperationResult>();
  /** Unfinished tasks, and the operations that they belong to. */
  readonly #running = new Map<string, string>();
  readonly #runtime: Runtime;
  readonly #options: OperationRunOptions;
  readonly #display: ProgressDisplay | undefined;
  readonly #progress: WaitProgress;
  readonly #deadline: Deadline;
  #isStopped = false;
  #worst: ExitCode = EXIT.success;

  private constructor(
    runtime: Runtime,
    options: OperationRunOptions,
    display: ProgressDisplay | undefined,
    progress: WaitProgress,
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#display = display;
    this.#progress = progress;
    this.#deadline = new Deadline(runtime.clock, options.timeoutMs);
  }

  /**
   * @param total how many operations there will be
   * @param noun what to call them: `nodes`, `tables`
   */
  static async begin(
    runtime: Runtime,
    options: OperationRunOptions,
    total: number,
    noun: string,
  ): Promise<OperationRun> {
    const display = await openProgressDisplay(runtime, options.progress, options.color);
    const areAlike = noun === "tables";
    const shown = display && { display, total, noun, areAlike, looks: new NodeLooks() };
    return new OperationRun(runtime, options, display, showProgress(runtime, shown));
  }

  /** The worst so far. */
  get exitCode(): ExitCode {
    return this.#worst;
  }

  /** Starts an operation and waits for its end. Does nothing after a failure (unless told to keep going), or after the deadline. */
  async run(operation: Turn): Promise<void> {
    if (this.#isStopped || this.#runtime.interrupt.aborted) return;
    // Nothing is started after the deadline, as the run would not wait for it.
    const code = this.#deadline.hasPassed ? EXIT.waitTimeout : await this.#startAndWait(operation);
    if (code > this.#worst) this.#worst = code;
    if (code !== EXIT.success && !this.#options.keepGoing) this.#isStopped = true;
  }

  /** Call it at the end, in any case. If the user interrupted the run, it prints how to follow the tasks that go on. */
  async end(): Promise<void> {
    this.#progress.stop();
    this.#display?.stop();
    if (!this.#runtime.interrupt.aborted) return;
    for (const [id, name] of this.#running) {
      const again = printable(`${this.#options.sameNodes} wait ${id}`);
      await printMessage(
        this.#runtime,
        `task ${printable(id)} (${printable(name)}) goes on; to wait for it again:\n  ${again}`,
      );
    }
  }

  async #startAndWait({ name, client, start }: Turn): Promise<ExitCode> {
    const { clock, interrupt: signal } = this.#runtime;
    const { retryForMs, abortOnTimeout } = this.#options;
    const say = (text: string) => this.#say(text);
    const startedMs = clock.monotonic();
    let id = "";
    const result = (state: string, error = "") => {
      const duration = Math.round((clock.monotonic() - startedMs) / 100) / 10;
      this.#running.delete(id);
      this.results.set(name, { task_id: id === "" ? null : id, state, duration_seconds: duration, error });
    };
    try {
      const onTrouble = (text: string) => void say(`warning: ${errorText(text)}`);
      const begun = await start(onTrouble);
      if (begun.kind === "nothing") {
        await say(`${printable(name)}: nothing to do: ${printable(begun.reason)}`);
        result("nothing to do");
        this.#progress.skipped(true);
        return EXIT.success;
      }
      if (begun.kind === "ended") {
        const { outcome } = begun;
        id = outcome.id;
        result(outcome.kind, errorOf(outcome));
        if (!this.#options.wait && outcome.kind !== "done") await this.#sayError(name, errorOf(outcome));
        this.#progress.skipped(outcome.kind === "done");
        return exitCodeOfOutcome(outcome);
      }
      const { target } = begun;
      id = target.id;
      if (!this.#options.wait) {
        result(id === "" ? "unknown" : "started");
        this.#progress.skipped(id !== "");
        return id === "" ? EXIT.outcomeUnknown : EXIT.success;
      }
      this.#running.set(id, name);
      if (id !== "") await say(`${printable(name)}: started task ${printable(id)}`);
      this.#progress.began({ id, client, label: name });
      const options = { clock, signal, deadline: this.#deadline, retryForMs, onTrouble };
      const outcome = await (target.wait?.(options) ?? waitForOne(target, options));
      if (outcome.kind === "timeout" && abortOnTimeout) await abortLate(this.#runtime, [target], retryForMs, say);
      result(outcome.kind, errorOf(outcome));
      if (hasEnded(outcome) && outcome.kind === "done" && outcome.note !== undefined) {
        await say(`warning: ${errorText(outcome.note)}`);
      }
      this.#progress.ended(outcome);
      return exitCodeOfOutcome(outcome);
    } catch (error) {
      if (!isRequestFailure(error)) {
        // Nothing more may start while the run is ending.
        this.#isStopped = true;
        throw error;
      }
      result(id === "" && !mayHaveStarted(error) ? "not started" : "unknown", errorText(error));
      // The report of ids shows nothing for an operation without one, so its error is printed.
      if (!this.#options.wait) await this.#sayError(name, errorText(error));
      this.#progress.skipped(false);
      return exitCodeOfFailure(error);
    }
  }

  async #sayError(name: string, text: string): Promise<void> {
    await this.#say(`error: ${printable(name)}: ${printable(text)}`);
  }

  async #say(text: string): Promise<void> {
    this.#display?.pause();
    await printMessage(this.#runtime, text);
    this.#display?.resume();
  }
}

function errorOf(outcome: Outcome): string {
  if (outcome.kind === "unknown") return outcome.reason;
  if (!hasEnded(outcome) || outcome.kind === "done") return "";
  return outcome.note ?? outcome.status.error ?? "";
}
