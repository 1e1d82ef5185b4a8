import type { LocatedStats } from "./nodes.js";

/** Whether there were any rows, no matter how many were shown. */
export class Matched {
  readonly #batches: AsyncIterator<LocatedStats[]>;
  #hasAny = false;

  constructor(batches: AsyncIterable<LocatedStats[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  async *rows(): AsyncGenerator<LocatedStats[]> {
    for (let batch = await this.#next(); batch !== undefined; batch = await this.#next()) yield batch;
  }

  async any(): Promise<boolean> {
    while (!this.#hasAny && (await this.#next()) !== undefined) {
      // With --limit, what comes first may not have been read.
    }
    return this.#hasAny;
  }

  async #next(): Promise<LocatedStats[] | undefined> {
    const { done, value } = await this.#batches.next();
    if (done === true) return undefined;
    this.#hasAny ||= value.length > 0;
    return value;
  }
}
