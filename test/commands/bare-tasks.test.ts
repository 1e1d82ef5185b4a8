import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";
import { idOf } from "../fixtures/wait-servers.js";

/** Servers of another release may leave out any field: here each task is no more than its id. */
const [ROOT, CHILD] = [idOf("a"), idOf("b")];

let server: ScriptedServer;
beforeAll(async () => {
  const root = { id: ROOT, children_ids: [{ task_id: CHILD }] };
  server = await scriptedServer({
    "/task_manager/list_modules": jsonAnswer(["compaction"]),
    "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: ROOT }, { task_id: CHILD }]),
    [`/task_manager/task_status/${ROOT}`]: jsonAnswer(root),
    [`/task_manager/task_status/${CHILD}`]: jsonAnswer({ id: CHILD }),
    [`/task_manager/task_status_recursive/${ROOT}`]: jsonAnswer([root, { id: CHILD, parent_id: ROOT }]),
    [`/task_manager/task_status_recursive/${CHILD}`]: jsonAnswer([{ id: CHILD }]),
    [`/task_manager/wait_task/${ROOT}`]: jsonAnswer(root),
    "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
    "/task_manager/ttl": jsonAnswer(0),
    "/task_manager/user_ttl": jsonAnswer(0),
  });
});
afterAll(() => server.stop());

const tasks = (args: readonly string[], options = {}) => runInProcess(["--url", server.url, ...args], {}, options);

describe.each([
  ["a pipe", false],
  ["a terminal", true],
])("tasks of which nothing but the id is known, in %s", (_where, isTerminal) => {
  test.each<[string[], string[]]>([
    [
      ["list", "compaction"],
      [ROOT, CHILD],
    ],
    [
      ["list", "--all", "--sort", "type"],
      [ROOT, CHILD],
    ],
    [
      ["list", "compaction", "--fields", "task_id,duration_seconds,age_seconds,progress_percent"],
      [ROOT, CHILD],
    ],
    [["status", ROOT], [ROOT]],
    [["tree", ROOT], [ROOT]],
    [["tree"], [ROOT]],
    [["timeline", ROOT, "--by", "type"], []],
    [["timeline", ROOT, "--by", "table"], []],
    [["timeline", ROOT, "--by", "node"], []],
    [["timeline", ROOT, "--by", "shard"], []],
    [["explain", ROOT], [ROOT]],
    [["idle"], []],
    [["modules"], ["compaction"]],
    [["metrics", "--once"], []],
  ])("%j shows them", async (args, shown) => {
    const run = await tasks(args, { isTerminal });
    expect(run.stderr).not.toMatch(/TypeError|undefined|NaN/);
    expect(run.stdout).not.toMatch(/undefined|NaN|\[object/);
    for (const text of shown) expect(run.stdout).toContain(text);
  });

  test("a wait that ends without a state has an unknown outcome", async () => {
    const run = await tasks(["wait", ROOT], { isTerminal });
    expect(run.code).toBe(125);
    expect(run.stderr).toContain("unknown");
  });

  test("a filter that asks for what is not known leaves the task out aloud", async () => {
    const run = await tasks(["list", "compaction", "--older-than", "1m"], { isTerminal });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("left out");
  });
});
