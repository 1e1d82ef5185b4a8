/** What is known of a task's progress at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly completed: number;
  readonly total: number;
}

/** Older samples than this say nothing about how fast the task is now. */
const WINDOW_MS = 30_000;

/** Measures how fast a task goes, from its recent past. */
export class RateMeter {
  #samples: Sample[] = [];

  add(sample: Sample): void {
    const previous = this.#samples.at(-1);
    // Units changed down the tree, or the task began anew: what came before tells nothing.
    if (previous !== undefined && sample.completed < previous.completed) this.#samples = [];
    this.#samples.push(sample);
    this.#samples = this.#samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS);
  }

  /** Units per second, or `undefined` where nothing can be said yet. */
  get unitsPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return ((last.completed - first.completed) * 1000) / (last.atMs - first.atMs);
  }

  /** Seconds until completion at this rate, or `undefined` where nothing can be said. */
  get remainingSeconds(): number | undefined {
    const rate = this.unitsPerSecond;
    const last = this.#samples.at(-1);
    if (rate === undefined || rate <= 0 || last === undefined || last.total <= last.completed) return undefined;
    return (last.total - last.completed) / rate;
  }
}
