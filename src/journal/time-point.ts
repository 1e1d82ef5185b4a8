/** A point in time as typed: absolute, or relative to the time at which the command runs. */
export type TimePoint = { readonly atMs: number } | { readonly agoMs: number };

/** @param now milliseconds since the epoch */
export const timeAt = (point: TimePoint, now: number): number => ("atMs" in point ? point.atMs : now - point.agoMs);
