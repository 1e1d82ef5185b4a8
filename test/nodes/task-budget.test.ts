import { describe, expect, test } from "vitest";
import { TaskBudget } from "../../src/nodes/task-budget.js";

const MEGABYTE = 1024 * 1024;

describe("what a command may read", () => {
  test("ends at so many tasks, and says so", () => {
    const leftOut = new Set<string>();
    const budget = new TaskBudget(3, leftOut);
    expect(budget.take(["a", "b"])).toEqual(["a", "b"]);
    expect(leftOut.size).toBe(0);
    expect(budget.take(["c", "d"])).toEqual(["c"]);
    expect([...leftOut]).toEqual(["only 3 tasks were read: raise the limit with --max-tasks"]);
  });

  test.each([
    ["of long texts", { error: "x".repeat(MEGABYTE) }, 65],
    ["of a million empty lists", { extra: Array.from({ length: MEGABYTE }, () => []) }, 2],
    ["of names that no other has", Object.fromEntries(Array.from({ length: MEGABYTE }, (_, key) => [key, 0])), 2],
  ])("ends where few tasks take much memory: %s", async (_, task, fits) => {
    const leftOut = new Set<string>();
    const budget = new TaskBudget(1000, leftOut);
    const read: unknown[] = [];
    const endless = async function* () {
      for (;;) yield [task];
    };
    for await (const batch of budget.within(endless())) read.push(...batch);
    expect(read.length).toBeLessThanOrEqual(fits);
    expect([...leftOut]).toEqual(["tasks that take too much memory were not read: raise the limit with --max-tasks"]);
    expect(budget.mayRead()).toBe(false);
    budget.startRound();
    expect(budget.mayRead()).toBe(true);
  });

  test("is enough for as many usual tasks as it may read", () => {
    const leftOut = new Set<string>();
    const most = 200_000;
    const id = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
    const task = { id, type: "major keyspace compaction", kind: "node", scope: "keyspace", state: "running" };
    const times = { start_time: "2026-11-24T08:00:00Z", end_time: "2026-11-24T09:00:00Z" };
    const names = { keyspace: "customers", table: "orders", entity: "", error: "", parent_id: id, shard: 3 };
    const tasks = new Array(most).fill({
      ...task,
      ...times,
      ...names,
      children_ids: [{ task_id: id, node: "10.0.0.1" }],
    });
    expect(new TaskBudget(most, leftOut).take(tasks)).toHaveLength(most);
    expect(leftOut.size).toBe(0);
  });
});
