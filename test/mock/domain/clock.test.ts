import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Agenda, type Appointment } from "../../../src/mock/domain/agenda.js";
import { ManualClock, SystemClock } from "../../../src/mock/domain/clock.js";

describe("the agenda", () => {
  it("gives its entries in the order of their times, then of their coming, without those taken out", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ atMs: fc.nat(20), isTakenOut: fc.boolean() })), (wanted) => {
        const agenda = new Agenda();
        const entries = wanted.map(({ atMs }, index) => agenda.add(atMs, () => {}, index));
        for (const [index, entry] of entries.entries()) if (wanted[index]?.isTakenOut) entry.cancel();
        const given: unknown[] = [];
        for (let first = agenda.first; first !== undefined; first = agenda.first) {
          given.push(first.subject);
          first.cancel();
        }
        const expected = entries.filter((_, index) => !wanted[index]?.isTakenOut) as Appointment<number>[];
        expect(given).toEqual(expected.toSorted((a, b) => a.atMs - b.atMs).map((entry) => entry.subject));
      }),
    );
  });
});

describe("the manual clock", () => {
  it("runs on its way what falls due, at its time, with what that schedules", () => {
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

  it("does not fire what is further ahead than a timer can be", () => {
    vi.useFakeTimers();
    const clock = new SystemClock();
    const action = vi.fn();
    clock.schedule(clock.nowMs() + 2 ** 32 * 1000, action, undefined);
    vi.advanceTimersByTime(2 ** 32);
    expect(action).not.toHaveBeenCalled();
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes faster than time when told so", () => {
    vi.useFakeTimers();
    const clock = new SystemClock({ speed: 60, startMs: 0 });
    const action = vi.fn();
    clock.schedule(60_000, action, "due");
    vi.advanceTimersByTime(999);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(action).toHaveBeenCalledExactlyOnceWith("due");
    clock.stop();
  });

  it("runs what is in the past at the time it was meant for", () => {
    const clock = new SystemClock();
    let ranAtMs = 0;
    clock.schedule(
      5_000,
      () => {
        ranAtMs = clock.nowMs();
      },
      undefined,
    );
    clock.catchUp();
    expect(ranAtMs).toBe(5_000);
    clock.stop();
  });
});
