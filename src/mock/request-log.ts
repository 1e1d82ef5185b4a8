/** A request that the mock received. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  /** The address of the node that received it. */
  readonly node: string;
}

/** The requests received, the latest last. It forgets the oldest: a mock may serve for weeks. */
export class RequestLog {
  readonly #requests: ReceivedRequest[] = [];

  constructor(private readonly capacity: number) {}

  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  add(request: ReceivedRequest): void {
    // Half at a time: to shift the array for each request would cost more than to answer it.
    if (this.#requests.length === this.capacity) this.#requests.splice(0, this.capacity / 2);
    this.#requests.push(request);
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
