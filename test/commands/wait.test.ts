import { describe, expect, test } from "vitest";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import { type Answer, jsonAnswer, textAnswer } from "../fixtures/scripted-server.js";
import {
  A,
  against,
  B,
  broken,
  C,
  COMPACTION,
  cutOff,
  ended,
  ID,
  idOf,
  inTurn,
  silent,
  TIMED_OUT,
  UNKNOWN,
  until,
  withMock,
} from "../fixtures/wait-servers.js";

describe.concurrent("wait for one", () => {
  test.each([
    ["done", 0],
    ["failed", 123],
    ["suspended", 125],
    ["some new state", 125],
    ["running", 125],
  ])("that ends %s prints its status as nodetool, exit %i", async (state, code) => {
    const run = await against(ended(state), ["wait", ID]);
    expect(run).toMatchObject({ code, stdout: `id: ${ID}\nstate: ${state}\n` });
    const said: Record<string, string> = {
      done: "",
      failed: "",
      suspended: `warning: task ${ID} was suspended: neither done nor failed\n`,
    };
    expect(run.stderr).toBe(
      said[state] ??
        `error: the server ended the wait and reported that task ${ID} is ${state}, so the outcome is unknown\n`,
    );
    expect(run.requests).toEqual([`GET /task_manager/wait_task/${ID}`]);
  });

  test.each<[string, Answer]>([
    ["says nothing of the task", jsonAnswer({ status: "ok" })],
    ["has no state", jsonAnswer({ id: ID })],
    ["is about another task", jsonAnswer({ id: "another", state: "done" })],
    ["is a proxy's 202", jsonAnswer({ id: ID, state: "done" }, 202)],
    ["is a 206", jsonAnswer({ id: ID, state: "done" }, 206)],
    ["is empty, with --quiet", jsonAnswer({})],
  ])("whose answer %s is 125, and said", async (name, answer) => {
    const run = await against(answer, ["wait", ID, ...(name.includes("--quiet") ? ["--quiet"] : [])]);
    expect(run.code).toBe(125);
    expect(run.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(run.requests).toHaveLength(1);
  });

  test("whose answer is empty is 0 without --quiet, as nodetool's own suite wants", async () => {
    expect(await against(jsonAnswer({}), ["wait", ID])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const document = await against(jsonAnswer({}), ["wait", ID, "--json"]);
    expect(document.code).toBe(125);
    expect(JSON.parse(document.stdout)).toMatchObject({ id: ID, state: "unknown", outcome: "unknown" });
    expect((await against(jsonAnswer({}), ["wait", ID, "--junit", "/dev/null"])).code).toBe(125);
  });

  test("that the node does not know is 125, says what the server said, and that it may be on another node", async () => {
    const run = await against(UNKNOWN, ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toMatch(
      new RegExp(`^error: [^\n]*task with id ${ID} not found\nIt may be on another node: [^\n]*\n$`),
    );
  });
});

describe.concurrent("wait for several", () => {
  test("is one long poll each, and one document in the order of the ids", async () => {
    const run = await against(ended("done"), ["wait", A, B, C, B, "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(run.stdout).map(({ id }: { id: string }) => id)).toEqual([A, B, C]);
    expect([...run.requests].sort()).toEqual([A, B, C].map((id) => `GET /task_manager/wait_task/${id}`));
  });

  test("in text leaves a line empty between the statuses", async () => {
    const run = await against(ended("done"), ["wait", A, B]);
    expect(run.stdout).toBe(`id: ${A}\nstate: done\n\nid: ${B}\nstate: done\n`);
  });

  test.each([
    [["done", "failed"], 123],
    [["failed", "timeout"], 124],
    [["timeout", "failed", "suspended"], 125],
    [["timeout", "unknown"], 125],
  ])("%j exits with the gravest, %i", async (states, code) => {
    const script = Object.fromEntries(
      states.map((state, index) => [
        `/task_manager/wait_task/${idOf(index)}`,
        state === "timeout" ? TIMED_OUT : state === "unknown" ? UNKNOWN : ended(state),
      ]),
    );
    const run = await against(script, ["wait", ...states.map((_, index) => idOf(index)), "-q"]);
    expect(run).toMatchObject({ code, stdout: "" });
    if (states.includes("timeout")) {
      expect(run.stderr).toContain(`error: task ${idOf(states.indexOf("timeout"))} did not end in time\n`);
    }
  });

  test("has one deadline", async () => {
    const run = await against(TIMED_OUT, ["wait", A, B, "--timeout", "90"]);
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n" });
    expect([...run.requests].sort()).toEqual([
      `GET /task_manager/wait_task/${A}?timeout=90`,
      `GET /task_manager/wait_task/${B}?timeout=90`,
    ]);
  });

  test.each([
    ["done", 0],
    ["failed", 123],
  ])("--any ends with the first that ends, here %s: %i", async (state, code) => {
    const script = { [`/task_manager/wait_task/${A}`]: silent, [`/task_manager/wait_task/${B}`]: ended(state) };
    const run = await against(script, ["wait", A, B, "--any"]);
    expect(run).toMatchObject({ code, stdout: `id: ${B}\nstate: ${state}\n`, stderr: "" });
  });

  test.each([
    [1, "the task goes on; to wait for it again:"],
    [2, "the tasks go on; to wait for them again:"],
    [10, "the tasks go on; to wait for them again:"],
    [11, "the tasks go on; to wait for them again:"],
  ])("%i that are interrupted tell how to wait again", async (count, hint) => {
    await withMock(async (mock, node) => {
      const ids = Array.from({ length: count }, () => mock.create(COMPACTION).id);
      const run = startedInProcess([...node, "wait", ...ids]);
      await until(() => mock.requests.length >= count);
      run.interrupt();
      expect(await run.end).toBe(130);
      const [first, again] = run.written.stderr.trimEnd().split("\n");
      expect(first).toBe(hint);
      expect(again).toMatch(
        new RegExp(`^  tasks .* wait ${ids.slice(0, 10).join(" ")}${count > 10 ? " \\.\\.\\." : ""}$`),
      );
    });
  });

  test("that the node does not know say that they may be on another node", async () => {
    const run = await against(UNKNOWN, ["wait", A, B]);
    expect(run.code).toBe(125);
    expect(run.stderr).toMatch(/\nA task that is not found may be on another node: use --all-nodes\.\n$/);
  });

  test("--fail-fast ends with the first failure, and not with one that is done", async () => {
    const script = {
      [`/task_manager/wait_task/${A}`]: silent,
      [`/task_manager/wait_task/${B}`]: ended("done"),
      [`/task_manager/wait_task/${C}`]: ended("failed"),
    };
    const run = await against(script, ["wait", A, B, C, "--fail-fast"]);
    expect(run).toMatchObject({ code: 123, stderr: "" });
    expect(run.stdout).toContain(`id: ${C}\nstate: failed\n`);
  });

  test("of a thousand sends a thousand requests, and says nothing on stderr", async () => {
    const waiting: (() => void)[] = [];
    const ids = Array.from({ length: 1000 }, (_, index) => idOf(index));
    const run = await against(
      (request, response) => {
        waiting.push(() => ended("done")(request, response));
        // None is answered before all have been asked: all are held open side by side.
        if (waiting.length === ids.length) for (const answer of waiting) answer();
      },
      ["wait", ...ids, "-q"],
    );
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(run.requests).toHaveLength(1000);
  });
});

describe.concurrent("wait by selection", () => {
  test("waits for the unfinished tasks that match, and not for others", async () => {
    const tasks = [
      { task_id: "a", type: "major compaction", state: "running" },
      { task_id: "b", type: "major compaction", state: "done" },
      { task_id: "c", type: "cleanup compaction", state: "running" },
    ];
    const run = await against(
      (request, response) => (request.url?.includes("list_") ? jsonAnswer(tasks) : ended("done"))(request, response),
      ["wait", "--module", "compaction", "-ks", "shop", "--type", "major*", "--json"],
    );
    expect(run.code).toBe(0);
    // A list, of one task too: how many match is no matter of the document's shape.
    expect(JSON.parse(run.stdout)).toMatchObject([{ id: "a", state: "done" }]);
    expect(run.requests).toEqual([
      "GET /task_manager/list_module_tasks/compaction?keyspace=shop",
      "GET /task_manager/wait_task/a",
    ]);
  });

  test.each([
    [["--table", "orders", "--state", "done"], ["done-one"]],
    [
      ["--state", "running,created"],
      ["queued", "running-one"],
    ],
    [
      ["--state", "!done"],
      ["queued", "running-one"],
    ],
    [["--state", "!done,!created"], ["running-one"]],
    [["--scope", "table"], ["queued"]],
    [["--kind", "cluster"], ["running-one"]],
    [["--entity", "e*", "--type", "major*,*x"], ["queued"]],
    [["--older-than", "1h"], ["queued"]],
  ])("%j, as list takes it", async (options, ids) => {
    const now = { start_time: new Date().toISOString().replace(/\.\d+/, "") };
    const old = { start_time: "2020-01-01T00:00:00Z" };
    const tasks = [
      {
        task_id: "done-one",
        state: "done",
        kind: "node",
        scope: "keyspace",
        type: "major compaction",
        entity: "",
        ...old,
      },
      {
        task_id: "queued",
        state: "created",
        kind: "node",
        scope: "table",
        type: "major compaction",
        entity: "e1",
        ...old,
      },
      {
        task_id: "running-one",
        state: "running",
        kind: "cluster",
        scope: "keyspace",
        type: "minor",
        entity: "e2",
        ...now,
      },
    ];
    const run = await against(
      (request, response) => (request.url?.includes("list_") ? jsonAnswer(tasks) : ended("done"))(request, response),
      ["wait", "--module", "m", ...options, "-q"],
    );
    expect(run.code).toBe(0);
    expect(run.requests.slice(1).sort()).toEqual(ids.map((id) => `GET /task_manager/wait_task/${id}`));
    expect(run.requests[0]).toBe(
      `GET /task_manager/list_module_tasks/m${options[0] === "--table" ? "?table=orders" : ""}`,
    );
  });

  test.each([
    [[], ""],
    [["--json"], "[]\n"],
  ])("of none is success, and said: %j", async (options, stdout) => {
    const run = await against(jsonAnswer([]), ["wait", "--module", "compaction", ...options]);
    expect(run).toMatchObject({ code: 0, stdout, stderr: "no task matches: there is nothing to wait for\n" });
  });

  test("is no success where the server does not say enough of a task to judge it", async () => {
    const tasks = [
      { task_id: "a", state: "running" },
      { task_id: "b", state: "done" },
    ];
    const script = {
      "/task_manager/list_module_tasks/m": jsonAnswer(tasks),
      "/storage_service/scylla_release_version": jsonAnswer("2026.3.0"),
      "/task_manager/task_status/a": jsonAnswer({ id: "a", state: "running" }),
    };
    const run = await against(script, ["wait", "--module", "m", "--older-than", "1h"]);
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toContain(
      "warning: 1 task left out: the server does not report the fields that the options filter by\n",
    );
    expect(run.requests.some((line) => line.includes("wait_task"))).toBe(false);
  });

  test("one that was gone before it could be waited for has an unknown outcome", async () => {
    const script = {
      "/task_manager/list_module_tasks/m": jsonAnswer([{ task_id: ID, state: "running" }]),
      [`/task_manager/wait_task/${ID}`]: UNKNOWN,
    };
    const run = await against(script, ["wait", "--module", "m"]);
    expect(run.code).toBe(125);
    expect(run.stderr).toContain("so the outcome is unknown");
  });
});

describe.concurrent("the deadline", () => {
  test("goes to the server in whole seconds, and is not asked again after its 408", async () => {
    const run = await against(TIMED_OUT, ["wait", ID, "--timeout", "1h1m30s"]);
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n", stderr: "" });
    expect(run.requests).toEqual([`GET /task_manager/wait_task/${ID}?timeout=3690`]);
  });

  test("keeps a document a document", async () => {
    const run = await against(TIMED_OUT, ["wait", ID, "--timeout", "1", "--json"]);
    expect(run).toMatchObject({ code: 124, stderr: "Operation timed out\n" });
    expect(JSON.parse(run.stdout)).toMatchObject({ id: ID, state: "unknown", outcome: "timeout" });
  });

  test("tells a program the last that is known of what did not end, and of all else how it ended", async () => {
    await withMock(async (mock, node) => {
      const late = mock.create({ ...COMPACTION, table: "orders" });
      late.reportProgress(1, 4);
      const failed = mock.create({ ...COMPACTION, isUserTask: true });
      failed.fail("disk full");
      const one = await runInProcess([...node, "wait", late.id, "--timeout", "0.2s", "--json"]);
      expect(one.code).toBe(124);
      expectValid("wait", JSON.parse(one.stdout));
      expect(JSON.parse(one.stdout)).toMatchObject({
        id: late.id,
        state: "running",
        progress_completed: 1,
        outcome: "timeout",
      });
      const ids = [late.id, failed.id, ID];
      const many = await runInProcess([...node, "wait", ...ids, "--timeout", "2s", "--json"]);
      expect(many.code).toBe(125);
      expectValid("wait", JSON.parse(many.stdout));
      expect(JSON.parse(many.stdout)).toMatchObject([
        { id: late.id, state: "running", outcome: "timeout" },
        { id: failed.id, state: "failed", outcome: "failed" },
        { id: ID, state: "unknown", outcome: "unknown" },
      ]);
    });
  });

  test("holds where the server ignores it", async () => {
    const run = await against(silent, ["wait", ID, "--timeout", "0.2s"], { clockStands: false });
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n" });
    expect(run.requests).toEqual([`GET /task_manager/wait_task/${ID}?timeout=1`]);
  });

  test("holds where the server is silent after a break", async () => {
    const run = await against(inTurn(broken, silent), ["wait", ID, "--timeout", "0.2s"], { clockStands: false });
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n" });
  });

  test("--abort-on-timeout aborts, waits for the end, and exits with 124", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const run = await runInProcess([...node, "wait", task.id, "--timeout", "0.2s", "--abort-on-timeout", "-q"]);
      expect(run).toEqual({ code: 124, stdout: "", stderr: "" });
      expect(task.state).toBe("failed");
    });
  });

  test("--abort-on-timeout of a task that is not abortable says so, and does not wait on", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const run = await runInProcess([...node, "wait", task.id, "--timeout", "0.2s", "--abort-on-timeout", "-q"]);
      expect(run.code).toBe(124);
      expect(run.stderr).toContain("is not abortable");
      expect(task.state).toBe("running");
    });
  });
});

describe.concurrent("a bad network", () => {
  test.each<[string, Answer]>([
    ["a connection that breaks", broken],
    ["an answer that breaks off", cutOff],
    ["a proxy's 502", textAnswer("<html></html>", 502)],
    ["a proxy's 504", textAnswer("", 504)],
    [
      "an RPC that found a node down",
      jsonAnswer({ message: "seastar::rpc::closed_error (connection is closed)" }, 500),
    ],
  ])("%s is asked again, and said once", async (_name, trouble) => {
    const run = await against(inTurn(trouble, trouble, TIMED_OUT, ended("done")), ["wait", ID, "-q"]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toMatch(/^warning: [^\n]*; retrying for up to 60 s\n$/);
    expect(run.requests).toHaveLength(4);
  });

  test("many waits that break say it once", async () => {
    const breaks = new Set<string>();
    const run = await against(
      (request, response) => {
        const id = (request.url ?? "").split(/[/?]/)[3] ?? "";
        const answer = breaks.has(id) ? ended("done") : broken;
        breaks.add(id);
        answer(request, response);
      },
      ["wait", A, B, C, "-q"],
    );
    expect(run.code).toBe(0);
    expect(run.stderr.match(/retrying/g)).toHaveLength(1);
  });

  test("a task that was there and is then unknown has an unknown outcome, with advice", async () => {
    const run = await against(inTurn(broken, UNKNOWN), ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toContain("so the outcome is unknown");
    expect(run.stderr).toContain(
      "tasks user-ttl --set 3600 (tasks ttl --set 3600 for those that the server started itself)",
    );
  });

  test("a node that does not come back within --retry-for is given up", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const run = startedInProcess([...node, "wait", task.id, "--retry-for", "0.4s"]);
      await until(() => mock.requests.length > 0);
      await mock.takeDown(0);
      expect(await run.end).toBe(125);
      expect(run.written.stderr).toMatch(/\nerror: cannot reach [^\n]* \(retried for 0.4 s, see --retry-for\)\n$/);
    });
  });

  test("with --retry-for 0 is not asked again", async () => {
    const run = await against(broken, ["wait", ID, "--retry-for", "0"]);
    expect(run.code).toBe(125);
    expect(run.requests).toHaveLength(1);
  });

  test("a node that was never reached is not tried again", async () => {
    const run = await runInProcess(["-h", "127.0.0.1", "-p", "1", "wait", ID]);
    expect(run.code).toBe(125);
    expect(run.stderr).toMatch(/^error: cannot reach [^\n]*\n$/);
  });

  test.each<[string, Answer]>([
    ["another 500", jsonAnswer({ message: "boom" }, 500)],
    ["a token that is not accepted", jsonAnswer({ message: "unauthorized", code: 401 }, 401)],
    ["an answer that is not JSON", textAnswer("<html></html>")],
  ])("%s is told at once", async (_name, answer) => {
    const run = await against(answer, ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toMatch(/^error: [^\n]*\n$/);
    expect(run.requests).toHaveLength(1);
  });
});

describe.concurrent("progress in plain lines", () => {
  test.each([
    [0, 0, "progress unknown"],
    [12, 10, "[###################-]  12/10 99%"],
  ])("%i of %i is shown as it is", async (completed, total, text) => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isUserTask: true });
      task.reportProgress(completed, total);
      const run = startedInProcess([...node, "wait", task.id, "-q", "--progress", "plain"]);
      await until(() => run.written.stderr.includes("major compaction"));
      task.finish();
      expect(await run.end).toBe(0);
      expect(run.written.stderr).toContain(`major compaction shop  ${text}  elapsed `);
    });
  });

  test("of several names each, with how far it is", async () => {
    await withMock(async (mock, node) => {
      const tasks = ["orders", "items"].map((table) => mock.create({ ...COMPACTION, table, isUserTask: true }));
      tasks[0]?.reportProgress(1, 4);
      const run = startedInProcess([...node, "wait", ...tasks.map(({ id }) => id), "-q", "--progress", "plain"]);
      const line =
        /^0 of 2 tasks ended {2}elapsed \S+ {2}major compaction shop\.orders 25%, major compaction shop\.items$/m;
      await until(() => line.test(run.written.stderr));
      for (const task of tasks) task.finish();
      expect(await run.end).toBe(0);
    });
  });
});
