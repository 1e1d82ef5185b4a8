/** A request that the mock received. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  /** The address of the node that received it. */
  readonly node: string;
}

/** The requests received, oldest first. It forgets the oldest, because a mock may run for weeks. */
export class RequestLog {
  readonly #requests: ReceivedRequest[] = [];

  constructor(private readonly capacity: number) {}

  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  add(request: ReceivedRequest): void {
    // Half of them at once: shifting the array for each request would cost more than answering it.
    if (this.#requests.length === this.capacity) this.#requests.splice(0, this.capacity / 2);
    this.#requests.push(request);
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
