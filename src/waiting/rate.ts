/** A sample of a task's progress. */
export interface ProgressSample {
  readonly atMs: number;
  readonly completed: number;
  readonly total: number;
}

/** Older samples do not count for the current rate. */
const WINDOW_MS = 30_000;

/** Measures the rate of a task from recent samples. */
export class RateMeter {
  #samples: ProgressSample[] = [];

  add(sample: ProgressSample): void {
    const previous = this.#samples.at(-1);
    // The units changed, or the task started again: older samples do not count.
    if (previous !== undefined && sample.completed < previous.completed) this.#samples = [];
    this.#samples.push(sample);
    this.#samples = this.#samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS);
  }

  /** Units per second, or `undefined` if unknown. */
  get unitsPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return ((last.completed - first.completed) * 1000) / (last.atMs - first.atMs);
  }

  /** Seconds until completion at this rate, or `undefined` if unknown. */
  get remainingSeconds(): number | undefined {
    const rate = this.unitsPerSecond;
    const last = this.#samples.at(-1);
    if (rate === undefined || rate <= 0 || last === undefined || last.total <= last.completed) return undefined;
    return (last.total - last.completed) / rate;
  }
}
