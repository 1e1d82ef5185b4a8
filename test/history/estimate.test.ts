import { describe, expect, it } from "vitest";
import { readEarlierRuns, summaryOf, timeLeftText } from "../../src/history/estimate.js";
import { BEGIN, journalOf, run, started, status, taskId } from "../fixtures/journals.js";

const minutes = (...counts: number[]) => counts.map((count) => count * 60_000);
const earlier = (...durations: number[]) => summaryOf(durations) as NonNullable<ReturnType<typeof summaryOf>>;
const options = { nowMs: BEGIN + 86_400_000 };

describe("readEarlierRuns", () => {
  const lines = [
    started(0),
    ...[60, 80, 100, 120].flatMap((seconds, index) => run(index + 1, index * 200, index * 200 + seconds)),
    ...run(11, 0, 5, { state: "failed" }),
    ...run(12, 0, 6, { table: "items" }),
    ...run(13, 0, 7, { type: "major compaction" }),
    ...run(14, 0, 8, { parent_id: taskId(1) }),
  ];

  it("are the successful ones with the same type, keyspace and table", async () => {
    expect((await readEarlierRuns(journalOf(lines), options))(status(99))).toEqual({
      count: 4,
      medianMs: 90_000,
      lowMs: 60_000,
      highMs: 100_000,
      p95Ms: 120_000,
    });
  });

  it("are `undefined` if too few, too old, or for a part of another task", async () => {
    const journal = journalOf(lines);
    const runsOf = await readEarlierRuns(journal, options);
    expect(runsOf(status(99, { table: "items" }))).toBeUndefined();
    expect(runsOf(status(99, { parent_id: taskId(1) }))).toBeUndefined();
    expect((await readEarlierRuns(journal, { nowMs: BEGIN + 100 * 86_400_000 }))(status(99))).toBeUndefined();
  });
});

describe("timeLeftText", () => {
  it.each([
    [earlier(...minutes(14, 14, 18, 22, 22)), 2, "about 12 to 20 min left (5 earlier runs)"],
    [earlier(...minutes(20, 20, 20)), 5, "about 15 min left (3 earlier runs)"],
    [earlier(...minutes(14, 14, 22, 22)), 13.5, "at most about 9 min left (4 earlier runs)"],
    [earlier(...minutes(1, 1, 2)), 0.5, "about 30 to 90 s left (3 earlier runs)"],
    [earlier(...minutes(300, 360, 400)), 10, "about 4 to 7 h left (3 earlier runs)"],
    [earlier(...minutes(10, 10, 10, 20)), 15, "longer than most of 4 earlier runs"],
    [earlier(...minutes(10, 10, 20)), 30, "longer than each of 3 earlier runs"],
    [earlier(...minutes(...Array.from({ length: 40 }, () => 10))), 11, "longer than 95% of 40 earlier runs"],
  ])("%j after %d minutes: %s", (runs, elapsed, text) => {
    expect(timeLeftText(runs, elapsed * 60_000)).toBe(text);
  });
});
