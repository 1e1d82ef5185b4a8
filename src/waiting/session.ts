import { HttpStatusError, TaskManagerError } from "../client/errors.js";
import type { Context } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { messageOf } from "../failure.js";
import { printable } from "../format/printable.js";
import { taskStatus, taskStatuses } from "../format/task-reports.js";
import type { Output } from "../output.js";
import { Deadline } from "./deadline.js";
import { exitCodeOf, gravest, type Outcome } from "./outcome.js";
import { openProgressDisplay, type ProgressDisplay, type ProgressMode } from "./progress-display.js";
import { showProgress } from "./progress-show.js";
import { waitForAll } from "./wait-for-all.js";
import type { WaitTarget } from "./wait-for-task.js";

export interface WaitingOptions {
  readonly quiet: boolean;
  readonly timeoutMs: number | undefined;
  readonly retryForMs: number;
  readonly progress: ProgressMode;
  readonly abortOnTimeout: boolean;
  /** When to end before the last: with the first to end, or with the first that did not end well. */
  readonly until: "all" | "any" | "failure";
}

/** Long polls held open at once. Each is a connection, and few systems let a process have many more. */
export const MAX_WAITS = 1000;
/** Messages of one kind; of a thousand tasks on a node that is gone, more say nothing new. */
const MAX_MESSAGES = 10;

/**
 * Waits for tasks, shows how far they are, prints how they ended.
 * @returns the exit code that tells how they ended, the gravest of all
 * @throws RequestAbortedError when the user interrupts; the tasks go on, and stderr says how to get back to them
 */
export async function waitAndReport(
  context: Context,
  targets: readonly WaitTarget[],
  options: WaitingOptions & { readonly output: Output },
): Promise<ExitCode> {
  const display = await openProgressDisplay(context, options.progress);
  const say = async (text: string) => {
    display?.pause();
    await context.stderr.write(`${text}\n`);
    display?.resume();
  };
  let outcomes: Outcome[];
  try {
    outcomes = await waitWithProgress(context, targets, options, display, say);
  } catch (error) {
    if (context.interrupt.aborted) {
      display?.stop();
      await context.stderr.write(wayBack(targets));
    }
    throw error;
  } finally {
    display?.stop();
  }
  return await report(context, targets.length, outcomes, options);
}

async function waitWithProgress(
  context: Context,
  targets: readonly WaitTarget[],
  options: WaitingOptions,
  display: ProgressDisplay | undefined,
  say: (text: string) => Promise<void>,
): Promise<Outcome[]> {
  const { clock, interrupt: signal } = context;
  const terms = {
    clock,
    retryForMs: options.retryForMs,
    signal,
    maxConnections: MAX_WAITS,
    onTrouble: (message: string) => void say(`warning: ${messageOf(new Error(message))}`),
  };
  const progress = showProgress(context, targets, display);
  try {
    const outcomes = await waitForAll(targets, {
      ...terms,
      deadline: new Deadline(clock, options.timeoutMs),
      until: options.until,
      onOutcome: progress.onOutcome,
    });
    const late = new Set(outcomes.filter(({ kind }) => kind === "timeout").map(({ id }) => id));
    if (!options.abortOnTimeout || late.size === 0) return outcomes;
    const aborting: WaitTarget[] = [];
    for (const target of targets.filter(({ id }) => late.has(id))) {
      if (await abortLate(target, signal, say)) aborting.push(target);
    }
    await waitForEnds(context, aborting, options.retryForMs, say);
    // They count as timed out however they ended now: what was promised is that they have ended.
    return outcomes;
  } finally {
    progress.stop();
  }
}

/** @returns whether the task was asked to stop, so that its end is worth waiting for */
async function abortLate(
  { id, client }: WaitTarget,
  signal: AbortSignal,
  say: (text: string) => Promise<void>,
): Promise<boolean> {
  try {
    await client.abortTask(id, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof TaskManagerError) || signal.aborted) throw error;
    const reason = error instanceof HttpStatusError && error.status === 403 ? "it is not abortable" : messageOf(error);
    await say(`warning: task ${printable(id)} could not be aborted: ${reason}`);
    return false;
  }
}

/**
 * Waits until tasks whose abort was requested have ended, however they do; what its server no longer knows has ended.
 * @returns whether all have, as far as anybody can say
 */
export async function waitForEnds(
  context: Context,
  targets: readonly WaitTarget[],
  retryForMs: number,
  say: (text: string) => Promise<void>,
): Promise<boolean> {
  const outcomes = await waitForAll(targets, {
    clock: context.clock,
    signal: context.interrupt,
    retryForMs,
    deadline: new Deadline(context.clock, undefined),
    until: "all",
    maxConnections: MAX_WAITS,
    onTrouble: (message) => void say(`warning: ${messageOf(new Error(message))}`),
    onOutcome: () => {},
  });
  const unknown = outcomes.filter((outcome) => outcome.kind === "unknown" && !outcome.isGone);
  for (const outcome of unknown) {
    if (outcome.kind === "unknown")
      await say(
        `error: whether task ${printable(outcome.id)} has ended is unknown: ${messageOf(new Error(outcome.reason))}`,
      );
  }
  return unknown.length === 0;
}

function wayBack(targets: readonly WaitTarget[]): string {
  const ids = targets.slice(0, MAX_MESSAGES).map(({ id }) => printable(id));
  const more = targets.length > ids.length ? " ..." : "";
  const subject =
    targets.length === 1 ? "the task goes on; to wait for it again" : "the tasks go on; to wait for them again";
  return `${subject}: tasks wait ${ids.join(" ")}${more}\n`;
}

async function report(
  context: Context,
  targetCount: number,
  outcomes: readonly Outcome[],
  { quiet, until, output }: WaitingOptions & { readonly output: Output },
): Promise<ExitCode> {
  const statuses = outcomes.flatMap((outcome) => (outcome.kind === "ended" ? [outcome.status] : []));
  if (!quiet) {
    const [only] = statuses;
    if (targetCount > 1) await output.print(taskStatuses(statuses));
    else if (only !== undefined) await output.print(taskStatus(only));
    if (outcomes.some(({ kind }) => kind === "timeout")) await output.remark("Operation timed out");
  }
  const messages = outcomes.flatMap((outcome) => {
    if (outcome.kind === "unknown") return [`error: ${messageOf(new Error(outcome.reason))}`];
    if (outcome.kind === "ended" && outcome.status.state === "suspended") {
      return [`warning: task ${printable(outcome.id)} was suspended: set aside, neither done nor failed`];
    }
    return [];
  });
  for (const message of messages.slice(0, MAX_MESSAGES)) await context.stderr.write(`${message}\n`);
  if (messages.length > MAX_MESSAGES) {
    await context.stderr.write(`... and ${messages.length - MAX_MESSAGES} more\n`);
  }
  // One that ended is what --any waits for, whatever became of the others.
  const ended = until === "any" ? outcomes.find(({ kind }) => kind === "ended") : undefined;
  return ended === undefined ? gravest(outcomes) : exitCodeOf(ended);
}
