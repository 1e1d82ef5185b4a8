import { Agenda } from "./agenda.js";

/** Something scheduled on a {@link Clock}. */
export interface Scheduled {
  /** Does nothing once it ran. */
  cancel(): void;
}

/**
 * The mock's time. Whatever waits, expires or progresses does it here, so that a test can advance hours in a moment.
 *
 * While an action runs, `nowMs()` is the time for which it was scheduled, even when it runs late: what is scheduled in the past
 * happens in the past, which is how a scenario gives its finished tasks their history.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls `action(subject)` at `atMs`; however far away that is, and never from within this call. */
  schedule<T>(atMs: number, action: (subject: T) => void, subject: T): Scheduled;
  /** Runs now what is due already, in the order of its times. */
  catchUp(): void;
  /** Moves on by `ms` at once, running on the way what falls due, also what the actions themselves schedule. */
  advance(ms: number): void;
  /** Forgets everything scheduled. */
  stop(): void;
}

/** A timer set further ahead than this fires at once (semantics: Traps). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** For how long actions run before the event loop gets its turn: a burst of expiries must not hold up the answers. */
const SLICE_MS = 8;

/** The time of day, or `speed` times it from `startMs` on. One timer serves all that is scheduled. */
export class SystemClock implements Clock {
  readonly #agenda = new Agenda();
  readonly #speed: number;
  #startMs: number;
  readonly #startedAtMs = performance.now();
  #actionMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: { speed?: number; startMs?: number } = {}) {
    this.#speed = options.speed ?? 1;
    this.#startMs = options.startMs ?? Date.now();
  }

  nowMs(): number {
    return this.#actionMs ?? this.#measureMs();
  }

  schedule<T>(atMs: number, action: (subject: T) => void, subject: T): Scheduled {
    const entry = this.#agenda.add(atMs, action, subject);
    if (entry.place === 0 && this.#actionMs === undefined) this.#wind();
    return entry;
  }

  catchUp(): void {
    this.#runDue(Number.POSITIVE_INFINITY);
  }

  advance(ms: number): void {
    this.#startMs += ms;
    this.catchUp();
  }

  stop(): void {
    this.#agenda.clear();
    this.#unwind();
  }

  #measureMs(): number {
    return this.#startMs + Math.floor((performance.now() - this.#startedAtMs) * this.#speed);
  }

  #runDue(sliceMs: number): void {
    this.#unwind();
    const sliceEndMs = performance.now() + sliceMs;
    try {
      for (;;) {
        const first = this.#agenda.first;
        if (first === undefined || first.atMs > this.#measureMs()) break;
        first.cancel();
        this.#actionMs = first.atMs;
        first.action(first.subject);
        if (performance.now() > sliceEndMs) break;
      }
    } finally {
      this.#actionMs = undefined;
      this.#wind();
    }
  }

  #wind(): void {
    this.#unwind();
    const first = this.#agenda.first;
    if (first === undefined) return;
    const delayMs = (first.atMs - this.#measureMs()) / this.#speed;
    if (delayMs <= 0) this.#immediate = setImmediate(() => this.#runDue(SLICE_MS));
    else this.#timer = setTimeout(() => this.#runDue(SLICE_MS), Math.min(Math.ceil(delayMs), LONGEST_TIMER_MS));
  }

  #unwind(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }
}

/** A clock that stands until it is advanced: for tests. */
export class ManualClock implements Clock {
  readonly #agenda = new Agenda();
  #nowMs: number;
  #actionMs: number | undefined;

  /** @param startMs - where it stands first; by default at the start of 2025 */
  constructor(startMs: number = Date.UTC(2025, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#actionMs ?? this.#nowMs;
  }

  schedule<T>(atMs: number, action: (subject: T) => void, subject: T): Scheduled {
    return this.#agenda.add(atMs, action, subject);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.catchUp();
  }

  catchUp(): void {
    try {
      for (;;) {
        const first = this.#agenda.first;
        if (first === undefined || first.atMs > this.#nowMs) break;
        first.cancel();
        this.#actionMs = first.atMs;
        first.action(first.subject);
      }
    } finally {
      this.#actionMs = undefined;
    }
  }

  stop(): void {
    this.#agenda.clear();
  }

  /** When the next action is due; `undefined` where none is scheduled. */
  get nextMs(): number | undefined {
    return this.#agenda.first?.atMs;
  }

  /** How many actions wait for their time. */
  get scheduledCount(): number {
    return this.#agenda.size;
  }
}
