import { vi } from "vitest";
import { ManualClock } from "../../src/mock/domain/clock.js";
import type { Clock } from "../../src/runtime/clock.js";

/** Turns of the event loop without a sign of life after which nobody has anything left to do. */
const QUIET_TURNS = 3;

/** Whoever is at work for so long in real time waits for what never comes. */
const LONGEST_WORK_MS = 30_000;

/**
 * The one time of a simulation: of the servers, of the clients, and of every timer of theirs. It stands still until all have done what
 * they can do now; so what happens follows from the seed alone.
 */
export class SimulatedTime {
  readonly clock = new ManualClock();
  readonly startMs = this.clock.nowMs();
  #signs = 0;

  get elapsedMs(): number {
    return this.clock.nowMs() - this.startMs;
  }

  /** What a command sees of it. @param count told of each sleep that begins (1) and ends (-1) */
  clockOf(count: (change: 1 | -1) => void): Clock {
    return {
      now: () => this.clock.nowMs(),
      monotonic: () => this.elapsedMs,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(abortError());
          const wake = (act: () => void) => {
            count(-1);
            signal?.removeEventListener("abort", giveUp);
            act();
          };
          const timer = this.after(ms, () => wake(resolve));
          const giveUp = () => {
            timer.cancel();
            wake(() => reject(abortError()));
          };
          count(1);
          signal?.addEventListener("abort", giveUp, { once: true });
        }),
    };
  }

  after(ms: number, action: () => void): SimulatedTimer {
    return new SimulatedTimer(this, Math.max(ms, 0), action);
  }

  /** Somebody does something: others may have to do something then. */
  sign(): void {
    this.#signs++;
  }

  /** Makes this the time of all timers of the process, until {@link giveBack}. */
  take(): void {
    const { clearTimeout: clearReal } = globalThis;
    vi.stubGlobal("setTimeout", (action: () => void, ms = 0) => this.after(ms, action));
    vi.stubGlobal("clearTimeout", (timer: unknown) => {
      if (timer instanceof SimulatedTimer) timer.cancel();
      else clearReal(timer as NodeJS.Timeout);
    });
  }

  giveBack(): void {
    vi.unstubAllGlobals();
  }

  /**
   * Resolves when nobody has anything left to do now.
   * @param isBusy whether somebody is at work on what takes no simulated time, such as a file
   */
  async settle(isBusy: () => boolean): Promise<void> {
    let seen = this.#signs;
    const patientUntilMs = performance.now() + LONGEST_WORK_MS;
    for (let quiet = 0; quiet < QUIET_TURNS || (isBusy() && performance.now() < patientUntilMs); quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen === this.#signs) continue;
      seen = this.#signs;
      quiet = 0;
    }
  }

  /** Goes on to what is due next. @returns whether anything is */
  goOn(): boolean {
    const { nextMs } = this.clock;
    if (nextMs === undefined) return false;
    this.clock.advance(Math.max(nextMs - this.clock.nowMs(), 0));
    return true;
  }
}

class SimulatedTimer {
  #scheduled: { cancel(): void };

  constructor(
    private readonly time: SimulatedTime,
    private readonly ms: number,
    private readonly action: () => void,
  ) {
    this.#scheduled = this.#schedule();
  }

  refresh(): this {
    this.#scheduled.cancel();
    this.#scheduled = this.#schedule();
    return this;
  }

  cancel(): void {
    this.#scheduled.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #schedule(): { cancel(): void } {
    const { clock } = this.time;
    const run = () => {
      this.time.sign();
      this.action();
    };
    return clock.schedule(clock.nowMs() + this.ms, run, undefined);
  }
}

const abortError = () =>
  Object.assign(new Error("The operation was aborted"), { name: "AbortError", code: "ABORT_ERR" });
