import { expect, test } from "vitest";
import type { TaskStatus } from "../../../src/client/wire.js";
import { nestedJson } from "../../../src/format/documents/nested-json.js";
import { batchOf, collectRows } from "../../../src/format/reports/report.js";
import { taskStatus, taskTree } from "../../../src/format/reports/task-reports.js";
import { summaryText } from "../../../src/format/text/explanation-text.js";
import { explain } from "../../../src/tasks/explanation.js";
import { taskForest } from "../../../src/tasks/forest.js";
import type { JsonRecord } from "../../../src/tasks/record.js";
import { limitDepth } from "../../../src/tasks/tree-depth.js";
import { viewOf } from "../../fixtures/views.js";

const task = (id: string, parent?: string, more: TaskStatus = {}): TaskStatus => ({
  id,
  state: "done",
  parent_id: parent ?? "none",
  ...more,
});

const deep = (depth: number) =>
  Array.from({ length: depth }, (_, index) => task(`t${index}`, index === 0 ? undefined : `t${index - 1}`));

const nested = async (statuses: TaskStatus[]) => {
  let text = "";
  for await (const piece of nestedJson(taskTree(batchOf(...statuses)), (status) => ({ id: status.id }) as JsonRecord))
    text += piece;
  return text;
};

test("a tree 50,000 deep is drawn, explained and nested, in lines that fit", async () => {
  const statuses = deep(50_000);
  statuses.push(task("leaf", "t49999", { state: "failed", error: "deep down" }));
  const lines = (await viewOf(taskTree(batchOf(...statuses)))).trimEnd().split("\n");
  expect(lines.filter((line) => line.includes("done") || line.includes("failed")).length).toBeGreaterThan(50_000);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContainEqual(expect.stringMatching(/^…50000 ┗━ ✘ failed/));
  // Whole paths of many failures would be as the square of the tree.
  const [failure] = explain(statuses).failures;
  expect(failure?.path.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => `t${49_900 + index}`));
  let depth = 0;
  let node = JSON.parse(await nested(statuses)) as { children: [] }[];
  for (; node.length > 0; node = node[0]?.children as never) depth++;
  expect(depth).toBe(50_001);
});

test("a tree of 100,000 children is drawn", async () => {
  const children = Array.from({ length: 100_000 }, (_, index) => task(`c${index}`, "root"));
  const text = await viewOf(taskTree(batchOf(task("root"), ...children)));
  expect(text.match(/^[├└]─ ✔ done/gm)).toHaveLength(100_000);
});

test("the path to a failure is drawn heavy, even past its siblings", async () => {
  const statuses = [
    task("root", undefined, { state: "failed", children_ids: [] }),
    task("a", "root"),
    task("aa", "a"),
    task("b", "root", { state: "failed" }),
    task("bb", "b", { state: "failed", error: "boom" }),
    task("c", "root"),
  ];
  const text = await viewOf(taskTree(batchOf(...statuses)));
  expect(text.split("\n").slice(0, 7)).toEqual([
    "✘ failed        root",
    "┠─ ✔ done       a",
    "┃  └─ ✔ done    aa",
    "┡━ ✘ failed     b",
    "│  ┗━ ✘ failed  bb",
    "│       boom",
    "└─ ✔ done       c",
  ]);
});

test("tasks that are each other's ancestors, or their own, are all shown once", () => {
  const statuses = [task("a", "b"), task("b", "a"), task("c", "c"), task("d", "b"), task("a", "d"), {}];
  const roots = taskForest(statuses);
  const seen: (string | undefined)[] = [];
  const visit = (nodes: typeof roots) => {
    for (const { status, children } of nodes) {
      seen.push(status.id);
      visit(children);
    }
  };
  visit(roots);
  expect(seen.sort()).toEqual(["a", "b", "c", "d", undefined]);
});

test("children that do not name their parent are placed by the parent's list", () => {
  const [root] = taskForest([
    { id: "p", children_ids: [{ task_id: "c", node: "127.0.0.2" }], kind: "cluster" },
    { id: "c" },
  ]);
  expect(root?.children).toMatchObject([{ status: { id: "c" }, node: "127.0.0.2", depth: 1 }]);
});

test("a child that is gone or unreachable is shown in its place, with its node", async () => {
  const text = await viewOf(
    taskTree(
      batchOf(
        task("root", undefined, { kind: "cluster", type: "user_repair", node: null, state: "running" }),
        task("here", "root", { node: "10.0.0.1", type: "repair", state: "running" }),
        { id: "g", state: "gone", node: "10.0.0.2", parent_id: "root", children_ids: [] },
        { id: "u", state: "unreachable", node: "10.0.0.3", parent_id: "root", children_ids: [] },
      ),
      ["node"],
    ),
  );
  expect(text).toContain("├─ ▶ running  repair  on 10.0.0.1");
  expect(text).toContain("├─ ∅ gone  on 10.0.0.2");
  expect(text).toContain("└─ ? unreachable  on 10.0.0.3");
});

test("--depth limits the levels, whether or not tasks name their parents", async () => {
  const named = [...deep(4), task("other"), task("below", "other")];
  const ids = async (rows: TaskStatus[], depth: number | undefined) =>
    (await collectRows(limitDepth(batchOf(...rows), depth))).map(({ id }) => id);
  expect(await ids(named, 0)).toEqual(["t0", "other"]);
  expect(await ids(named, 1)).toEqual(["t0", "t1", "other", "below"]);
  expect(await ids(named, undefined)).toHaveLength(6);
  const unnamed = [{ id: "p", children_ids: [{ task_id: "c", node: "" }] }, { id: "c" }];
  expect(await ids(unnamed, 0)).toEqual(["p"]);
});

test("nested JSON holds each task once, as the flat one does, and is an array of roots", async () => {
  expect(JSON.parse(await nested([]))).toEqual([]);
  expect(JSON.parse(await nested([task("a"), task("b", "a"), task("c", "a"), task("d", "b"), task("e")]))).toEqual([
    {
      id: "a",
      children: [
        { id: "b", children: [{ id: "d", children: [] }] },
        { id: "c", children: [] },
      ],
    },
    { id: "e", children: [] },
  ]);
});

test("children that --limit leaves out of a tree of many nodes are not said to be elsewhere", async () => {
  const children_ids = ["a", "b", "c"].map((task_id) => ({ task_id, node: "10.0.0.2" }));
  const root = task("root", undefined, { kind: "cluster", node: null, children_ids });
  const text = await viewOf(taskTree(batchOf(root, task("a", "root", { node: "10.0.0.2" })), ["node"]));
  expect(text).toContain("│ … 2 children not shown\n");
});

test("a child whose node has no known address says so", async () => {
  const child = task("c", "root", { node: "0.0.0.0", type: "repair", state: "running" });
  const text = await viewOf(taskTree(batchOf(task("root", undefined, { kind: "cluster" }), child), ["node"]));
  expect(text).toContain("▶ running  repair  address unknown");
});

test("a finished tablet repair, without type, scope and times, shows what is known", async () => {
  const repair: TaskStatus = {
    id: "a",
    type: "",
    kind: "cluster",
    scope: "",
    state: "failed",
    error: "",
    keyspace: "shop",
    table: "orders",
    start_time: "1970-01-01T00:00:00Z",
    end_time: "1970-01-01T00:00:00Z",
    progress_units: "tablets",
    progress_completed: 3,
    progress_total: 10,
  };
  expect(await viewOf(taskTree(batchOf(repair)))).toBe("✘ failed  shop.orders  [███       ]  30%  3/10 tablets  a\n");
  expect(await viewOf(taskStatus(repair))).not.toMatch(/type|scope|time|1970|When|Children/);
  expect(summaryText(explain([repair]))).toBe(
    "Task a (shop.orders) failed: it was aborted, with 3 of 10 tablets repaired",
  );
});

test("a percentage is exact if the numbers are", async () => {
  const text = await viewOf(taskTree(batchOf(task("a", "", { progress_completed: 29, progress_total: 100 }))));
  expect(text).toContain(" 29%");
});
