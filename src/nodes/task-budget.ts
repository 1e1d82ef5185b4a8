/**
 * How many tasks a command may read, so that a server that names ever more does not take all memory or all time. What is beyond
 * is said to be left out.
 */
export class TaskBudget {
  readonly #most: number;
  readonly #leftOut: Set<string>;
  #left: number;

  constructor(most: number, leftOut: Set<string>) {
    this.#most = most;
    this.#left = most;
    this.#leftOut = leftOut;
  }

  startRound(): void {
    this.#left = this.#most;
  }

  /** Whether any more may be read; to be asked where there is more. */
  mayRead(): boolean {
    if (this.#left === 0) this.#say();
    return this.#left > 0;
  }

  /** As many of the tasks as may still be read. */
  take<T>(tasks: readonly T[]): readonly T[] {
    if (tasks.length <= this.#left) {
      this.#left -= tasks.length;
      return tasks;
    }
    const taken = tasks.slice(0, this.#left);
    this.#left = 0;
    this.#say();
    return taken;
  }

  #say(): void {
    this.#leftOut.add(`only ${this.#most} tasks were read: --max-tasks allows more`);
  }

  /** Batches up to where the budget is spent: nothing is read after that. */
  async *within<T>(batches: AsyncIterable<T[]>): AsyncGenerator<T[]> {
    for await (const batch of batches) {
      const taken = this.take(batch);
      if (taken.length > 0 || batch.length === 0) yield taken as T[];
      if (taken.length < batch.length) return;
    }
  }

  /** {@link within}, all at once. */
  async collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
    const all: T[] = [];
    for await (const batch of this.within(batches)) for (const task of batch) all.push(task);
    return all;
  }
}
