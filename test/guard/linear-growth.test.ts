import { describe, expect, test } from "vitest";
import { readJsonArray } from "../../src/client/json-array.js";
import type { TaskStatus } from "../../src/client/wire.js";
import { batchOf } from "../../src/format/reports/report.js";
import { taskList, taskTree } from "../../src/format/reports/task-reports.js";
import { listView } from "../../src/format/terminal/list-view.js";
import { treeView } from "../../src/format/terminal/tree-view.js";
import type { ViewOptions } from "../../src/format/terminal/view-options.js";
import { paddedTable } from "../../src/format/text/padded-table.js";
import { preorder, taskForest } from "../../src/tasks/forest.js";
import { reportPieces } from "../fixtures/report-text.js";
import { viewOptionsOf } from "../fixtures/views.js";

const idOf = (index: number) => `5e1f4b0c-8a1d-4c1e-9d43-${String(index).padStart(12, "0")}`;

const stats = (index: number) => ({
  task_id: idOf(index),
  state: index % 3 === 0 ? "failed" : "running",
  type: "repair",
  keyspace: `keyspace_${index % 50}`,
});

const status = (index: number, parent: number): TaskStatus => ({
  id: idOf(index),
  state: index % 3 === 0 ? "failed" : "running",
  type: "repair",
  scope: "table",
  parent_id: parent < 0 ? "none" : idOf(parent),
});

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const SHAPES = {
  bushy: (index: number) => Math.floor((index - 1) / 10),
  flat: (index: number) => (index === 0 ? -1 : 0),
  deep: (index: number) => index - 1,
};

const treeOf = (count: number, shape: keyof typeof SHAPES) =>
  times(count, (index) => status(index, SHAPES[shape](index)));

/** How often a view makes text safe to show, which it does for each cell that it computes. */
async function cellsComputed(view: (options: ViewOptions) => Iterable<string>): Promise<number> {
  const options = await viewOptionsOf();
  let computed = 0;
  const counting = {
    text: (text: string) => {
      computed++;
      return options.style.text(text);
    },
  };
  for (const _ of view({ ...options, style: { ...options.style, ...counting } })) {
    // Only the counting matters.
  }
  return computed;
}

/** Twenty times the rows must not take more than about twenty times the work. */
const FEW = 500;
const MANY = 10_000;
const MOST_GROWTH = (MANY / FEW) * 1.1;

describe("work grows as the rows do", () => {
  test("a piped table computes each cell twice", () => {
    for (const count of [FEW, MANY]) {
      let computed = 0;
      const columns = times(12, (column) => ({
        title: `c${column}`,
        text: (row: number) => {
          computed++;
          return String(row);
        },
      }));
      const pieces = [...paddedTable(columns, times(count, Number), { header: true })];
      expect(computed).toBe(2 * 12 * count);
      expect(pieces.length).toBeLessThanOrEqual(1 + pieces.join("").length / (64 * 1024));
    }
  });

  test("a list on a terminal", async () => {
    const work = (count: number) => cellsComputed((screen) => listView(times(count, stats), screen));
    expect(await work(MANY)).toBeLessThanOrEqual((await work(FEW)) * MOST_GROWTH);
  });

  test.each(["bushy", "flat", "deep"] as const)("a %s tree on a terminal", async (shape) => {
    const work = (count: number) => cellsComputed((screen) => treeView(treeOf(count, shape), screen));
    expect(await work(MANY)).toBeLessThanOrEqual((await work(FEW)) * MOST_GROWTH);
  });

  test.each(["bushy", "flat", "deep"] as const)("the links of a %s tree are looked at a few times each", (shape) => {
    const looks = (count: number) => {
      let looked = 0;
      const statuses = treeOf(count, shape).map((each) =>
        Object.defineProperty({ ...each }, "parent_id", {
          get: () => {
            looked++;
            return each.parent_id;
          },
        }),
      );
      expect([...preorder(taskForest(statuses))]).toHaveLength(count);
      return looked;
    };
    expect(looks(MANY)).toBeLessThanOrEqual(looks(FEW) * MOST_GROWTH);
  });
});

describe("text grows as the rows do, and is written in few pieces", () => {
  test.each([
    ["a list", (count: number) => taskList(batchOf(...times(count, stats))), {}],
    ["a list as JSON", (count: number) => taskList(batchOf(...times(count, stats))), { format: "json" }],
    ["a list as lines of JSON", (count: number) => taskList(batchOf(...times(count, stats))), { format: "ndjson" }],
    ["a list as CSV", (count: number) => taskList(batchOf(...times(count, stats))), { format: "csv" }],
    ["a deep tree", (count: number) => taskTree(batchOf(...treeOf(count, "deep"))), {}],
    [
      "a deep tree, nested",
      (count: number) => taskTree(batchOf(...treeOf(count, "deep"))),
      { format: "json", nested: true },
    ],
  ] as const)("%s", async (_, reportOf, options) => {
    const [few, many] = [await reportPieces(reportOf(FEW), options), await reportPieces(reportOf(MANY), options)];
    const length = (pieces: readonly string[]) => pieces.join("").length;
    expect(length(many)).toBeLessThanOrEqual(length(few) * MOST_GROWTH);
    expect(many.length).toBeLessThanOrEqual(8 + length(many) / (32 * 1024));
  });
});

describe("a JSON array that arrives in pieces", () => {
  test("hands on its elements as they are complete, in one batch for each piece, and one for the last element", async () => {
    const bytes = Buffer.from(JSON.stringify(times(MANY, stats)));
    const pieceBytes = 16 * 1024;
    let sent = 0;
    async function* pieces() {
      for (; sent < bytes.length; sent += pieceBytes) yield bytes.subarray(sent, sent + pieceBytes);
    }
    let batches = 0;
    let elements = 0;
    for await (const batch of readJsonArray(pieces())) {
      batches++;
      elements += batch.length;
      const received = Math.min(sent + pieceBytes, bytes.length);
      const seen = Buffer.byteLength(JSON.stringify(times(elements, stats))) - 1;
      // No more is held back than the element that the piece cut through.
      expect(received - seen).toBeLessThan(300);
    }
    expect(elements).toBe(MANY);
    expect(batches).toBe(Math.ceil(bytes.length / pieceBytes) + 1);
  });
});
