import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import { duration } from "../../src/format/text/duration.js";
import type { Runtime } from "../../src/runtime/runtime.js";
import type { EarlierRuns } from "../../src/waiting/earlier-runs.js";
import { NodeLooks } from "../../src/waiting/node-looks.js";
import { showProgress } from "../../src/waiting/progress.js";
import { openProgressDisplay, type ProgressDisplay } from "../../src/waiting/progress-display.js";
import { type Extent, overallProgressLine, type Pace, taskProgressLine } from "../../src/waiting/progress-line.js";
import { RateMeter } from "../../src/waiting/rate.js";
import { manualClock } from "./stage.js";

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
      [120_000, 70],
    ] as const) {
      meter.add({ atMs, completed, total: 100 });
    }
    expect(meter.unitsPerSecond).toBe(3);
    expect(meter.remainingSeconds).toBe(10);
    meter.add({ atMs: 150_000, completed: 100, total: 130 });
    expect(meter.unitsPerSecond).toBe(1);
  });

  test("says nothing from one sample, from none, or where nothing moves", () => {
    const meter = new RateMeter();
    expect(meter.unitsPerSecond).toBeUndefined();
    meter.add({ atMs: 0, completed: 5, total: 10 });
    expect(meter.unitsPerSecond).toBeUndefined();
    expect(meter.remainingSeconds).toBeUndefined();
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

  test.each([100, 120])("has no time to go at %i of 100", (completed) => {
    const meter = new RateMeter();
    meter.add({ atMs: 0, completed: 90, total: 100 });
    meter.add({ atMs: 1000, completed, total: 100 });
    expect(meter.remainingSeconds).toBeUndefined();
  });
});

describe("the line of one task", () => {
  const text = (status: TaskStatus, pace: Pace, columns: number, unicode = false) =>
    taskProgressLine(status, pace, { columns, unicode });

  test("has it all where there is room", () => {
    const all = "repair shop.orders  [#####---------------]  128/512 ranges 25%  12.3 ranges/s  ETA 31s  elapsed 3m12s";
    expect(text(STATUS, PACE, 200)).toBe(all);
    expect(text(STATUS, PACE, all.length)).toBe(all);
    expect(text(STATUS, { ...PACE, timeLeft: "2m to go, as before" }, 200)).toContain(
      "  ETA 31s  2m to go, as before  ",
    );
  });

  test("does without what the server does not say", () => {
    expect(text({}, PACE, 200)).toBe("waiting  progress unknown  elapsed 3m12s");
    const { keyspace, table, progress_units, ...rest } = STATUS;
    expect(text(rest, PACE, 200)).toBe(
      "repair  [#####---------------]  128/512 25%  12.3 units/s  ETA 31s  elapsed 3m12s",
    );
  });

  test("has three digits of a rate, and all before the point", () => {
    for (const [unitsPerSecond, shown] of [
      [0.012345, "0.0123"],
      [1234.5, "1235"],
    ] as const) {
      expect(text(STATUS, { ...PACE, unitsPerSecond }, 200)).toContain(`  ${shown} ranges/s  `);
    }
  });

  test("loses what tells least first, and never is wider", () => {
    for (let columns = 1; columns < 110; columns++) {
      expect(text(STATUS, PACE, columns, true).length).toBeLessThanOrEqual(columns);
    }
    expect(text(STATUS, PACE, 77)).toBe("repair shop.orders  [##--------]  128/512 ranges 25%  12.3 ranges/s  ETA 31s");
    expect(text(STATUS, PACE, 50)).toBe("repair shop.orders  128/512 ranges 25%  ETA 31s");
    expect(text(STATUS, PACE, 40)).toBe("repair shop.orders  128/512 ranges 25%");
    expect(text(STATUS, PACE, 30)).toBe("repair shop.orders");
    expect(text(STATUS, PACE, 6)).toBe("repair");
  });

  test("speaks of bytes as people do, and has its bar at 80 columns", () => {
    const bytes = {
      type: "offstrategy compaction",
      keyspace: "keyspace1",
      table: "standard1",
      progress_units: "bytes",
      progress_completed: 402_653_184,
      progress_total: 1_610_612_736,
    };
    expect(text(bytes, { ...PACE, unitsPerSecond: 53_687_091 }, 77)).toBe(
      "offstrategy compaction keyspace1.standard1  [##--------]  0.4/1.5 GiB 25%",
    );
    expect(text(bytes, { ...PACE, unitsPerSecond: 53_687_091 }, 200)).toContain("  51.2 MiB/s  ETA 31s  ");
    expect(text(bytes, { ...PACE, unitsPerSecond: 0 }, 200)).toContain("  0 bytes/s  ETA 31s  ");
    expect(
      text({ ...bytes, progress_completed: 5, progress_total: 90 }, { ...PACE, unitsPerSecond: 7 }, 200),
    ).toContain("5/90 bytes 5%  7 bytes/s");
  });

  test("counts cells, of which a wide character takes two", () => {
    const wide = { ...STATUS, keyspace: "在庫管理", table: "" };
    const slow = { ...PACE, remainingSeconds: undefined };
    expect(text(wide, slow, 38)).toBe("repair 在庫管理  128/512 ranges 25%");
    expect(text(wide, slow, 25)).toBe("repair 在庫管理");
    expect(text(wide, slow, 10)).toBe("repair 在");
  });

  test("says that nothing is known, and that what runs is not at 100 % whatever the server counts", () => {
    const unknown = { ...STATUS, progress_completed: 0, progress_total: 0 };
    expect(text(unknown, PACE, 200)).toBe("repair shop.orders  progress unknown  elapsed 3m12s");
    expect(text({ ...STATUS, progress_completed: 640 }, PACE, 200)).toContain("640/512 ranges 99%");
  });

  test("keeps the server's text from the terminal", () => {
    expect(text({ ...STATUS, type: "\u001b[2J" }, PACE, 200)).toContain("\\x1b[2J");
  });
});

test("the line of many tasks names as many as it has room for", () => {
  const names = ["repair shop.orders 25%", "repair shop.items 50%", "cleanup compaction store"];
  const of = (columns: number, extent?: Extent) =>
    overallProgressLine("1 of 4 tasks ended", extent, PACE, names, { columns, unicode: false });
  const extent = { progress_completed: 1, progress_total: 4, progress_units: "tablets" };
  expect(of(200, extent)).toBe(
    "1 of 4 tasks ended  [#####---------------]  1/4 tablets 25%  12.3 tablets/s  ETA 31s  elapsed 3m12s  " +
      "repair shop.orders 25%, repair shop.items 50%, cleanup compaction store",
  );
  expect(of(77, extent)).toBe("1 of 4 tasks ended  [##--------]  1/4 tablets 25%  12.3 tablets/s  ETA 31s");
  expect(of(77)).toBe("1 of 4 tasks ended  repair shop.orders 25%, repair shop.items 50%, 1 more");
  // The last name takes less room than to say that there is one more.
  const two = (columns: number) =>
    overallProgressLine("2 tasks", undefined, PACE, ["repair", "a"], { columns, unicode: false });
  expect([two(18), two(17)]).toEqual(["2 tasks  repair, a", "2 tasks"]);
});

describe("progress in a log", () => {
  /** What is written while tasks of which the server says these statuses are waited for. */
  function staged(
    statuses: Record<string, TaskStatus | undefined>,
    more: Partial<Parameters<typeof showProgress>[1]> = {},
  ) {
    const clock = manualClock();
    const lines: string[] = [];
    const runtime = {
      clock,
      env: { LANG: "C.UTF-8" },
      interrupt: new AbortController().signal,
      stderr: { write: async (text: string) => void lines.push(text) },
    } as unknown as Runtime;
    const client = {
      releaseVersion: async () => "2026.3.0",
      taskStatus: async (id: string) => {
        const status = statuses[id];
        if (status === undefined) throw new Error("no answer");
        return { id, ...status };
      },
    } as unknown as TaskManagerClient;
    const total = Object.keys(statuses).length;
    const begin = async () => {
      const display = await openProgressDisplay(runtime, "plain", "auto");
      if (display === undefined) throw new Error("plain progress is always shown");
      const progress = showProgress(runtime, { display, total, noun: "tasks", looks: new NodeLooks(), ...more });
      for (const id of Object.keys(statuses)) progress.began({ id, client });
      return progress;
    };
    return { clock, lines, begin };
  }

  const running = { state: "running", type: "repair", keyspace: "shop", table: "orders" };

  test("of several names them, says what changed at most every ten seconds, and that it lives every minute", async () => {
    const statuses: Record<string, TaskStatus> = {
      a: { ...running, progress_completed: 1, progress_total: 4, progress_units: "ranges" },
      b: { ...running, table: "items" },
    };
    const { clock, lines, begin } = staged(statuses);
    const progress = await begin();
    await clock.advance(5000);
    expect(lines).toEqual(["0 of 2 tasks ended  elapsed 0s  repair shop.orders 25%, repair shop.items\n"]);
    statuses.a = { ...statuses.a, progress_completed: 2 };
    await clock.advance(10_000);
    expect(lines.slice(1)).toEqual(["0 of 2 tasks ended  elapsed 10s  repair shop.orders 50%, repair shop.items\n"]);
    await clock.advance(600_000);
    expect(lines.length).toBeGreaterThanOrEqual(2 + 10);
    expect(lines.length).toBeLessThan(2 + 15);
    await clock.advance(10_000);
    progress.ended({ kind: "failed", id: "a", status: { id: "a", state: "failed" } });
    await clock.advance(10_000);
    expect(lines.at(-1)).toMatch(/^1 of 2 tasks ended, 1 unsuccessful {2}elapsed \S+ {2}repair shop.items\n$/);
    const { length } = lines;
    progress.ended({ kind: "done", id: "b", status: { id: "b", state: "done" } });
    await clock.advance(600_000);
    expect(lines).toHaveLength(length);
  });

  test("of tables that take turns tells how far all are, those to come taken for as large as those before", async () => {
    const repair = { ...running, type: "user_repair", progress_units: "tablets" };
    const a = { ...repair, progress_completed: 16, progress_total: 16 };
    const b = { ...repair, table: "items", progress_completed: 4, progress_total: 32 };
    const { clock, lines, begin } = staged({ b }, { total: 5, noun: "tables", areAlike: true });
    const progress = await begin();
    progress.skipped(true);
    progress.ended({ kind: "done", id: "a", status: { ...a, id: "a", state: "done", progress_completed: 0 } });
    await clock.advance(10_000);
    expect(lines.at(-1)).toMatch(
      /^2 of 5 tables ended {2}\[[#-]+\] {2}about 20\/96 tablets 20% {2}.*user_repair shop.items 12%\n$/,
    );
    progress.stop();
  });

  test("of several tells the time left of those that still run, once that is known of each", async () => {
    const asked: string[][] = [];
    const earlierRuns: EarlierRuns = {
      runsOf: () => undefined,
      timeLeft: (tasks) => {
        asked.push(tasks.map(({ table = "" }) => table));
        return `about ${tasks.length} h left`;
      },
    };
    const statuses: Record<string, TaskStatus | undefined> = { a: running, b: undefined };
    const { clock, lines, begin } = staged(statuses, { earlierRunsOnce: async () => earlierRuns });
    const progress = await begin();
    await clock.advance(20_000);
    expect(asked).toEqual([]);
    statuses.b = { ...running, table: "items" };
    await clock.advance(20_000);
    expect(lines.at(-1)).toMatch(/^0 of 2 tasks ended {2}about 2 h left {2}/);
    progress.ended({ kind: "done", id: "a", status: { id: "a", state: "done" } });
    await clock.advance(20_000);
    expect(lines.at(-1)).toMatch(/^1 of 2 tasks ended {2}about 1 h left {2}/);
    expect(asked.at(-1)).toEqual(["items"]);
    progress.stop();
  });

  test("of one says at least every minute that it goes on", async () => {
    const { clock, lines, begin } = staged({ a: running });
    const progress = await begin();
    for (let minute = 1; minute <= 5; minute++) {
      await clock.advance(60_000);
      expect(lines.length).toBeGreaterThanOrEqual(minute);
    }
    expect(lines.at(-1)).toMatch(/^repair shop.orders {2}progress unknown {2}elapsed (4m\d\d|5m00)s\n$/);
    progress.stop();
    const { length } = lines;
    await clock.advance(600_000);
    expect(lines).toHaveLength(length);
  });
});

describe("what is shown of a wait", () => {
  interface Look {
    readonly id: string;
    readonly timeoutMs: number | undefined;
    readonly answer: (status: TaskStatus) => void;
  }

  /** A display that takes every text, and a node whose answers the test gives, unless it has them ready. */
  function shown(total: number, ready?: TaskStatus, more: Partial<Parameters<typeof showProgress>[1]> = {}) {
    const clock = manualClock();
    const texts: string[] = [];
    const figures: string[] = [];
    const looks: Look[] = [];
    const display: ProgressDisplay = {
      intervalMs: 1000,
      columns: 200,
      unicode: false,
      show: (text, figure) => {
        texts.push(text);
        figures.push(figure);
      },
      pause() {},
      resume() {},
      stop() {},
    };
    const client = {
      releaseVersion: async () => "2026.3.0",
      taskStatus: (id: string, call: { readonly timeoutMs?: number }) =>
        new Promise<TaskStatus>((answer) => {
          looks.push({ id, timeoutMs: call.timeoutMs, answer });
          if (ready !== undefined) answer({ id, ...ready });
        }),
    } as unknown as TaskManagerClient;
    const runtime = { clock, interrupt: new AbortController().signal } as unknown as Runtime;
    const progress = showProgress(runtime, { display, total, noun: "tasks", looks: new NodeLooks(), ...more });
    onTestFinished(() => progress.stop());
    return { clock, texts, figures, looks, client, progress };
  }

  const repair = { type: "repair", keyspace: "shop", state: "running", progress_units: "ranges" };
  const quarter = { ...repair, progress_completed: 1, progress_total: 4 };

  test("is nothing without a display", () => {
    const progress = showProgress({} as Runtime, undefined);
    progress.began({ id: "a", client: {} as TaskManagerClient });
    progress.ended({ kind: "unknown", id: "a", reason: "", isGone: true });
    progress.skipped(true);
    progress.stop();
  });

  test("of one task is its rate and the time left", async () => {
    const { clock, texts, figures, looks, client, progress } = shown(1);
    progress.began({ id: "a", client });
    await clock.advance(0);
    expect(looks).toMatchObject([{ id: "a", timeoutMs: 5000 }]);
    // No second request while the first is unanswered.
    await clock.advance(3000);
    expect(looks).toHaveLength(1);
    looks[0]?.answer({ id: "a", ...quarter });
    await clock.advance(1000);
    looks[1]?.answer({ id: "a", ...quarter, progress_completed: 2 });
    await clock.advance(0);
    expect(texts.at(-1)).toBe("repair shop  [##########----------]  2/4 ranges 50%  1 ranges/s  ETA 2s  elapsed 4s");
    expect(figures.at(-1)).toBe("running 2/4");
  });

  test("of 45 tasks is read for 20 in each round, in turn", async () => {
    const { clock, looks, client, progress } = shown(45, repair);
    for (let task = 0; task < 45; task++) progress.began({ id: String(task), client });
    await clock.advance(2000);
    const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => String((from + i) % 45));
    expect(looks.map(({ id }) => id)).toEqual([...numbers(0, 20), ...numbers(20, 20), ...numbers(40, 20)]);
  });

  test("of 20 tasks is read for all in each round, and after their end for none", async () => {
    const { clock, texts, looks, client, progress } = shown(21, repair);
    for (let task = 0; task < 20; task++) progress.began({ id: String(task), client });
    await clock.advance(1000);
    expect(looks).toHaveLength(40);
    for (let task = 0; task < 20; task++) {
      progress.ended({ kind: "done", id: String(task), status: { id: String(task), state: "done" } });
    }
    const { length } = texts;
    await clock.advance(1000);
    expect(looks).toHaveLength(40);
    expect(texts).toHaveLength(length + 1);
    expect(texts.at(-1)).toBe("20 of 21 tasks ended  elapsed 2s");
  });

  test("names tasks by their node, too, and not those of which nothing is known", async () => {
    const { clock, texts, looks, client, progress } = shown(3);
    progress.began({ id: "a", client, label: "10.0.0.1" });
    progress.began({ id: "b", client });
    progress.began({ id: "c", client, label: "10.0.0.\u001b" });
    await clock.advance(0);
    looks[0]?.answer({ id: "a", ...quarter });
    await clock.advance(1000);
    expect(texts.at(-1)).toBe("0 of 3 tasks ended  elapsed 1s  10.0.0.1 repair shop 25%, 10.0.0.\\x1b");
  });

  test("does not bring back a task whose status comes after its end", async () => {
    const { clock, texts, looks, client, progress } = shown(2);
    for (const id of ["a", "b"]) progress.began({ id, client });
    await clock.advance(0);
    progress.ended({ kind: "done", id: "a", status: { id: "a", ...quarter, state: "done" } });
    looks[0]?.answer({ id: "a", ...quarter });
    looks[1]?.answer({ id: "b", ...quarter, state: "failed" });
    await clock.advance(1000);
    looks[2]?.answer({ id: "b", ...quarter });
    await clock.advance(0);
    expect(texts.at(-1)).toContain("1 of 2 tasks ended  [############--------]  5/8 ranges 62%");
  });

  test.each([
    ["other units", { ...quarter, progress_units: "bytes" }],
    ["no progress", { ...repair, progress_completed: 0, progress_total: 0 }],
  ])("has no sum if a task has %s", async (_, other) => {
    const { clock, texts, looks, client, progress } = shown(2);
    for (const id of ["a", "b"]) progress.began({ id, client });
    await clock.advance(0);
    looks[0]?.answer({ id: "a", ...quarter });
    looks[1]?.answer({ id: "b", ...other });
    await clock.advance(0);
    expect(texts.at(-1)).not.toContain("[");
  });

  test("of tasks that ended otherwise counts what they had done", async () => {
    const { clock, texts, looks, client, progress } = shown(3);
    for (const id of ["a", "b", "c"]) progress.began({ id, client });
    await clock.advance(0);
    progress.ended({ kind: "failed", id: "a", status: { id: "a", ...quarter, state: "failed" } });
    progress.ended({ kind: "timeout", id: "b", status: { id: "b", ...quarter } });
    looks[2]?.answer({ id: "c", ...quarter });
    await clock.advance(1000);
    expect(texts.at(-1)).toContain("2 of 3 tasks ended, 2 unsuccessful  [#####---------------]  3/12 ranges 25%");
  });

  test("reads earlier runs once, after five seconds, if a status is known", async () => {
    const earlierRunsOnce = vi.fn(async () => ({ runsOf: () => undefined, timeLeft: () => "soon" }));
    const { clock, texts, looks, client, progress } = shown(1, undefined, { earlierRunsOnce });
    await clock.advance(1000);
    progress.began({ id: "a", client });
    await clock.advance(6000);
    expect(earlierRunsOnce).toHaveBeenCalledTimes(0);
    looks[0]?.answer({ id: "a", ...quarter });
    await clock.advance(3000);
    expect(earlierRunsOnce).toHaveBeenCalledTimes(1);
    expect(texts.at(-1)).toContain("soon");
  });

  test("of one task does not read earlier runs before five seconds", async () => {
    const earlierRunsOnce = vi.fn(async () => ({ runsOf: () => undefined, timeLeft: () => "soon" }));
    const { clock, client, progress } = shown(1, repair, { earlierRunsOnce });
    progress.began({ id: "a", client });
    await clock.advance(4000);
    expect(earlierRunsOnce).toHaveBeenCalledTimes(0);
    await clock.advance(1000);
    expect(earlierRunsOnce).toHaveBeenCalledTimes(1);
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
