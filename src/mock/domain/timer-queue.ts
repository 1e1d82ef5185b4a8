/** An action and when it is due: an entry of a {@link TimerQueue}. */
export class QueuedTimer<T = unknown> {
  /** Its index in the heap of the queue; -1 once it has been removed. */
  index = -1;

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
 * A binary heap of timers: earliest first; those of the same time in the order in which they were added. Each timer knows its
 * index, so that it can be removed early: the expiry of a task that was unregistered must not stay in memory until its ttl is over.
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
    if (entry.index < 0) return;
    const hole = entry.index;
    entry.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#rise(last, hole);
    if (last.index === hole) this.#sink(last, hole);
  }

  clear(): void {
    for (const entry of this.#heap) entry.index = -1;
    this.#heap = [];
  }

  #rise(entry: QueuedTimer, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex] as QueuedTimer;
      if (!isBefore(entry, parent)) break;
      this.#put(parent, index);
      index = parentIndex;
    }
    this.#put(entry, index);
  }

  #sink(entry: QueuedTimer, from: number): void {
    const size = this.#heap.length;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= size) break;
      let child = this.#heap[childIndex] as QueuedTimer;
      const right = this.#heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, entry)) break;
      this.#put(child, index);
      index = childIndex;
    }
    this.#put(entry, index);
  }

  #put(entry: QueuedTimer, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}

function isBefore(a: QueuedTimer, b: QueuedTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
