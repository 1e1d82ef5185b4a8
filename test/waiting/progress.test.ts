import { describe, expect, test } from "vitest";
import { duration } from "../../src/format/text/duration.js";
import { progressText } from "../../src/waiting/progress-text.js";
import { RateMeter } from "../../src/waiting/rate.js";

const STATUS = {
  type: "repair",
  keyspace: "shop",
  table: "orders",
  progress_units: "ranges",
  progress_completed: 128,
  progress_total: 512,
};
const PACE = { unitsPerSecond: 12.345, remainingSeconds: 31, elapsedSeconds: 192 };

describe("RateMeter", () => {
  test("measures the recent past only", () => {
    const meter = new RateMeter();
    for (const [atMs, completed] of [
      [0, 0],
      [100_000, 10],
      [110_000, 30],
      [120_000, 50],
    ] as const) {
      meter.add({ atMs, completed, total: 100 });
    }
    expect(meter.unitsPerSecond).toBe(2);
    expect(meter.remainingSeconds).toBe(25);
  });

  test("says nothing from one sample, from none, or where nothing moves", () => {
    const meter = new RateMeter();
    expect(meter.unitsPerSecond).toBeUndefined();
    meter.add({ atMs: 0, completed: 5, total: 10 });
    expect(meter.unitsPerSecond).toBeUndefined();
    meter.add({ atMs: 1000, completed: 5, total: 10 });
    expect(meter.unitsPerSecond).toBe(0);
    expect(meter.remainingSeconds).toBeUndefined();
  });

  test("begins anew where progress went back", () => {
    const meter = new RateMeter();
    meter.add({ atMs: 0, completed: 90, total: 100 });
    meter.add({ atMs: 1000, completed: 1, total: 100 });
    expect(meter.unitsPerSecond).toBeUndefined();
  });

  test("has no time to go above the total", () => {
    const meter = new RateMeter();
    meter.add({ atMs: 0, completed: 90, total: 100 });
    meter.add({ atMs: 1000, completed: 120, total: 100 });
    expect(meter.remainingSeconds).toBeUndefined();
  });
});

describe("progressText", () => {
  test("has it all where there is room", () => {
    expect(progressText(STATUS, PACE, 200, false)).toBe(
      "repair shop.orders  [#####---------------]  128/512 ranges 25%  12.3 ranges/s  ETA 31s  elapsed 3m12s",
    );
  });

  test("loses what tells least first, and never is wider", () => {
    for (let columns = 1; columns < 100; columns++) {
      expect(progressText(STATUS, PACE, columns, true).length).toBeLessThanOrEqual(columns);
    }
    expect(progressText(STATUS, PACE, 80, false)).toBe(
      "repair shop.orders  [#####---------------]  128/512 ranges 25%  ETA 31s",
    );
    expect(progressText(STATUS, PACE, 50, false)).toBe("repair shop.orders  128/512 ranges 25%  ETA 31s");
    expect(progressText(STATUS, PACE, 40, false)).toBe("repair shop.orders  128/512 ranges 25%");
    expect(progressText(STATUS, PACE, 20, false)).toBe("repair shop.orders");
    expect(progressText(STATUS, PACE, 6, false)).toBe("repair");
  });

  test("counts cells, of which a wide character takes two", () => {
    const wide = { ...STATUS, keyspace: "在庫管理", table: "" };
    expect(progressText(wide, PACE, 38, false)).toBe("repair 在庫管理  128/512 ranges 25%");
    expect(progressText(wide, PACE, 34, false)).toBe("repair 在庫管理");
    expect(progressText(wide, PACE, 10, false)).toBe("repair 在");
  });

  test("says that nothing is known, and that what runs is not at 100 % whatever the server counts", () => {
    const unknown = { ...STATUS, progress_completed: 0, progress_total: 0 };
    expect(progressText(unknown, { ...PACE, unitsPerSecond: undefined, remainingSeconds: undefined }, 200, false)).toBe(
      "repair shop.orders  progress unknown  elapsed 3m12s",
    );
    expect(progressText({ ...STATUS, progress_completed: 640 }, PACE, 200, false)).toContain("640/512 ranges 99%");
  });

  test("keeps the server's text from the terminal", () => {
    expect(progressText({ ...STATUS, type: "\u001b[2J" }, PACE, 200, false)).toContain("\\x1b[2J");
  });
});

test.each([
  [0, "0s"],
  [59.4, "59s"],
  [192, "3m12s"],
  [7500, "2h05m"],
  [273_600, "3d04h"],
])("duration of %f s is %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
