import { afterAll, describe, expect, test } from "vitest";
import { startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

describe.each(["6.2", "seed", "2025.1", "2026.3"])("list by age on %s", (release) => {
  test.each([[[]], [["-a"]]])("finds the times that a list may lack, and destroys nothing: %j", async (more) => {
    const mock = await startMockCluster({ scenario: "idle", release, nodes: 2 });
    ends.push(() => mock.stop());
    const { port } = new URL(mock.urls[0] as string);
    const list = (...args: string[]) =>
      runInProcess([...more, "-h", "127.0.0.1", "-p", port, "list", "compaction", "-o", "name", ...args]);
    await runInProcess(["-a", "-h", "127.0.0.1", "-p", port, "ttl", "--set", "3600"]);
    const [running, done, queued] = [{}, {}, { isQueued: true }].map((as) => mock.create({ ...COMPACTION, ...as }));
    done?.finish();
    for (const _ of [1, 2]) {
      const young = await list("--newer-than", "1h");
      expect(young).toMatchObject({ code: 0, stderr: "" });
      expect(new Set(young.stdout.trim().split("\n"))).toEqual(new Set([running?.id, done?.id]));
    }
    expect(await list("--older-than", "1h")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await list()).stdout).toContain(queued?.id);
    expect((await list()).stdout).toContain(done?.id);
  });
});

test("what cannot be judged by age is said to be left out, exit 3", async () => {
  const server = await scriptedServer({
    "/storage_service/scylla_release_version": jsonAnswer("2025.1.3"),
    "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: "a" }, { task_id: "b" }]),
    "/task_manager/task_status/b": jsonAnswer({ message: "task with id b not found", code: 400 }, 400),
  });
  ends.push(server.stop);
  const list = ["-h", "127.0.0.1", "-p", String(server.port), "list", "compaction", "--older-than", "1h", "--json"];
  expect(await runInProcess(list)).toEqual({
    code: 3,
    stdout: "[]\n",
    stderr: "warning: 1 task left out: the server does not report the fields that the options filter by\n",
  });
});

describe.each([
  ["6.2", []],
  ["seed", ["-a"]],
  ["2025.1", []],
  ["2026.3", ["-a"]],
])("list with progress on %s %j", (release, more) => {
  test("has it where it is asked for, by whatever name, and destroys nothing", async () => {
    const mock = await startMockCluster({ scenario: "idle", release, nodes: 2 });
    ends.push(() => mock.stop());
    const { port } = new URL(mock.urls[0] as string);
    const list = (...args: string[]) => runInProcess([...more, "-h", "127.0.0.1", "-p", port, "list", ...args]);
    await runInProcess(["-a", "-h", "127.0.0.1", "-p", port, "ttl", "--set", "3600"]);
    const [running, done] = [mock.create(COMPACTION), mock.create(COMPACTION)];
    mock.create({ ...COMPACTION, scope: "shard", parent: running }).reportProgress(1, 4);
    done.fail("disk full");
    for (const _ of [1, 2]) {
      const run = await list(
        "compaction",
        "-o",
        "csv",
        "--fields",
        "task_id,progress,progress_completed,progress_total",
      );
      expect(run).toMatchObject({ code: 0, stderr: "" });
      expect(run.stdout).toContain(`${running.id},25,1,4\r\n`);
      expect(run.stdout).toContain(done.id);
    }
    const sorted = await list(
      "--all",
      "--sort",
      "-progress_percent",
      "--fields",
      "task_id,progress_units",
      "--limit",
      "1",
      "--state",
      "running",
    );
    expect(sorted.stdout).toContain(running.id);
    mock.clearRequests();
    await list("compaction", "--json");
    expect(mock.requests.filter(({ url }) => /task_status|wait_task/.test(url))).toEqual([]);
  });
});

describe("progress of a list on a terminal", () => {
  test.each([
    [160, true],
    [80, false],
  ])("%d cells wide: %s", async (width, isThere) => {
    const mock = await startMockCluster({ scenario: "idle" });
    ends.push(() => mock.stop());
    const task = mock.create(COMPACTION);
    mock.create({ ...COMPACTION, scope: "shard", parent: task }).reportProgress(1, 4);
    const { port } = new URL(mock.urls[0] as string);
    const list = ["-h", "127.0.0.1", "-p", port, "list", "compaction", "--width", String(width)];
    const { stdout } = await runInProcess(list, {}, { isTerminal: true });
    expect(stdout.includes("25%")).toBe(isThere);
    expect(mock.requests.some(({ url }) => url.includes("task_status"))).toBe(isThere);
  });
});

test("of a node that answers no look, rows have no progress, and not each of them costs a request", async () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ task_id: `a${index}`, state: "running" }));
  const server = await scriptedServer((request, response) => {
    if (request.url?.includes("list_module_tasks")) jsonAnswer(rows)(request, response);
    else if (request.url?.includes("release")) jsonAnswer("2026.1.0")(request, response);
    else jsonAnswer({ message: "no", code: 500 }, 500)(request, response);
  });
  ends.push(server.stop);
  const list = ["-h", "127.0.0.1", "-p", String(server.port), "list", "m", "--fields", "task_id,progress", "-o", "csv"];
  const { code, stdout } = await runInProcess(list);
  expect(code).toBe(0);
  expect(stdout.split("\r\n").slice(1, -1)).toEqual(rows.map(({ task_id }) => `${task_id},`));
  expect(server.requests.filter((line) => line.includes("task_status")).length).toBeLessThanOrEqual(64);
});

describe("list --exit-code", () => {
  test.each([
    [["--state", "failed"], 1],
    [["--state", "failed", "--limit", "0"], 1],
    [["--state", "failed", "--count"], 1],
    [["--state", "done"], 0],
  ])("%j: %d", async (filter, code) => {
    const mock = await startMockCluster({ scenario: "idle" });
    ends.push(() => mock.stop());
    const { port } = new URL(mock.urls[0] as string);
    await runInProcess(["-h", "127.0.0.1", "-p", port, "ttl", "--set", "3600"]);
    mock.create(COMPACTION).fail("disk full");
    expect(
      await runInProcess(["-h", "127.0.0.1", "-p", port, "list", "--all", "--exit-code", ...filter]),
    ).toMatchObject({
      code,
      stderr: "",
    });
  });
});

describe("a module that was listed, and then was not known", () => {
  const unknown = jsonAnswer({ message: "std::runtime_error (module test not found)", code: 400 }, 400);
  const warning = "no tasks of module 'test': the server listed the module, but then did not know it\n";
  const script = {
    "/task_manager/list_modules": jsonAnswer(["test", "compaction"]),
    "/task_manager/list_module_tasks/test": unknown,
    "/task_manager/list_module_tasks/compaction": jsonAnswer([{ task_id: "a-task" }]),
    "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1"]),
    "/gossiper/endpoint/down/": jsonAnswer(["127.0.0.2"]),
  };

  test("is left out of the list of one node, whose JSON is whole: exit 3", async () => {
    const { port, stop } = await scriptedServer(script);
    ends.push(stop);
    const run = await runInProcess(["-h", "127.0.0.1", "-p", String(port), "list", "--all", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual([{ module: "compaction", task_id: "a-task" }]);
    expect(run).toMatchObject({ code: 3, stderr: `warning: ${warning}` });
  });

  test("is left out of the list of many nodes, of which one is down", async () => {
    const { port, stop } = await scriptedServer(script);
    ends.push(stop);
    const run = await runInProcess(["-a", "-h", "127.0.0.1", "-p", String(port), "list", "--all", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual({
      tasks: [{ node: "127.0.0.1", module: "compaction", task_id: "a-task" }],
      errors: [{ node: "127.0.0.2", reason: "the cluster reports it as down" }],
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(`warning: ${warning}`);
  });
});
