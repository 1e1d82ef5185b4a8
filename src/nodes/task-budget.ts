import { memorySize } from "../client/memory-size.js";

/** Memory per task that may be read; a usual task takes less. */
const BYTES_FOR_TASK = 768;
const LEAST_BYTES = 64 * 1024 * 1024;

/**
 * Limits the number and memory of the tasks that a command reads, so that a server that keeps naming tasks cannot
 * exhaust memory or time. What is beyond the limit is reported as left out.
 */
export class TaskBudget {
  readonly #most: number;
  readonly #leftOut: Set<string>;
  #left: number;
  #bytesLeft: number;

  constructor(most: number, leftOut: Set<string>) {
    this.#most = most;
    this.#left = most;
    this.#bytesLeft = this.#mostBytes;
    this.#leftOut = leftOut;
  }

  startRound(): void {
    this.#left = this.#most;
    this.#bytesLeft = this.#mostBytes;
  }

  get #mostBytes(): number {
    return Math.max(LEAST_BYTES, this.#most * BYTES_FOR_TASK);
  }

  /** Whether more may be read; call it if there is more. */
  mayRead(): boolean {
    if (!this.#hasRoom) this.#say();
    return this.#hasRoom;
  }

  /** As many of the tasks as the budget allows. */
  take<T>(tasks: readonly T[]): readonly T[] {
    let taken = 0;
    for (; taken < tasks.length && this.#hasRoom; taken++) {
      this.#left--;
      this.#bytesLeft -= memorySize(tasks[taken]);
    }
    if (taken === tasks.length) return tasks;
    this.#say();
    return tasks.slice(0, taken);
  }

  get #hasRoom(): boolean {
    return this.#left > 0 && this.#bytesLeft > 0;
  }

  #say(): void {
    const some =
      this.#left === 0 ? `only ${this.#most} tasks were read` : "tasks that take too much memory were not read";
    this.#leftOut.add(`${some}: raise the limit with --max-tasks`);
  }

  /** Batches until the budget is spent; then nothing more is read. */
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
