import type { Interval, SpanTime } from "./span.js";

const NONE: readonly Interval[] = [];

/** The same times, in order, and none of them overlapping or touching another. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  // Most lanes of single tasks have none, or one.
  if (intervals.length === 0) return NONE;
  if (intervals.length === 1) return intervals;
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...intervals].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

export function lengthOf(intervals: readonly Interval[]): number {
  let length = 0;
  for (const { from, to } of intervals) length += to - from;
  return length;
}

/** A length of time, or a difference of two, in milliseconds; known within so many, more or less. */
export interface MeasuredMs {
  readonly ms: number;
  readonly withinMs: number;
}

/** For how long any of these went on, with the span between the least and the most that it can have been. */
export function lengthWithin(times: readonly SpanTime[]): MeasuredMs {
  const ms = lengthOf(merged(times));
  if (!times.some(({ within }) => within !== undefined)) return { ms, withinMs: 0 };
  const most = times.map(({ from, to, within }): Interval => ({ from: from - (within?.from ?? 0), to }));
  const least = times.map(({ from, to, within }): Interval => ({ from, to: Math.max(from, to - (within?.to ?? 0)) }));
  return { ms, withinMs: lengthOf(merged(most)) - lengthOf(merged(least)) };
}

/**
 * What of a time is in none of the others.
 * @param others as {@link merged} gives them
 */
export function remainder({ from, to }: Interval, others: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let at = from;
  for (const other of others) {
    if (other.from > at) left.push({ from: at, to: Math.min(other.from, to) });
    at = Math.max(at, other.to);
    if (at >= to) return left;
  }
  left.push({ from: at, to });
  return left;
}
