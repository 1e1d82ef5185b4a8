import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TaskStats, TaskStatus } from "../../src/client/wire.js";
import type { Report } from "../../src/format/reports/report.js";
import { taskList, taskStatus, taskTree } from "../../src/format/reports/task-reports.js";
import { csvTable, readCsv, readYaml } from "../fixtures/format-readers.js";
import { hostileStats, hostileStatus } from "../fixtures/hostile-tasks.js";
import { reportText } from "../fixtures/report-text.js";

const RUNS = { numRuns: 150 };

/** Rows in two batches, as a stream would bring them. */
async function* twoBatches<T>(rows: readonly T[]) {
  yield rows.slice(0, 1);
  yield rows.slice(1);
}

const list = (rows: readonly TaskStats[]) => taskList(twoBatches(rows));
const tree = (rows: readonly TaskStatus[]) => taskTree(twoBatches(rows));

const failures = [{ node: "127.0.0.3", reason: "a: [b\u001b" }];

/** The JSON form of rows, and what JSON itself makes of a value (-0 is 0). */
const records = <T>(report: Report<T>, rows: readonly T[]): unknown =>
  JSON.parse(JSON.stringify(rows.map((row) => report.record(row))));

describe.each(["json", "yaml"] as const)("%s holds the records", (format) => {
  const read = format === "json" ? (text: string): unknown => JSON.parse(text) : readYaml;

  test("of lists", () =>
    fc.assert(
      fc.asyncProperty(fc.array(hostileStats, { maxLength: 4 }), async (rows) => {
        expect(read(await reportText(list(rows), { format }))).toEqual(records(list(rows), rows));
      }),
      RUNS,
    ));

  test("of trees", () =>
    fc.assert(
      fc.asyncProperty(fc.array(hostileStatus, { maxLength: 4 }), async (rows) => {
        expect(read(await reportText(tree(rows), { format }))).toEqual(records(tree(rows), rows));
      }),
      RUNS,
    ));

  test("of one status", () =>
    fc.assert(
      fc.asyncProperty(hostileStatus, async (status) => {
        const report = taskStatus(status);
        expect([read(await reportText(report, { format }))]).toEqual(records(report, [status]));
      }),
      RUNS,
    ));

  test("of many nodes, with their errors", () =>
    fc.assert(
      fc.asyncProperty(fc.array(hostileStats, { maxLength: 4 }), async (rows) => {
        const report = { ...list(rows), key: "tasks", errors: () => failures };
        expect(read(await reportText(report, { format }))).toEqual({ tasks: records(report, rows), errors: failures });
      }),
      RUNS,
    ));
});

test("yaml keeps a key too long for one line with its value", async () => {
  const rows = [{ task_id: "a", ["k".repeat(2000)]: { ["\u0001".repeat(300)]: [1] } }];
  expect(readYaml(await reportText(list(rows), { format: "yaml" }))).toEqual(rows);
});

test("ndjson holds a record a line, then the errors", () =>
  fc.assert(
    fc.asyncProperty(fc.array(hostileStats, { maxLength: 4 }), async (rows) => {
      const report = { ...list(rows), key: "tasks", errors: () => failures };
      const lines = (await reportText(report, { format: "ndjson" })).split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        ...(records(report, rows) as unknown[]),
        { errors: failures },
      ]);
    }),
    RUNS,
  ));

/** JSON within a cell carries escapes that `JSON.stringify` does not make: it is compared as what it says. */
function withParsedChildren([header = [], ...rows]: string[][]): unknown[][] {
  const column = header.indexOf("children_ids");
  return rows.map((row) => row.with(column, JSON.parse(row[column] ?? "")));
}

describe("csv is read back identically", () => {
  test("by RFC 4180", () =>
    fc.assert(
      fc.asyncProperty(fc.array(hostileStats, { maxLength: 4 }), async (rows) => {
        expect(readCsv(await reportText(list(rows), { format: "csv" }))).toEqual(csvTable(list(rows), rows));
      }),
      RUNS,
    ));

  test("with nested values as JSON", () =>
    fc.assert(
      fc.asyncProperty(fc.array(hostileStatus, { maxLength: 4 }), async (rows) => {
        const read = readCsv(await reportText(tree(rows), { format: "csv" }));
        expect(withParsedChildren(read)).toEqual(withParsedChildren(csvTable(tree(rows), rows)));
      }),
      RUNS,
    ));

  test("in one column, where an empty value is no empty line", async () => {
    const rows = [{ entity: "" }, { entity: "a" }, {}];
    const text = await reportText(list(rows), { format: "csv", fields: ["entity"] });
    expect(text).toBe('entity\r\n""\r\na\r\n""\r\n');
  });

  test("with control characters in quotes", async () => {
    const text = await reportText(list([{ entity: "\u001b[2J" }]), { format: "csv", fields: ["entity"] });
    expect(text).toBe('entity\r\n"\u001b[2J"\r\n');
  });

  const hasPython = spawnSync("python3", ["--version"]).status === 0;

  test.skipIf(!hasPython)("by Python's csv", async () => {
    // Python before 3.11 takes no NUL.
    const rows = fc
      .sample(hostileStats, { numRuns: 300, seed: 1 })
      .map((stats) => JSON.parse(JSON.stringify(stats).replaceAll("\\u0000", "\\u0001")) as TaskStats);
    const script =
      "import csv, io, json, sys\n" +
      "print(json.dumps(list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')))))";
    const python = spawnSync("python3", ["-c", script], {
      input: await reportText(list(rows), { format: "csv" }),
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    expect(python.stderr).toBe("");
    expect(JSON.parse(python.stdout)).toEqual(csvTable(list(rows), rows));
  });
});
