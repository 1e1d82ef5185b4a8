/** An action and when it is due: an entry of a {@link TimerQueue}. */
export class QueuedTimer<T = unknown> {
  /** Its index in the heap of the queue; -1 once it has been removed. */
  place = -1;

  constructor(
    readonly atMs: number,
    readonly order: number,
    readonly action: (subject: T) => void,
    readonly subject: T,
    private readonly queue: TimerQueue,
  ) {}

  /** Removes the timer from the queue. Does nothing if it was removed before. */
  cancel(): void {
    this.queue.remove(this as QueuedTimer);
  }
}

/**
 * A binary heap of timers: earliest first, and in the order they were added where times are equal. Each timer knows its
 * index, so that it can be removed early: the expiry of a task that is unregistered must not stay in memory until its ttl is over.
 */
export class TimerQueue {
  #heap: QueuedTimer[] = [];
  #added = 0;

  get first(): QueuedTimer | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  add<T>(atMs: number, action: (subject: T) => void, subject: T): QueuedTimer<T> {
    const entry = new QueuedTimer(atMs, this.#added++, action, subject, this);
    this.#heap.push(entry as QueuedTimer);
    this.#rise(entry as QueuedTimer, this.#heap.length - 1);
    return entry;
  }

  remove(entry: QueuedTimer): void {
    if (entry.place < 0) return;
    const hole = entry.place;
    entry.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#rise(last, hole);
    if (last.place === hole) this.#sink(last, hole);
  }

  clear(): void {
    for (const entry of this.#heap) entry.place = -1;
    this.#heap = [];
  }

  #rise(entry: QueuedTimer, from: number): void {
    let place = from;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.#heap[parentPlace] as QueuedTimer;
      if (!isBefore(entry, parent)) break;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(entry, place);
  }

  #sink(entry: QueuedTimer, from: number): void {
    const size = this.#heap.length;
    let place = from;
    for (;;) {
      let childPlace = 2 * place + 1;
      if (childPlace >= size) break;
      let child = this.#heap[childPlace] as QueuedTimer;
      const right = this.#heap[childPlace + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childPlace++;
      }
      if (!isBefore(child, entry)) break;
      this.#put(child, place);
      place = childPlace;
    }
    this.#put(entry, place);
  }

  #put(entry: QueuedTimer, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}

function isBefore(a: QueuedTimer, b: QueuedTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
