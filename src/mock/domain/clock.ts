import { TimerQueue } from "./timer-queue.js";

/** Something scheduled on a {@link Clock}. */
export interface Scheduled {
  /** Does nothing if it has run already. */
  cancel(): void;
}

/**
 * The mock's time. Everything that waits, expires or progresses uses it, so a test can advance hours in a moment.
 *
 * While an action runs, `nowMs()` is the time that the action was scheduled for, even if it runs late. So a scenario can play in
 * the past, and its tasks have the times at which they would have started and ended.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls `action(subject)` at `atMs`, however far away that is, and never before this call returns. */
  schedule<T>(atMs: number, action: (subject: T) => void, subject: T): Scheduled;
  /** Runs everything that is due by now, earliest first. */
  catchUp(): void;
  /** Moves time forward by `ms`, and runs everything that falls due, including what those actions schedule. */
  advance(ms: number): void;
  /** Cancels everything that is scheduled. */
  stop(): void;
}

/** A timer of Node that is set further ahead fires at once (semantics: Traps). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long actions may run before the event loop gets a turn: answers should not wait when many tasks expire at once. */
const SLICE_MS = 8;

/** Real time, or `speed` times as fast, from `startMs` on. One timer serves everything that is scheduled. */
export class SystemClock implements Clock {
  readonly #queue = new TimerQueue();
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
    const entry = this.#queue.add(atMs, action, subject);
    if (entry.index === 0 && this.#actionMs === undefined) this.#wind();
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
    this.#queue.clear();
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
        const first = this.#queue.first;
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
    const first = this.#queue.first;
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

/** A clock that only moves when a test advances it. */
export class ManualClock implements Clock {
  readonly #queue = new TimerQueue();
  #nowMs: number;
  #actionMs: number | undefined;

  /** @param startMs - its first time; the start of 2025 by default */
  constructor(startMs: number = Date.UTC(2025, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#actionMs ?? this.#nowMs;
  }

  schedule<T>(atMs: number, action: (subject: T) => void, subject: T): Scheduled {
    return this.#queue.add(atMs, action, subject);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.catchUp();
  }

  catchUp(): void {
    try {
      for (;;) {
        const first = this.#queue.first;
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
    this.#queue.clear();
  }

  /** When the next action is due; `undefined` if nothing is scheduled. */
  get nextMs(): number | undefined {
    return this.#queue.first?.atMs;
  }

  /** How many actions are scheduled. */
  get scheduledCount(): number {
    return this.#queue.size;
  }
}
