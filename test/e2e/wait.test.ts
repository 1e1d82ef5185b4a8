import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTasks, started } from "../fixtures/run-tasks.js";
import { expectValid } from "../fixtures/schemas.js";
import { scriptedServer } from "../fixtures/scripted-server.js";
import { A, B, COMPACTION, ended, ID, silent, until, withMock } from "../fixtures/wait-servers.js";

describe.concurrent("wait for one", () => {
  test("is a long poll: the end of the task ends the wait, and nothing else was asked", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const run = started([...node, "wait", task.id, "-o", "json"]);
      await until(() => mock.requests.length > 0);
      task.fail("disk full");
      expect(await run.end).toEqual({ code: 123, signal: null });
      expect(JSON.parse(run.written.stdout)).toMatchObject({ id: task.id, state: "failed", error: "disk full" });
      expect(mock.requests.map(({ url }) => url)).toEqual([`/task_manager/wait_task/${task.id}`]);
    });
  });
});

describe.concurrent("wait for several", () => {
  test("tells a reader that went away nothing, and the shell the truth", async () => {
    const waiting: (() => void)[] = [];
    const server = await scriptedServer((request, response) => {
      waiting.push(() => ended("failed")(request, response));
    });
    const run = started(["-h", "127.0.0.1", "-p", String(server.port), "wait", ID]);
    await until(() => waiting.length > 0);
    run.child.stdout?.destroy();
    run.child.stderr?.destroy();
    for (const answer of waiting) answer();
    expect(await run.end).toEqual({ code: 123, signal: null });
    await server.stop();
  });
});

describe.concurrent("wait by selection", () => {
  test("over many nodes asks each task of its own node, and is no success while one node does not answer", async () => {
    await withMock(
      async (mock, node) => {
        const tasks = [0, 1].map((index) => mock.create({ ...COMPACTION, node: index }));
        const run = started([...node, "-a", "wait", "--module", "compaction", "--json"]);
        await until(() => mock.requests.filter(({ url }) => url.includes("wait_task")).length === 2);
        const asked = mock.requests.filter(({ url }) => url.includes("wait_task"));
        expect(asked.map((request) => [request.node, request.url]).sort()).toEqual(
          tasks.map(({ id }, index) => [`127.0.0.${index + 1}`, `/task_manager/wait_task/${id}`]),
        );
        for (const task of tasks) task.finish();
        expect(await run.end).toMatchObject({ code: 0 });
        expect(JSON.parse(run.written.stdout)).toMatchObject({ tasks: [{}, {}], errors: [] });

        await mock.takeDown(1);
        const partial = await runTasks([...node, "-a", "wait", "--module", "compaction", "--json"]);
        expect(partial.code).toBe(3);
        expectValid("wait", JSON.parse(partial.stdout));
        expect(JSON.parse(partial.stdout)).toMatchObject({ tasks: [], errors: [{ node: "127.0.0.2" }] });
        expect(partial.stderr).toContain("no answer from node 127.0.0.2");
      },
      { nodes: 2 },
    );
  });
});

describe.concurrent("a bad network", () => {
  test("a node that restarts in mid-wait has lost its tasks", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const run = started([...node, "wait", task.id, "--retry-for", "30s"]);
      await until(() => mock.requests.length > 0);
      await mock.takeDown(0);
      await until(() => run.written.stderr.includes("retrying"));
      await mock.bringUp(0);
      expect(await run.end).toMatchObject({ code: 125 });
      expect(run.written.stderr).toContain(`task ${task.id} is no longer known`);
    });
  });

  test("a server that is killed and comes back with the task is found again", async () => {
    let asked = false;
    const first = await scriptedServer(() => {
      asked = true;
    });
    const run = started(["-h", "127.0.0.1", "-p", String(first.port), "wait", ID, "-q", "--retry-for", "30s"]);
    await until(() => asked);
    await first.stop();
    await until(() => run.written.stderr.includes("retrying"));
    const second = createServer((request, response) => ended("done")(request, response));
    await new Promise<void>((resolve) => second.listen(first.port, "127.0.0.1", resolve));
    expect(await run.end).toMatchObject({ code: 0 });
    second.closeAllConnections();
    await new Promise((resolve) => second.close(resolve));
  });
});

describe.concurrent("being interrupted", () => {
  /** Signals a wait once its request is at the server; `pester` sends the signal again and again. */
  async function interrupted(signal: NodeJS.Signals, args: readonly string[] = [ID]) {
    const server = await scriptedServer(silent);
    const run = started(["wait", "-h", "127.0.0.1", "-p", String(server.port), ...args]);
    await until(() => server.requests.length > 0);
    run.child.kill(signal);
    const end = await run.end;
    await server.stop();
    return { ...end, ...run.written, again: `tasks -h 127.0.0.1 -p ${server.port} wait` };
  }

  test("by Ctrl-C exits with 130 and says how to come back to the same node", async () => {
    const { again, ...run } = await interrupted("SIGINT");
    expect(run).toEqual({
      code: 130,
      signal: null,
      stdout: "",
      stderr: `the task goes on; to wait for it again:\n  ${again} ${ID}\n`,
    });
  });

  test("by SIGTERM exits with 143", async () => {
    const { again, ...run } = await interrupted("SIGTERM", [A, B]);
    expect(run).toMatchObject({
      code: 143,
      stderr: `the tasks go on; to wait for them again:\n  ${again} ${A} ${B}\n`,
    });
  });
});

/** A pipe that takes no byte more, as of a reader that does not read. */
function fullPipe(): number {
  const path = join(mkdtempSync(join(tmpdir(), "tasks-")), "pipe");
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  rmSync(dirname(path), { recursive: true });
  expect(() => {
    for (;;) writeSync(pipe, "\n".repeat(4096));
  }).toThrow("EAGAIN");
  return pipe;
}

describe.concurrent("Ctrl-C while nobody reads", () => {
  test("what is printed ends the command", async () => {
    await withMock(async (mock, node) => {
      for (let count = 0; count < 2000; count++) mock.create(COMPACTION);
      const run = started([...node, "list", "compaction"], { stdout: fullPipe() });
      await until(() => mock.requests.length > 0);
      // The answer is read and written meanwhile, or not: it is to end either way.
      await new Promise((resolve) => setTimeout(resolve, 200));
      run.child.kill("SIGINT");
      expect(await run.end).toEqual({ code: 130, signal: null });
    });
  });

  test("what is said ends the command at the second time", async () => {
    let isBrokenOff = false;
    const server = await scriptedServer((_request, response) => {
      response.on("close", () => {
        isBrokenOff = true;
      });
    });
    const run = started(["-h", "127.0.0.1", "-p", String(server.port), "wait", ID], { stderr: fullPipe() });
    await until(() => server.requests.length > 0);
    run.child.kill("SIGINT");
    await until(() => isBrokenOff);
    expect(run.child.exitCode).toBeNull();
    run.child.kill("SIGINT");
    expect(await run.end).toEqual({ code: null, signal: "SIGINT" });
    await server.stop();
  });
});

describe.concurrent("progress in plain lines", () => {
  test.each(["seed", "current"] as const)("destroys nothing on a server of the %s generation", async (generation) => {
    await withMock(
      async (mock, node) => {
        const task = mock.create({ ...COMPACTION, table: "orders", progressUnits: "bytes", isUserTask: true });
        task.reportProgress(512, 1024);
        const run = started([...node, "wait", task.id, "-q", "--progress", "plain"]);
        await until(() => run.written.stderr !== "");
        task.finish();
        expect(await run.end).toMatchObject({ code: 0 });
        expect(run.written.stderr).toMatch(
          /^major compaction shop.orders {2}\[#{10}-{10}\] {2}0\.5\/1\.0 KiB 50% {2}elapsed \ds\n$/,
        );
        const asked = mock.requests.map(({ url }) => url.replace("/task_manager/", ""));
        expect(asked.filter((url) => url.startsWith("wait_task"))).toEqual([`wait_task/${task.id}`]);
        const lists = generation === "seed" ? ["list_module_tasks/compaction?internal=true"] : [];
        expect(asked).toEqual(expect.arrayContaining([...lists, `task_status/${task.id}`]));
        expect(await runTasks([...node, "status", task.id])).toMatchObject({ code: 0 });
      },
      { generation },
    );
  });
});
