import type { Clock } from "../runtime/clock.js";

/**
 * A point in time of a monotonic clock: changing the machine's time moves no deadline. Without a timeout it
 * never comes.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #atMs: number;

  constructor(clock: Clock, timeoutMs: number | undefined) {
    this.#clock = clock;
    this.#atMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonic());
  }

  get isFinite(): boolean {
    return Number.isFinite(this.#atMs);
  }

  get hasPassed(): boolean {
    return this.remainingMs === 0;
  }
}
