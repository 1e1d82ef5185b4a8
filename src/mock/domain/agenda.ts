/** An action and when it is due: an entry of an {@link Agenda}. */
export class Appointment<T = unknown> {
  /** Its index in the agenda's heap; -1 once it has been removed. */
  place = -1;

  constructor(
    readonly atMs: number,
    readonly order: number,
    readonly action: (subject: T) => void,
    readonly subject: T,
    private readonly agenda: Agenda,
  ) {}

  /** Removes the entry from the agenda. Does nothing if it was removed before. */
  cancel(): void {
    this.agenda.remove(this as Appointment);
  }
}

/**
 * A binary heap of appointments: earliest first, and in the order they were added where times are equal. Each entry knows its
 * index, so that it can be removed early: the expiry of a task that is unregistered must not stay in memory until its ttl is over.
 */
export class Agenda {
  #heap: Appointment[] = [];
  #added = 0;

  get first(): Appointment | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  add<T>(atMs: number, action: (subject: T) => void, subject: T): Appointment<T> {
    const entry = new Appointment(atMs, this.#added++, action, subject, this);
    this.#heap.push(entry as Appointment);
    this.#rise(entry as Appointment, this.#heap.length - 1);
    return entry;
  }

  remove(entry: Appointment): void {
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

  #rise(entry: Appointment, from: number): void {
    let place = from;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.#heap[parentPlace] as Appointment;
      if (!isBefore(entry, parent)) break;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(entry, place);
  }

  #sink(entry: Appointment, from: number): void {
    const size = this.#heap.length;
    let place = from;
    for (;;) {
      let childPlace = 2 * place + 1;
      if (childPlace >= size) break;
      let child = this.#heap[childPlace] as Appointment;
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

  #put(entry: Appointment, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
