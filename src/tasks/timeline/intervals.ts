import type { Interval, SpanTime } from "./span.js";

const NONE: readonly Interval[] = [];

/** The same times in order, joined where they overlap or touch. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  // Most lanes of single tasks have no interval, or one.
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

/** A duration, or the difference of two, in milliseconds; known to within `withinMs`, plus or minus. */
export interface MeasuredMs {
  readonly ms: number;
  readonly withinMs: number;
}

/** How long any of these lasted, with the range between the shortest and longest possible. */
export function lengthWithin(times: readonly SpanTime[]): MeasuredMs {
  const ms = lengthOf(merged(times));
  if (!times.some(({ within }) => within !== undefined)) return { ms, withinMs: 0 };
  const most = times.map(({ from, to, within }): Interval => ({ from: from - (within?.from ?? 0), to }));
  const least = times.map(({ from, to, within }): Interval => ({ from, to: Math.max(from, to - (within?.to ?? 0)) }));
  return { ms, withinMs: lengthOf(merged(most)) - lengthOf(merged(least)) };
}

/**
 * The parts of an interval that no other covers.
 * @param others as {@link merged} returns them
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
