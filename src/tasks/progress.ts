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

/** How far a task was at a time, in milliseconds since the epoch. */
export interface ProgressPoint {
  readonly atMs: number;
  readonly completed: number;
  readonly total: number;
}
