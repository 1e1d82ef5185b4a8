import { promises as timers } from "node:timers";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that is never set back or forward. */
  monotonic(): number;
  /** Rejects with an `AbortError` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** 24.8 days. A longer timer of Node would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    let leftMs = ms;
    do {
      await timers.setTimeout(Math.min(leftMs, LONGEST_TIMER_MS), undefined, { signal });
      leftMs -= LONGEST_TIMER_MS;
    } while (leftMs > 0);
  },
};
