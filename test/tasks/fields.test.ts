import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TaskStats, TaskStatus } from "../../src/client/wire.js";
import { batchOf } from "../../src/format/reports/report.js";
import { nameList, taskList, taskTree } from "../../src/format/reports/task-reports.js";
import { nearest } from "../../src/strings/nearest.js";
import { EPOCH } from "../../src/vocabulary.js";
import { reportText } from "../fixtures/report-text.js";

async function picked(rows: TaskStatus[], ...fields: string[]): Promise<unknown> {
  return JSON.parse(await reportText(taskTree(batchOf(...rows)), { format: "json", fields }));
}

describe("requested fields", () => {
  test("are all present in the requested order, missing ones as null", async () => {
    const [row] = (await picked([{ state: "done", id: "a" }], "error", "state", "id")) as object[];
    expect(Object.entries(row ?? {})).toEqual([
      ["error", null],
      ["state", "done"],
      ["id", "a"],
    ]);
  });

  test("can be fields of nested objects", async () => {
    const children_ids = [
      { task_id: "b", node: "127.0.0.1" },
      { task_id: "c", node: "127.0.0.2" },
    ];
    expect(await picked([{ children_ids }, {}], "children_ids.task_id", "children_ids.node", "children_count")).toEqual(
      [
        { "children_ids.task_id": ["b", "c"], "children_ids.node": ["127.0.0.1", "127.0.0.2"], children_count: 2 },
        { "children_ids.task_id": [], "children_ids.node": [], children_count: 0 },
      ],
    );
  });

  test("are computed only if they are requested", async () => {
    const rows = [
      { start_time: "2026-11-24T09:58:30Z", end_time: EPOCH, progress_total: 3, progress_completed: 2 },
      {
        start_time: "2026-11-24T09:00:00Z",
        end_time: "2026-11-24T09:00:05Z",
        progress_total: 0,
        progress_completed: 0,
      },
      { start_time: EPOCH, end_time: EPOCH, progress_total: 2, progress_completed: 3 },
      {},
    ];
    expect(await picked(rows, "duration_seconds", "age_seconds", "progress_percent")).toEqual([
      { duration_seconds: 90, age_seconds: 90, progress_percent: 66 },
      { duration_seconds: 5, age_seconds: 3600, progress_percent: null },
      { duration_seconds: null, age_seconds: null, progress_percent: 99 },
      { duration_seconds: null, age_seconds: null, progress_percent: null },
    ]);
    expect(await reportText(taskTree(batchOf<TaskStatus>(...rows)), { format: "json" })).not.toContain("seconds");
  });

  test("include `id` for lists and for statuses", async () => {
    expect(await picked([{ id: "a" }], "task_id", "id")).toEqual([{ task_id: "a", id: "a" }]);
    const list = taskList(batchOf({ task_id: "a" }));
    expect(await reportText(list, { format: "csv", fields: ["id"] })).toBe("id\r\na\r\n");
  });

  test("of a bare value are its single name", async () => {
    const text = await reportText(nameList(["repair"]), { format: "ndjson", fields: ["module"] });
    expect(text).toBe('{"module":"repair"}\n');
  });

  test.each([
    ["stat", "Did you mean state?"],
    ["Start-Time", "Did you mean start_time?"],
    ["progress_percent", "Fields: task_id, type,"],
    ["constructor", "Fields: task_id, type,"],
    ["state.x", "Did you mean state?"],
  ])("%s is refused by name: %s", async (name, hint) => {
    const refusal = reportText(taskList(batchOf({})), { fields: ["state", name] });
    await expect(refusal).rejects.toThrow(`option '--fields <fields>' argument '${name}' is invalid.`);
    await expect(refusal).rejects.toThrow(hint);
  });
});

async function sorted(rows: TaskStats[], field: string, descending = false): Promise<(string | undefined)[]> {
  const text = await reportText(taskList(batchOf(...rows)), { format: "ndjson", sort: { field, descending } });
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as TaskStats).task_id);
}

describe("sorted rows", () => {
  test("numbers as numbers, times as times, rows without a value last", async () => {
    const rows: TaskStats[] = [
      { task_id: "a", sequence_number: 10, start_time: "2026-11-24T08:00:00Z" },
      { task_id: "b", start_time: EPOCH },
      { task_id: "c", sequence_number: 9, start_time: "2026-11-24T09:00:00Z" },
    ];
    expect(await sorted(rows, "sequence_number")).toEqual(["c", "a", "b"]);
    expect(await sorted(rows, "sequence_number", true)).toEqual(["a", "c", "b"]);
    expect(await sorted(rows, "start_time")).toEqual(["a", "c", "b"]);
    expect(await sorted(rows, "start_time", true)).toEqual(["c", "a", "b"]);
    expect(await sorted(rows, "age_seconds")).toEqual(["c", "a", "b"]);
  });

  test("with equal values keep their order, in both directions", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 })), fc.boolean(), async (shards, descending) => {
        const rows = shards.map((shard, index) => ({ task_id: String(index), shard }));
        const direction = descending ? -1 : 1;
        const expected = rows.toSorted(
          (a, b) => direction * (a.shard - b.shard) || Number(a.task_id) - Number(b.task_id),
        );
        expect(await sorted(rows, "shard", descending)).toEqual(expected.map(({ task_id }) => task_id));
      }),
    ));

  test("are limited and counted after that", async () => {
    const rows = [{ shard: 1 }, { shard: 3 }, { shard: 2 }];
    const options = { sort: { field: "shard", descending: true }, limit: 2 };
    const list = () => taskList(batchOf<TaskStats>(...rows));
    expect(await reportText(list(), { ...options, format: "ndjson" })).toBe('{"shard":3}\n{"shard":2}\n');
    expect(await reportText(list(), { ...options, count: true })).toBe("2\n");
    await expect(reportText(list(), { count: true, fields: ["stat"] })).rejects.toThrow("Did you mean state?");
  });
});

describe("the nearest word", () => {
  test.each([
    ["stat", "state"],
    ["STATE", "state"],
    ["prog", "progress_total"],
    ["xyzzy", undefined],
    ["", undefined],
  ])("of %j is %j", (word, near) => {
    expect(nearest(word, ["state", "progress_total", "keyspace"])).toBe(near);
  });
});
