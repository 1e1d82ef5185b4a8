import fc from "fast-check";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ManualClock, SystemClock } from "../../../src/mock/domain/clock.js";
import { type QueuedTimer, TimerQueue } from "../../../src/mock/domain/timer-queue.js";

describe("the timer queue", () => {
  it("returns its entries by time and then in the order they were added, without those cancelled", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ atMs: fc.nat(20), isTakenOut: fc.boolean() })), (wanted) => {
        const queue = new TimerQueue();
        const entries = wanted.map(({ atMs }, index) => queue.add(atMs, () => {}, index));
        for (const [index, entry] of entries.entries()) if (wanted[index]?.isTakenOut) entry.cancel();
        // A second cancel does nothing.
        for (const [index, entry] of entries.entries()) if (wanted[index]?.isTakenOut) entry.cancel();
        const given: unknown[] = [];
        for (let first = queue.first; first !== undefined; first = queue.first) {
          given.push(first.subject);
          first.cancel();
        }
        const expected = entries.filter((_, index) => !wanted[index]?.isTakenOut) as QueuedTimer<number>[];
        expect(given).toEqual(expected.toSorted((a, b) => a.atMs - b.atMs).map((entry) => entry.subject));
      }),
    );
  });

  it("can be cleared, and cancelling the old entries then does nothing", () => {
    const queue = new TimerQueue();
    const old = [1, 2].map((atMs) => queue.add(atMs, () => {}, "old"));
    queue.clear();
    expect(queue.size).toBe(0);
    const added = queue.add(3, () => {}, "new");
    for (const entry of old) entry.cancel();
    expect(queue.first).toBe(added);
  });
});

describe("the manual clock", () => {
  it("knows when the next action is due, and cancels everything when it is stopped", () => {
    const clock = new ManualClock(0);
    expect(clock.nextMs).toBeUndefined();
    for (const atMs of [20, 10]) clock.schedule(atMs, () => {}, undefined);
    expect([clock.nextMs, clock.scheduledCount]).toEqual([10, 2]);
    clock.stop();
    expect([clock.nextMs, clock.scheduledCount]).toEqual([undefined, 0]);
  });

  it("runs actions at their times when it is advanced, including those that they schedule", () => {
    const clock = new ManualClock(1_000);
    const ran: [string, number][] = [];
    const note = (name: string) => ran.push([name, clock.nowMs()]);
    clock.schedule(1_500, note, "second");
    clock.schedule(
      1_200,
      (name: string) => {
        note(name);
        clock.schedule(clock.nowMs() + 100, note, "follow-up");
      },
      "first",
    );
    clock.schedule(2_001, note, "too late");
    clock.advance(1_000);
    expect(ran).toEqual([
      ["first", 1_200],
      ["follow-up", 1_300],
      ["second", 1_500],
    ]);
    expect(clock.nowMs()).toBe(2_000);
  });
});

describe("the system clock", () => {
  afterEach(() => vi.useRealTimers());

  it("does not fire early if the time is further ahead than the longest timer", () => {
    vi.useFakeTimers();
    const clock = new SystemClock();
    const action = vi.fn();
    clock.schedule(clock.nowMs() + 2 ** 32 * 1000, action, undefined);
    vi.advanceTimersByTime(2 ** 32);
    expect(action).not.toHaveBeenCalled();
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("can be faster than real time", () => {
    vi.useFakeTimers();
    vi.advanceTimersByTime(5_000);
    const startMs = 1_000_000;
    const clock = new SystemClock({ speed: 60, startMs });
    expect(clock.nowMs()).toBe(startMs);
    const action = vi.fn();
    clock.schedule(startMs + 60_000, action, "due");
    vi.advanceTimersByTime(999);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(action).toHaveBeenCalledExactlyOnceWith("due");
    clock.stop();
  });

  it("shows an action in the past the time that it was scheduled for", () => {
    const clock = new SystemClock();
    let ranAtMs = 0;
    clock.schedule(
      5_000,
      () => {
        ranAtMs = clock.nowMs();
      },
      undefined,
    );
    const beforeMs = clock.nowMs();
    clock.catchUp();
    expect(ranAtMs).toBe(5_000);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(beforeMs);
    clock.stop();
  });

  it("runs actions that are due now, or scheduled by another action, without a call", () => {
    vi.useFakeTimers();
    const clock = new SystemClock({ startMs: 0 });
    const ran: string[] = [];
    clock.schedule(0, () => clock.schedule(-1, (name: string) => ran.push(name), "follow-up"), undefined);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(ran).toEqual(["follow-up"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("can be advanced, and runs what falls due", () => {
    vi.useFakeTimers();
    const clock = new SystemClock({ startMs: 0 });
    const action = vi.fn();
    clock.schedule(60_000, action, "due");
    clock.advance(59_999);
    expect(action).not.toHaveBeenCalled();
    clock.advance(1);
    expect(action).toHaveBeenCalledExactlyOnceWith("due");
    expect(clock.nowMs()).toBe(60_000);
  });

  it("goes on after an action that throws", () => {
    vi.useFakeTimers();
    const clock = new SystemClock({ startMs: 0 });
    const action = vi.fn();
    const fail = () => {
      throw new Error("broken");
    };
    clock.schedule(10, fail, undefined);
    clock.schedule(20, action, "later");
    expect(() => clock.advance(15)).toThrow("broken");
    expect(clock.nowMs()).toBe(15);
    vi.advanceTimersByTime(5);
    expect(action).toHaveBeenCalledExactlyOnceWith("later");
  });

  it("yields to the event loop after 8 ms", () => {
    vi.useFakeTimers({ toFake: ["setImmediate", "clearImmediate", "setTimeout", "clearTimeout"] });
    let nowMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    onTestFinished(() => void vi.restoreAllMocks());
    const clock = new SystemClock({ startMs: 0 });
    let ran = 0;
    const work = () => {
      ran++;
      nowMs += 4;
    };
    for (let i = 0; i < 5; i++) clock.schedule(0, work, undefined);
    const turns: number[] = [];
    while (vi.getTimerCount() > 0) {
      vi.advanceTimersToNextTimer();
      turns.push(ran);
    }
    expect(turns).toEqual([3, 5]);
  });
});
