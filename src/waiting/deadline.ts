import type { Clock } from "../runtime/clock.js";

/**
 * A deadline on a monotonic clock, so that setting the system clock has no effect. Without a timeout, it never passes.
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

/**
 * Waits for work up to a time limit.
 * @returns `undefined` if the limit comes first: the work goes on, and its result is ignored
 * @throws what the work throws in time; `AbortError` when the signal aborts
 */
export async function inTime<T>(
  work: Promise<T>,
  limitMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const over = new AbortController();
  const late = clock.sleep(limitMs, AbortSignal.any([signal, over.signal])).then(() => undefined);
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
