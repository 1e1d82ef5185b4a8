import { describe, expect, test } from "vitest";
import type { TaskStats } from "../../src/client/wire.js";
import type { Looked } from "../../src/nodes/look.js";
import { RowFilter } from "../../src/nodes/row-filter.js";

const isLate = ({ start_time }: TaskStats) =>
  start_time === undefined ? "unknown" : start_time < "2026" ? "no" : "yes";
const LATE = { start_time: "2026-11-24T08:00:00Z" };

async function judged(rows: TaskStats[], looked: readonly Looked[]) {
  const leftOut = new Set<string>();
  const rowFilter = new RowFilter(isLate, leftOut);
  const asked: TaskStats[] = [];
  const passed = await rowFilter.rows(rows, async (tasks) => {
    asked.push(...tasks);
    return looked;
  });
  rowFilter.end();
  return { passed, asked, leftOut: [...leftOut] };
}

describe("rows that a list says too little of", () => {
  test("are judged by their statuses, whose times they take over", async () => {
    const rows = [{ task_id: "a" }, { task_id: "b", ...LATE }, { task_id: "c" }, { task_id: "d", start_time: "2025" }];
    const { passed, asked, leftOut } = await judged(rows, [
      { id: "a", shard: 1, error: "", ...LATE },
      { id: "c", start_time: "2025-01-01T00:00:00Z" },
    ]);
    expect(asked).toEqual([{ task_id: "a" }, { task_id: "c" }]);
    expect(passed).toEqual([
      { task_id: "a", shard: 1, ...LATE },
      { task_id: "b", ...LATE },
    ]);
    expect(leftOut).toEqual([]);
  });

  test("are left out and counted where their statuses say no more, but for those that are gone", async () => {
    const { passed, leftOut } = await judged(
      [{ task_id: "a" }, { task_id: "b" }, { task_id: "c" }],
      [undefined, "gone", { id: "c" }],
    );
    expect(passed).toEqual([]);
    expect(leftOut).toEqual(["2 tasks left out: the server does not report the fields that the options filter by"]);
  });
});
