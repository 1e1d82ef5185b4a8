import { describe, expect, test } from "vitest";
import { mockProcess } from "../fixtures/mock-process.js";
import { runTasks } from "../fixtures/run-tasks.js";

describe.concurrent("tasks mock", () => {
  test("listens, serves every node, and ends with 143 on SIGTERM", async () => {
    const mock = await mockProcess(["--nodes", "2"], 2);
    expect(mock.urls).toEqual([`http://127.0.0.1:${mock.port}`, `http://127.0.0.2:${mock.port}`]);
    for (const host of ["127.0.0.1", "127.0.0.2"]) {
      const run = await runTasks(["modules", "-h", host, "-p", String(mock.port)]);
      expect(run.stdout).toContain("compaction\n");
    }
    expect(await mock.stop()).toBe(143);
  });

  test("ends with 130 on SIGINT", async () => {
    const mock = await mockProcess();
    const closed = new Promise((resolve) => mock.child.on("close", resolve));
    mock.child.kill("SIGINT");
    expect(await closed).toBe(130);
  });

  test("says that a port is taken", async () => {
    const mock = await mockProcess();
    const run = await runTasks(["mock", "--port", String(mock.port)]);
    await mock.stop();
    expect(run.code).not.toBe(0);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^error: [^\n]*in use[^\n]*\n$/);
  });

  test.each([
    [["--nodes", "0"], "--nodes"],
    [["--generation", "old"], "It takes one of seed, current"],
    [["--release", "5.4"], "2026.4, latest"],
    [["--release", "6.2", "--generation", "seed"], "give either release or generation, not both"],
    [["--speed", "-1"], "--speed"],
    [["--address", "here"], "address"],
    [["--scenario", "no-such"], "no-such"],
  ])("refuses %j by name, exit 1", async (args, phrase) => {
    const run = await runTasks(["mock", "--port", "0", ...args]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });
});

describe.concurrent("tasks --mock", () => {
  test("has the same ids at every start, so that one run's id serves the next", async () => {
    const list = await runTasks(["--mock", "list", "compaction", "--json"]);
    const tasks: { task_id: string }[] = JSON.parse(list.stdout);
    expect(tasks.length).toBeGreaterThan(2);
    for (const { task_id } of tasks.slice(0, 2)) {
      const tree = await runTasks(["--mock", "tree", task_id, "--json"]);
      expect(tree.code).toBe(0);
      expect(JSON.parse(tree.stdout)[0].id).toBe(task_id);
    }
  });

  test.each([
    ["modules", 0],
    ["ttl", 0],
    ["user-ttl", 0],
    ["tree", 0],
    ["drain", 0],
    ["--release 6.2 user-ttl", 4],
    ["--generation seed drain", 4],
  ])("serves %s, exit %i", async (command, code) => {
    const run = await runTasks(["--mock", ...command.split(" ")]);
    expect(run.code).toBe(code);
    expect(run.stdout === "").toBe(code !== 0 || command === "drain");
  });
});
