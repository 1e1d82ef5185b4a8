import { describe, expect, test, vi } from "vitest";
import { readJsonArray } from "../../src/client/json-array.js";
import type { TaskStatus } from "../../src/client/wire.js";
import { formatOf, OUTPUT_FORMATS } from "../../src/format/formats.js";
import { explanationReport } from "../../src/format/reports/explanation-report.js";
import { batchOf, type Report } from "../../src/format/reports/report.js";
import { nameList, taskList, taskTree } from "../../src/format/reports/task-reports.js";
import { wrapCells } from "../../src/format/terminal/cell-width.js";
import { listView } from "../../src/format/terminal/list-view.js";
import { statusView } from "../../src/format/terminal/status-view.js";
import { treeView } from "../../src/format/terminal/tree-view.js";
import type { ViewOptions } from "../../src/format/terminal/view-options.js";
import { paddedTable } from "../../src/format/text/padded-table.js";
import { explain } from "../../src/tasks/explanation.js";
import { preorder, taskForest } from "../../src/tasks/forest.js";
import { answeredWaits } from "../fixtures/answered-waits.js";
import { reportPieces, reportText } from "../fixtures/report-text.js";
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

/** How many characters regular expressions look at while something is done. */
function charactersTested(work: () => void): number {
  let characters = 0;
  const test = RegExp.prototype.test;
  const spy = vi.spyOn(RegExp.prototype, "test").mockImplementation(function (this: RegExp, text: string) {
    characters += text.length;
    return test.call(this, text);
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return characters;
}

describe("work grows as a text does", () => {
  test.each([
    ["one long word", (length: number) => "w".repeat(length)],
    ["a word of wide characters", (length: number) => "在".repeat(length)],
    ["short words", (length: number) => "word ".repeat(length / 5)],
  ])("%s is broken into lines", (_, textOf) => {
    const work = (length: number) => charactersTested(() => wrapCells(textOf(length), 80));
    expect(work(200_000)).toBeLessThanOrEqual(work(10_000) * 22);
  });
});

describe("what a server sends without measure", () => {
  const LONG = 1_000_000;
  const rows = times(200, (index) => ({ ...stats(index), entity: index === 7 ? "n".repeat(LONG) : "" }));

  test("one long name does not make every row of a table as long", async () => {
    const text = (await reportPieces(taskList(batchOf(...rows)))).join("");
    expect(text).toContain("n".repeat(LONG));
    expect(text.length).toBeLessThan(LONG + rows.length * 11_000);
  });

  test("nor of a list or a tree on a terminal with --wide", async () => {
    const options = { ...(await viewOptionsOf()), wide: true };
    const trees = rows.map(({ entity }, index) => ({ ...status(index, -1), entity }));
    for (const view of [listView(rows, options), treeView(trees, options)]) {
      const text = [...view].join("");
      expect(text).toContain("n".repeat(LONG));
      expect(text.length).toBeLessThan(LONG + rows.length * 11_000);
    }
  });

  test("the paths of failures down a deep tree are not as its square", () => {
    const spine = times(3000, (index) => status(index, index - 1));
    const failed = spine.map(({ id }, index) => ({ id: `f${index}`, state: "failed", parent_id: id as string }));
    const { failures } = explain([...spine.map((one) => ({ ...one, state: "running" })), ...failed]);
    expect(failures).toHaveLength(failed.length);
    let steps = 0;
    for (const { path } of failures) steps += path.length;
    expect(steps).toBeLessThanOrEqual(100 * failed.length);
  });

  test("more rows than a call has arguments", async () => {
    const many = times(130_000, (index) => ({ id: `t${index}`, state: "failed" }));
    const names = async (report: Report) => (await reportPieces(report, { format: "name" })).join("");
    const expected = many.map(({ id }) => `${id}\n`).join("");
    expect(await names(explanationReport(explain(many)) as Report)).toBe(expected);
    expect(await names(answeredWaits(many) as Report)).toBe(expected);
    expect(await names(nameList(many.map(({ id }) => id)) as Report)).toBe(expected);
    const children_ids = many.map(({ id }) => ({ task_id: id, node: "" }));
    const options = { ...(await viewOptionsOf()), wide: true };
    expect([...statusView([{ id: "root", children_ids }], options)].join("").split("\n").length).toBeGreaterThan(
      130_000,
    );
  });
});

describe("a value nested deeper than the stack ends in one sentence", () => {
  const deep = () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200_000; depth++) value = [value];
    return { id: "a", state: "done", extra: value };
  };

  test.each(OUTPUT_FORMATS)("as %s", async (format) => {
    const printing = reportText(answeredWaits([deep()]) as Report, { format, fields: undefined });
    const withField = reportText(withExtra(), { format, fields: ["extra"] });
    const sentence = "cannot print the answer: a value in it is nested too deeply";
    // The others print known fields only.
    if (format === "table" || formatOf(format).holdsAllFields) await expect(printing).rejects.toThrow(sentence);
    else await printing;
    await expect(withField).rejects.toThrow(sentence);
  });

  const withExtra = (): Report => ({ ...(answeredWaits([deep()]) as Report), onRequest: ["extra"] });

  test("on a terminal, and nested", async () => {
    const options = await viewOptionsOf();
    expect(() => [...statusView([deep()], options)]).toThrow(RangeError);
    await expect(reportText(taskTree(batchOf(deep())), { format: "json", nested: true })).rejects.toThrow(
      "cannot print the answer",
    );
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
