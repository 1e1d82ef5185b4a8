import { setMaxListeners } from "node:events";
import type { TaskManagerClient } from "../client/task-manager.js";
import { inParallel } from "../runtime/in-parallel.js";
import type { Outcome } from "./outcome.js";
import { exitCodeOfOutcome, hasEnded } from "./outcome.js";
import { type WaitForOneOptions, type WaitTarget, waitForOne } from "./wait-for-one.js";

/** Long polls open at once. Each takes a connection, and processes have a limit for these. */
export const MAX_WAITS = 1000;

export interface WaitForAllOptions extends Omit<WaitForOneOptions, "onTrouble"> {
  /** When to return early: with the first task that ends, or the first that does not succeed. */
  readonly until: "all" | "any" | "failure";
  /** Long polls open at once. */
  readonly maxConnections: number;
  /** Called once for all targets. */
  onTrouble(message: string): void;
  onOutcome(outcome: Outcome): void;
}

/**
 * Waits for many tasks in parallel, with a long poll each and no polling loop. With more tasks than connections, the
 * others follow as tasks end; a task that ends before its turn must still be kept by its server.
 * @returns the outcomes in the order of the targets; tasks that were not waited for until their end are left out
 * @throws RequestAbortedError, or the clock's AbortError, when the signal aborts
 */
export async function waitForAll(targets: readonly WaitTarget[], options: WaitForAllOptions): Promise<Outcome[]> {
  const enough = new AbortController();
  const outcomes = new Map<number, Outcome>();
  let hasReported = false;
  const taskOptions: WaitForOneOptions = {
    ...options,
    signal: AbortSignal.any([options.signal, enough.signal]),
    onTrouble(message) {
      if (hasReported) return;
      hasReported = true;
      options.onTrouble(message);
    },
  };
  // Each task that sleeps before a retry listens.
  setMaxListeners(0, taskOptions.signal);
  // The node of a later task has answered others meanwhile: it may restart, but it is reachable.
  const reached = new Set<TaskManagerClient>();
  const waitInTurn = async (target: WaitTarget, index: number) => {
    if (enough.signal.aborted) return;
    const isReached = target.reached || reached.has(target.client);
    // rest-api: a wait with no time left says nothing of any task, and each costs a request.
    const isTooLate = index >= options.maxConnections && options.deadline.hasPassed;
    const outcome: Outcome = isTooLate
      ? { kind: "timeout", id: target.id }
      : await (target.wait?.(taskOptions) ?? waitForOne({ ...target, reached: isReached }, taskOptions));
    if (enough.signal.aborted) return;
    if (outcome.kind !== "unknown" || outcome.isGone) reached.add(target.client);
    outcomes.set(index, outcome);
    options.onOutcome(outcome);
    const isLast =
      (options.until === "any" && hasEnded(outcome)) ||
      (options.until === "failure" && exitCodeOfOutcome(outcome) !== 0);
    if (isLast) enough.abort();
  };
  try {
    await Promise.all(inParallel(targets, options.maxConnections, waitInTurn));
  } catch (error) {
    if (options.signal.aborted || !enough.signal.aborted) throw error;
  }
  return [...outcomes].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
}
