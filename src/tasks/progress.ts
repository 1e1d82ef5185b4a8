import type { TaskStatus } from "../client/wire.js";

/** The fields of a status that tell its progress. */
export type Progress = Pick<TaskStatus, "state" | "progress_completed" | "progress_total">;

/**
 * Progress in whole percent, rounded down: 0 to 99, and 100 only for a finished task, as a server may report more completed than
 * the total (docs/server: What goes wrong). `undefined` if it is not known: 0 of 0 (semantics 7).
 */
export function progressPercent({
  state,
  progress_completed: completed,
  progress_total: total,
}: Progress): number | undefined {
  if (typeof completed !== "number" || typeof total !== "number" || !(total > 0)) return undefined;
  const most = state === "done" || state === "failed" ? 100 : 99;
  return Math.min(Math.max(Math.floor((completed * 100) / total), 0), most);
}

/**
 * The amount of work that a task did: the total if it is done, otherwise what was completed. `undefined` if it is not known
 * (semantics 7).
 */
export function amountOf({
  state,
  progress_total: total = 0,
  progress_completed: completed = 0,
}: Progress): number | undefined {
  // semantics 25: the answer to a wait for a tablet task has the progress at the begin of the wait.
  const amount = state === "done" ? Math.max(total, completed) : completed;
  return total === 0 && completed === 0 ? undefined : amount;
}

/** Amount per second; `undefined` if amount or time is not known, or the time is too short. */
export function ratePerSecond(amount: number | undefined, ms: number | undefined): number | undefined {
  if (amount === undefined || ms === undefined || ms <= 0) return undefined;
  return Math.round((amount * 1e6) / ms) / 1000;
}

/** The progress of a task at a time, in milliseconds since the epoch. */
export interface ProgressPoint {
  readonly atMs: number;
  readonly completed: number;
  readonly total: number;
}
