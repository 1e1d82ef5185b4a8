import { describe, expect, test } from "vitest";
import { Deadline, inTime } from "../../src/waiting/deadline.js";
import { manualClock } from "./stage.js";

describe("a deadline", () => {
  test("comes when its time is over", async () => {
    const clock = manualClock();
    const deadline = new Deadline(clock, 500);
    const seen = () => [deadline.remainingMs, deadline.hasPassed];
    expect(seen()).toEqual([500, false]);
    await clock.advance(499);
    expect(seen()).toEqual([1, false]);
    await clock.advance(1);
    expect(seen()).toEqual([0, true]);
    await clock.advance(1000);
    expect(seen()).toEqual([0, true]);
    expect(deadline.isFinite).toBe(true);
  });

  test("never comes without a timeout", () => {
    const deadline = new Deadline(manualClock(), undefined);
    expect([deadline.remainingMs, deadline.hasPassed, deadline.isFinite]).toEqual([
      Number.POSITIVE_INFINITY,
      false,
      false,
    ]);
  });
});

describe("work with a limit", () => {
  /** Work that ends when the test says so, and whether the clock still sleeps for it. */
  function staged() {
    const clock = manualClock();
    const interrupt = new AbortController();
    let sleeping: AbortSignal | undefined;
    const watched = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        sleeping = signal;
        return clock.sleep(ms, signal);
      },
    };
    const ends = {} as { resolve: (text: string) => void; reject: (error: Error) => void };
    const work = new Promise<string>((resolve, reject) => Object.assign(ends, { resolve, reject }));
    const result = inTime(work, 500, { clock: watched, signal: interrupt.signal });
    return { ...ends, clock, interrupt, result, isSleeping: () => sleeping?.aborted === false };
  }

  test("has its result in time, and sleeps no longer", async () => {
    const { clock, resolve, result, isSleeping } = staged();
    await clock.advance(499);
    expect(isSleeping()).toBe(true);
    resolve("done");
    expect(await result).toBe("done");
    expect(isSleeping()).toBe(false);
  });

  test("fails as the work does", async () => {
    const { reject, result } = staged();
    reject(new Error("broken"));
    await expect(result).rejects.toThrow("broken");
  });

  test("has no result when the time is over, whatever becomes of the work", async () => {
    const { clock, reject, result } = staged();
    await clock.advance(500);
    expect(await result).toBeUndefined();
    reject(new Error("too late: nobody hears of it"));
    await clock.advance(1);
  });

  test("ends with the signal", async () => {
    const { interrupt, result } = staged();
    interrupt.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
  });
});
