import { expect, test } from "vitest";
import type { TaskStatus } from "../../src/client/wire.js";
import { eachTaskOnce } from "../../src/tasks/each-task-once.js";

async function* batches(...trees: TaskStatus[][]) {
  yield* trees;
}

async function idsOf(...trees: TaskStatus[][]): Promise<(string | undefined)[][]> {
  const rows: (string | undefined)[][] = [];
  for await (const batch of eachTaskOnce(batches(...trees))) rows.push(batch.map(({ id }) => id));
  return rows;
}

const root = { id: "root", parent_id: "none" };
const child = { id: "child", parent_id: "root" };
const below = { id: "below", parent_id: "child" };

test("a task is not shown again as a root, whether its parent's tree came before it or after", async () => {
  expect(await idsOf([root, child], [child])).toEqual([["root", "child"]]);
  expect(await idsOf([child, below], [root, child, below])).toEqual([["root", "child", "below"]]);
});

test("a part whose parent never comes is shown at the end", async () => {
  expect(await idsOf([child, below], [{ id: "other" }])).toEqual([["other"], ["child", "below"]]);
  expect(await idsOf([child, below], [{ id: "root" }])).toEqual([["root"], ["child", "below"]]);
});

test("rows without an id are all kept", async () => {
  expect(await idsOf([{}, {}])).toEqual([[undefined, undefined]]);
});
