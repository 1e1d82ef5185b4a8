import { scaleUtc } from "d3-scale";
import type { Interval } from "../../tasks/timeline/span.js";

export interface Tick {
  readonly ms: number;
  readonly text: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** About this many round times on a time axis, with labels in UTC, no finer than seconds. */
export function timeTicks({ from, to }: Interval, about: number): Tick[] {
  const times = scaleUtc()
    .domain([from, to])
    .ticks(Math.max(1, about))
    .map((date) => date.getTime())
    .filter((ms) => ms % 1000 === 0);
  const isFine = times.some((ms) => ms % MINUTE_MS !== 0);
  const isWholeDays = times.every((ms) => ms % DAY_MS === 0);
  return times.map((ms) => {
    const [date = "", time = ""] = new Date(ms).toISOString().split("T");
    if (isWholeDays) return { ms, text: date };
    return { ms, text: ms % DAY_MS === 0 ? date.slice(5) : time.slice(0, isFine ? 8 : 5) };
  });
}
