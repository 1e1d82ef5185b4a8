import { describe, expect, test } from "vitest";
import { type Answer, jsonAnswer } from "../fixtures/scripted-server.js";
import { against, idOf } from "../fixtures/wait-servers.js";

const checked = async (tasks: readonly object[], args: readonly string[], more: Record<string, Answer> = {}) => {
  const script = {
    "/task_manager/list_modules": jsonAnswer(["compaction"]),
    "/task_manager/list_module_tasks/compaction": jsonAnswer(tasks),
    "/task_manager/list_module_tasks/repair": jsonAnswer([]),
    "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
    ...more,
  };
  return await against(script, ["check", ...args]);
};

const OLD = { start_time: "2020-01-01T00:00:00Z" };

describe.concurrent("check", () => {
  test("is UNKNOWN for tasks without a start time", async () => {
    const run = await checked(
      [
        { task_id: idOf(1), state: "running" },
        { task_id: idOf(2), state: "running" },
      ],
      ["--older-than", "1h"],
      Object.fromEntries([1, 2].map((n) => [`/task_manager/task_status/${idOf(n)}`, jsonAnswer({ id: idOf(n) })])),
    );
    expect(run.code).toBe(3);
    expect(run.stdout).toMatch(/^TASKS UNKNOWN - start time of 2 tasks unknown/);
  });

  test("counts a task without a type, keyspace or table", async () => {
    const run = await checked([{ task_id: idOf(1), state: "running", ...OLD }], ["--older-than", "1h"]);
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(/^TASKS CRITICAL - .*a task/);
  });

  test.each<[string[], number]>([
    [["--type", "major*"], 2],
    [["--type", "minor*"], 0],
    [["--keyspace", "shop"], 2],
    [["--keyspace", "other"], 0],
    [["--table", "orders"], 2],
    [["--table", "items"], 0],
    [["--module", "repair"], 0],
  ])("counts only the tasks that %j names: exit %i", async (filter, code) => {
    const task = { task_id: idOf(1), state: "running", type: "major compaction", keyspace: "shop", table: "orders" };
    const run = await checked([{ ...task, ...OLD }], ["--older-than", "1h", ...filter]);
    expect(run.code).toBe(code);
  });
});
