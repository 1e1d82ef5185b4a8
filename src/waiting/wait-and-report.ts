import { messageOf } from "../cli/failure.js";
import { isNotAbortable, TaskManagerError } from "../client/errors.js";
import type { ExitCode } from "../exit-codes.js";
import { type AskedNodes, ofNodes } from "../format/reports/report.js";
import { taskStatus, taskStatuses } from "../format/reports/task-reports.js";
import type { ColorMode } from "../format/terminal/terminal.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { Deadline } from "./deadline.js";
import { exitCodeOf, gravest, type Outcome } from "./outcome.js";
import { openProgressDisplay, type ProgressDisplay, type ProgressMode } from "./progress-display.js";
import { showProgress } from "./progress-show.js";
import { readOrNot, tell } from "./tell.js";
import { waitForAll } from "./wait-for-all.js";
import type { WaitTarget } from "./wait-for-task.js";

export interface WaitingOptions {
  readonly quiet: boolean;
  readonly timeoutMs: number | undefined;
  readonly retryForMs: number;
  readonly progress: ProgressMode;
  readonly color: ColorMode;
  readonly abortOnTimeout: boolean;
  /** When to end before the last: with the first to end, or with the first that did not end well. */
  readonly until: "all" | "any" | "failure";
  /** What a user types before `wait ID` to come back to the same nodes. */
  readonly sameNodes: string;
}

/** A wait whose result is printed. */
export interface ReportedWait extends WaitingOptions {
  readonly output: Output;
  /** Whether the result is a list, of one task too. Default: where there are several tasks. */
  readonly isList?: boolean;
}

type Say = (text: string) => Promise<void>;

/** Long polls held open at once. Each is a connection, and few systems let a process have many more. */
export const MAX_WAITS = 1000;
/** Messages of one kind; of a thousand tasks on a node that is gone, more say nothing new. */
const MAX_MESSAGES = 10;

/**
 * Waits for tasks, shows how far they are, prints how they ended.
 * @param nodes those that were asked: who did not answer stands beside a list of tasks
 * @returns the exit code that tells how they ended, the gravest of all
 * @throws RequestAbortedError when the user interrupts; the tasks go on, and stderr says how to get back to them
 */
export async function waitAndReport(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  nodes: AskedNodes,
  options: ReportedWait,
): Promise<ExitCode> {
  const display = await openProgressDisplay(runtime, options.progress, options.color);
  const say = async (text: string) => {
    display?.pause();
    await tell(runtime, text);
    display?.resume();
  };
  let outcomes: Outcome[];
  try {
    outcomes = await waitWithProgress(runtime, targets, options, display, say);
  } catch (error) {
    if (runtime.interrupt.aborted) {
      display?.stop();
      await tell(runtime, wayBack(targets, options.sameNodes));
    }
    throw error;
  } finally {
    display?.stop();
  }
  await readOrNot(report(runtime, targets.length, outcomes, nodes, options));
  // One that ended is what --any waits for, whatever became of the others.
  const ended = options.until === "any" ? outcomes.find(({ kind }) => kind === "ended") : undefined;
  return ended === undefined ? gravest(outcomes) : exitCodeOf(ended);
}

async function waitWithProgress(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  options: WaitingOptions,
  display: ProgressDisplay | undefined,
  say: Say,
): Promise<Outcome[]> {
  const { clock, interrupt: signal } = runtime;
  const progress = showProgress(runtime, targets, display);
  try {
    const outcomes = await waitForAll(targets, {
      clock,
      retryForMs: options.retryForMs,
      signal,
      maxConnections: MAX_WAITS,
      deadline: new Deadline(clock, options.timeoutMs),
      until: options.until,
      onTrouble: (message) => void say(`warning: ${messageOf(message)}`),
      onOutcome: progress.onOutcome,
    });
    if (options.abortOnTimeout) {
      const late = new Set(outcomes.filter(({ kind }) => kind === "timeout").map(({ id }) => id));
      await abortLate(
        runtime,
        targets.filter(({ id }) => late.has(id)),
        options.retryForMs,
        say,
      );
    }
    // They count as timed out however they ended now: what was promised is that they have ended.
    return outcomes;
  } finally {
    progress.stop();
  }
}

/** Aborts tasks whose time is over, and waits until those that could be aborted have ended. */
export async function abortLate(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  retryForMs: number,
  say: Say,
): Promise<void> {
  const requested = await Promise.all(targets.map((target) => requestAbort(target, runtime.interrupt, say)));
  await waitForEnds(
    runtime,
    targets.filter((_, index) => requested[index]),
    retryForMs,
    say,
  );
}

/** @returns whether the task was asked to stop, so that its end is worth waiting for */
async function requestAbort({ id, client }: WaitTarget, signal: AbortSignal, say: Say): Promise<boolean> {
  try {
    await client.abortTask(id, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof TaskManagerError) || signal.aborted) throw error;
    const reason = isNotAbortable(error) ? "it is not abortable" : messageOf(error);
    await say(`warning: task ${printable(id)} could not be aborted: ${reason}`);
    return false;
  }
}

/**
 * Waits until tasks whose abort was requested have ended, however they do; what its server no longer knows has ended.
 * @returns whether all have, as far as anybody can say
 */
export async function waitForEnds(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  retryForMs: number,
  say: Say,
): Promise<boolean> {
  const outcomes = await waitForAll(targets, {
    clock: runtime.clock,
    signal: runtime.interrupt,
    retryForMs,
    deadline: new Deadline(runtime.clock, undefined),
    until: "all",
    maxConnections: MAX_WAITS,
    onTrouble: (message) => void say(`warning: ${messageOf(message)}`),
    onOutcome: () => {},
  });
  const messages = outcomes.flatMap((outcome) =>
    outcome.kind === "unknown" && !outcome.isGone
      ? [`error: whether task ${printable(outcome.id)} has ended is unknown: ${messageOf(outcome.reason)}`]
      : [],
  );
  await sayFirst(messages, say);
  return messages.length === 0;
}

async function sayFirst(messages: readonly string[], say: Say): Promise<void> {
  for (const message of messages.slice(0, MAX_MESSAGES)) await say(message);
  if (messages.length > MAX_MESSAGES) await say(`... and ${messages.length - MAX_MESSAGES} more`);
}

function wayBack(targets: readonly WaitTarget[], sameNodes: string): string {
  const ids = targets.slice(0, MAX_MESSAGES).map(({ id }) => printable(id));
  const more = targets.length > ids.length ? " ..." : "";
  const subject =
    targets.length === 1 ? "the task goes on; to wait for it again" : "the tasks go on; to wait for them again";
  return `${subject}: ${printable(sameNodes)} wait ${ids.join(" ")}${more}`;
}

async function report(
  runtime: Runtime,
  targetCount: number,
  outcomes: readonly Outcome[],
  nodes: AskedNodes,
  { quiet, output, isList = targetCount > 1 }: ReportedWait,
): Promise<void> {
  const statuses = outcomes.flatMap((outcome) => (outcome.kind === "ended" ? [outcome.status] : []));
  const isLate = outcomes.some(({ kind }) => kind === "timeout");
  if (!quiet) {
    const [only] = statuses;
    if (isList) await output.print(ofNodes(taskStatuses(statuses), "tasks", nodes));
    else if (only !== undefined) await output.print(taskStatus(only));
    if (isLate) await output.remark("Operation timed out");
  }
  const messages = outcomes.flatMap((outcome) => {
    const id = printable(outcome.id);
    if (outcome.kind === "unknown") return [`error: ${messageOf(outcome.reason)}`];
    if (outcome.kind === "timeout") return targetCount > 1 ? [`error: task ${id} did not end in time`] : [];
    return outcome.status.state === "suspended"
      ? [`warning: task ${id} was suspended: set aside, neither done nor failed`]
      : [];
  });
  await sayFirst(messages, (text) => tell(runtime, text));
}
