/** Runs at most `limit` pieces of work at once, over all callers; the others wait in a queue. */
export class Turns {
  readonly #limit: number;
  /** Those before `#next` have had their turn. No Set: to find the first of what is left in one takes longer the more has left it. */
  #line: (() => void)[] = [];
  #next = 0;
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#line[this.#next++];
      if (this.#next * 2 > this.#line.length) {
        this.#line = this.#line.slice(this.#next);
        this.#next = 0;
      }
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/**
 * Does the work for every item, several at once.
 * @param limit how many at once, or a limiter shared with others
 * @returns the results in the order of the items; a rejection is not unhandled before it is awaited
 */
export function inParallel<T, R>(
  items: Iterable<T>,
  limit: number | Turns,
  work: (item: T, index: number) => Promise<R>,
): Promise<R>[] {
  const turns = typeof limit === "number" ? new Turns(limit) : limit;
  return Array.from(items, (item, index) => {
    const result = turns.take(() => work(item, index));
    result.catch(() => {});
    return result;
  });
}
