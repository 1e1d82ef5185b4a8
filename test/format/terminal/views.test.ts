import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TaskStats, TaskStatus } from "../../../src/client/wire.js";
import { explanationReport } from "../../../src/format/reports/explanation-report.js";
import { findingList } from "../../../src/format/reports/finding-list.js";
import { batchOf, type Report } from "../../../src/format/reports/report.js";
import { selectFields, sortRows } from "../../../src/format/reports/row-options.js";
import { taskList, taskStatus, taskTree } from "../../../src/format/reports/task-reports.js";
import { summaryText } from "../../../src/format/text/explanation-text.js";
import { explain } from "../../../src/tasks/explanation.js";
import { expectGolden, goldenInput } from "../../fixtures/golden.js";
import { hostileStats, hostileStatus } from "../../fixtures/hostile-tasks.js";
import { NOW } from "../../fixtures/report-text.js";
import { Terminal, viewOf } from "../../fixtures/views.js";

const listed = goldenInput<TaskStats[]>("list-tasks.json");
const tree = goldenInput<TaskStatus[]>("tree-tasks.json");
const WIDTHS = [40, 60, 80, 120, 200, 300];

/** Each view, of tasks that have something of everything. */
const VIEWS: Readonly<Record<string, () => Report>> = {
  list: () => taskList(batchOf(...listed)) as Report,
  "list-empty": () => taskList(batchOf()) as Report,
  tree: () => taskTree(batchOf(...tree)) as Report,
  "tree-depth": () => taskTree(batchOf(...tree.slice(0, 1)), [], [], 0) as Report,
  status: () => taskStatus(tree[4] as TaskStatus) as Report,
  explain: () => explanationReport(explain(tree)) as Report,
  findings: () =>
    findingList([
      { check: "name", result: "ok", detail: "localhost is 127.0.0.1", advice: "" },
      { check: "ttl", result: "note", detail: "0 s: a finished task is gone at once", advice: "raise it for a wait" },
      {
        check: "port",
        result: "wrong",
        detail: "nothing \u001b[0m listens on 127.0.0.1:10000, and a server's long text in 在庫管理 goes on and on",
        advice: "start the server",
      },
    ]) as Report,
  fields: () => selectFields(taskTree(batchOf(...tree)), ["id", "state", "table", "error"], NOW) as Report,
};

describe.each(Object.keys(VIEWS))("%s", (name) => {
  const report = () => (VIEWS[name] as () => Report)();

  test("looks as in the golden files", async () => {
    let text = "";
    for (const columns of WIDTHS) text += `${"=".repeat(columns)}\n${await viewOf(report(), { columns })}`;
    text += `${"=".repeat(80)} ASCII\n${await viewOf(report(), { unicode: false })}`;
    text += `${"=".repeat(80)} --wide\n${await viewOf(report(), { wide: true })}`;
    expectGolden(`view-${name}.txt`, text);
  });

  test.each(WIDTHS)("fits a terminal of %i columns, and no line wraps", async (columns) => {
    for (const unicode of [true, false]) {
      const terminal = new Terminal(columns, 50);
      const text = await viewOf(report(), { columns, unicode, color: true });
      await terminal.write(text.replaceAll("\n", "\r\n"));
      expect(terminal.hasWrapped).toBe(false);
      expect(terminal.lines).toHaveLength(text.trimEnd().split("\n").length);
    }
  });

  test("is ASCII if nothing else can be shown", async () => {
    expect(await viewOf(report(), { unicode: false })).toMatch(/^[\u0020-\u007e\n]*$/);
  });
});

test("no list cuts an id, however narrow", async () => {
  for (const columns of [20, 36, 40, 60]) {
    const text = await viewOf(taskList(batchOf(...listed)), { columns });
    for (const { task_id } of listed) expect(text).toContain(task_id);
  }
});

describe("at 80 columns", () => {
  const one = { state: "running", type: "repair", kind: "node", scope: "keyspace", keyspace: "shop", shard: 0 };
  const rows = ["a", "b", "c"].map((letter, index) => ({
    ...one,
    module: "repair",
    task_id: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
    table: `orders_by_customer_and_region_${index}`,
    start_time: "2026-11-24T09:00:00Z",
  }));

  test("columns that are equal in every row are dropped first, and shown once", async () => {
    expect(await viewOf(taskList(batchOf(...rows), ["module"]))).toBe(
      `${[
        "task_id                               state      table",
        "aaaaaaaa-1111-4111-8111-111111111111  ▶ running  orders_by_customer_and_region_0",
        "bbbbbbbb-1111-4111-8111-111111111111  ▶ running  orders_by_customer_and_region_1",
        "cccccccc-1111-4111-8111-111111111111  ▶ running  orders_by_customer_and_region_2",
        "(the same in every row: module repair, type repair, scope keyspace, keyspace",
        "shop, shard 0, kind node, started 1h ago, duration 1h00m)",
      ].join("\n")}\n`,
    );
  });

  test("names that would look the same if cut at the end are cut in the middle", async () => {
    const text = await viewOf(taskList(batchOf(...rows), ["module"]), { columns: 60 });
    expect(text).toMatch(/orders_.*…\S*_0\n.*orders_.*…\S*_1\n/);
  });

  test("a list of all modules of all nodes keeps node, type and keyspace", async () => {
    const located = rows.map((row, index) => ({
      ...row,
      node: `10.0.0.${index}`,
      module: ["compaction", "node_ops", "repair"][index],
      type: ["major compaction", "decommission: streaming", "repair"][index] ?? "",
      keyspace: `keyspace_${index}`,
    }));
    const text = await viewOf(taskList(batchOf(...located), ["node", "module"]));
    for (const { node, type, keyspace } of located) {
      expect(text).toMatch(new RegExp(`${node}.*  ${type.slice(0, 12)}.*${keyspace}`));
    }
  });

  test("a single row has no note about equal columns", async () => {
    expect(await viewOf(taskList(batchOf(...rows.slice(0, 1))))).not.toContain("the same in every row");
  });

  test.each([30, 40, 80])("the node of a child is never cut in %i columns", async (columns) => {
    const children = ["10.20.30.40", "10.20.30.41"].map((node, index) => ({
      ...one,
      id: `c${index}`,
      node,
      parent_id: "root",
      type: "a type with a long name",
      table: "a_table_with_a_very_long_name_of_its_own",
    }));
    const text = await viewOf(taskTree(batchOf<TaskStatus>({ id: "root", kind: "cluster" }, ...children), ["node"]), {
      columns,
    });
    for (const { node } of children) expect(text).toContain(`on ${node}`);
  });
});

test("nested fields look the same in a cell as in a pipe", async () => {
  const children_ids = ["b", "c"].map((task_id) => ({ task_id, node: "" }));
  const report = selectFields(taskTree(batchOf({ children_ids })), ["children_ids.task_id"], NOW) as Report;
  expect(await viewOf(report)).toBe("children_ids.task_id\nb,c\n");
});

test("a summary does not cut an emoji in two", () => {
  const summary = summaryText(explain([{ id: "a", state: "failed", error: "🚚".repeat(300) }]));
  expect(summary).toBe(`Task a failed: ${"🚚".repeat(200)}...`);
  expect(summaryText(explain([{ id: "a", state: "failed", error: `x${"🚚".repeat(150)}` }]))).toMatch(/🚚$/u);
});

test("every state has a glyph and its word, and colours change neither", async () => {
  const states = ["created", "running", "done", "failed", "suspended", "gone", "unreachable", "new one"];
  const rows = states.map((state, index) => ({ task_id: String(index), state }));
  const plain = await viewOf(taskList(batchOf(...rows)));
  const glyphs = plain
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split(/ +/)[1]);
  expect(new Set(glyphs).size).toBe(states.length);
  for (const state of states) expect(plain).toContain(state);
  const colored = await viewOf(taskList(batchOf(...rows)), { color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken away
  const uncolored = colored.replace(/\u001b\[\d+m/g, "").replace(/ +$/gm, "");
  expect(uncolored).toBe(plain);
});

/** Whatever acts on a terminal, or is not to be seen on it, but for line ends. */
const DANGEROUS = /(?!\n)[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

test("no control character of a server gets through, and no line is too long", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(hostileStats, { maxLength: 3 }),
      fc.array(hostileStatus, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...WIDTHS),
      fc.boolean(),
      async (stats, statuses, columns, unicode) => {
        const [status = {}] = statuses;
        const reports: Report[] = [
          taskList(batchOf(...stats)) as Report,
          taskTree(batchOf(...statuses)) as Report,
          taskStatus(status) as Report,
          explanationReport(explain(statuses.map((one) => ({ ...one, state: "failed" })))) as Report,
          selectFields(taskTree(batchOf(...statuses)), ["error", "children_ids"], NOW) as Report,
        ];
        for (const report of reports) {
          const text = await viewOf(report, { columns, unicode });
          expect(text).not.toMatch(DANGEROUS);
          if (!unicode) expect(text).toMatch(/^[\u0020-\u007e\n]*$/);
          if (unicode) continue;
          for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(Math.max(columns, 40));
        }
      },
    ),
    { numRuns: 100 },
  ));

test("the failures of explain come in the requested order", async () => {
  const failed = ["a", "b"].map((id) => ({ id, state: "failed" }));
  const report = sortRows(explanationReport(explain(failed)), { field: "id", descending: true }, NOW);
  expect((await viewOf(report)).match(/\d\. ./g)).toEqual(["1. b", "2. a"]);
});
