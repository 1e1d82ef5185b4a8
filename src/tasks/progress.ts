import type { TaskStatus } from "../client/wire.js";

/** What of a status says how far its task is. */
export type Progress = Pick<TaskStatus, "state" | "progress_completed" | "progress_total">;

/**
 * How far a task is, in whole percent, rounded down: 0 to 99, and 100 only where it has finished, for a server may say that
 * more is completed than there is in total (docs/server: What goes wrong). `undefined` where nothing is known: 0 of 0
 * (semantics 7).
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

/** What a task came to: all that there was to do if it was done, else as far as it got. `undefined` if nothing is known (semantics 7). */
export function amountOf({
  state,
  progress_total: total = 0,
  progress_completed: completed = 0,
}: Progress): number | undefined {
  // semantics 25: the answer to a wait on a tablet task has the progress of when the wait began.
  const amount = state === "done" ? Math.max(total, completed) : completed;
  return total === 0 && completed === 0 ? undefined : amount;
}

/** Amount in a second; `undefined` if the amount or the time is not known, or too short to tell. */
export function ratePerSecond(amount: number | undefined, ms: number | undefined): number | undefined {
  if (amount === undefined || ms === undefined || ms <= 0) return undefined;
  return Math.round((amount * 1e6) / ms) / 1000;
}

/** How far a task was at a time, in milliseconds since the epoch. */
export interface ProgressPoint {
  readonly atMs: number;
  readonly completed: number;
  readonly total: number;
}
