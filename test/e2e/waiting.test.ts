import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { startMockCluster } from "../../src/mock/index.js";
import { runTasks, TASKS } from "../fixtures/run-tasks.js";
import {
  type Answer,
  jsonAnswer,
  type ScriptedServer,
  scriptedServer,
  textAnswer,
} from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";
const UNKNOWN = jsonAnswer({ message: `task with id ${ID} not found`, code: 400 }, 400);
const TIMED_OUT = jsonAnswer({ message: "timedout", code: 408 }, 408);

/** Runs a command against a server of its own. */
async function against(script: Record<string, Answer> | Answer, args: readonly string[]) {
  const server = await scriptedServer(script);
  try {
    const started = performance.now();
    const run = await runTasks(["-h", "127.0.0.1", "-p", String(server.port), ...args]);
    return { ...run, requests: server.requests, seconds: (performance.now() - started) / 1000 };
  } finally {
    await server.stop();
  }
}

/** Answers each request by the next of the answers, and all later ones by the last. */
function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (request, response) => (answers[Math.min(turn++, answers.length - 1)] as Answer)(request, response);
}

const broken: Answer = (request) => request.socket.destroy();
const silent: Answer = () => {};
const ended =
  (state: string): Answer =>
  (request, response) =>
    jsonAnswer({ id: (request.url ?? "").split(/[/?]/)[3], state })(request, response);

/** A mock with nothing on it, as the first argument of a test's body. */
async function withMock<T>(body: (mock: Awaited<ReturnType<typeof startMockCluster>>, node: string[]) => Promise<T>) {
  const mock = await startMockCluster({ scenario: "idle", generation: "current" });
  try {
    return await body(mock, ["-h", "127.0.0.1", "-p", new URL(mock.urls[0] as string).port]);
  } finally {
    await mock.stop();
  }
}

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;

/** Starts the program, and resolves with its end; `onReady` is called once the server has got a request. */
async function interrupted(signals: readonly NodeJS.Signals[], args: readonly string[] = []) {
  let ready = () => {};
  const asked = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const server: ScriptedServer = await scriptedServer(() => ready());
  const child = spawn(process.execPath, [TASKS, "-h", "127.0.0.1", "-p", String(server.port), "wait", ID, ...args]);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on("close", (code, signal) => resolve([code, signal])),
  );
  await asked;
  for (const signal of signals) child.kill(signal);
  const [code, signal] = await closed;
  await server.stop();
  return { code, signal, stderr };
}

describe.concurrent("wait for several", () => {
  test("is one long poll each, and one document", async () => {
    const run = await against(ended("done"), ["wait", "a", "b", "c", "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(run.stdout).map(({ id }: { id: string }) => id)).toEqual(["a", "b", "c"]);
    expect([...run.requests].sort()).toEqual(["a", "b", "c"].map((id) => `GET /task_manager/wait_task/${id}`));
  });

  test("in text leaves a line empty between the statuses", async () => {
    const run = await against(ended("done"), ["wait", "a", "b"]);
    expect(run.stdout).toBe("id: a\nstate: done\n\nid: b\nstate: done\n");
  });

  test.each([
    [["done", "failed"], 123],
    [["failed", "timeout"], 124],
    [["timeout", "failed", "suspended"], 125],
    [["timeout", "unknown"], 125],
  ])("%j exits with the gravest, %i", async (states, code) => {
    const script = Object.fromEntries(
      states.map((state, index) => [
        `/task_manager/wait_task/${index}`,
        state === "timeout" ? TIMED_OUT : state === "unknown" ? UNKNOWN : ended(state),
      ]),
    );
    const run = await against(script, ["wait", ...states.map((_, index) => String(index)), "-q"]);
    expect(run).toMatchObject({ code, stdout: "" });
  });

  test("--any ends with the first that ends, whatever the others do", async () => {
    const script = { "/task_manager/wait_task/a": silent, "/task_manager/wait_task/b": ended("done") };
    expect(await against(script, ["wait", "a", "b", "--any"])).toMatchObject({
      code: 0,
      stdout: "id: b\nstate: done\n",
    });
  });

  test("--fail-fast ends with the first failure", async () => {
    const script = { "/task_manager/wait_task/a": silent, "/task_manager/wait_task/b": ended("failed") };
    expect(await against(script, ["wait", "a", "b", "--fail-fast", "-q"])).toMatchObject({ code: 123 });
  });

  test("of a thousand sends a thousand requests, and says nothing on stderr", async () => {
    const waiting: (() => void)[] = [];
    const ids = Array.from({ length: 1000 }, (_, index) => `id-${index}`);
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
      ["wait", "--module", "compaction", "-ks", "shop", "--type", "major*", "-q"],
    );
    expect(run.code).toBe(0);
    expect(run.requests).toEqual([
      "GET /task_manager/list_module_tasks/compaction?keyspace=shop",
      "GET /task_manager/wait_task/a",
    ]);
  });

  test("of none is success, and said", async () => {
    const run = await against(jsonAnswer([]), ["wait", "--module", "compaction"]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: "no task matches: there is nothing to wait for\n" });
  });

  test.each([
    [["wait", "--keyspace", "shop"], "option '--keyspace' needs --module"],
    [["wait", ID, "--module", "compaction"], "give either ids or --module"],
    [["wait", ID, "--any", "--fail-fast"], "give either --any or --fail-fast"],
    [["wait", ID, "--timeout", "soon"], "It takes seconds or a duration such as 90, 30s, 5m or 1h30m"],
    [["abort", ID, "--keyspace", "shop"], "option '--keyspace' needs --module"],
    [["abort", ID, "--dry-run"], "option '--dry-run' needs --module"],
    [["start", "cleanup", "shop", "--timeout", "5"], "option '--timeout' needs --wait"],
    [["start", "cleanup"], "required parameter is missing: keyspace"],
    [["start", "scrub", "shop", "--scrub-mode", "hard"], "It takes one of ABORT, SKIP, SEGREGATE, VALIDATE"],
  ])("%j is a usage error: %s", async (args, phrase) => {
    const run = await against(jsonAnswer([]), args);
    expect(run).toMatchObject({ code: 1, stdout: "", requests: [] });
    expect(run.stderr).toContain(phrase);
  });
});

describe.concurrent("the deadline", () => {
  test("goes to the server in whole seconds, and is not asked again after its 408", async () => {
    const run = await against(TIMED_OUT, ["wait", ID, "--timeout", "1m30s"]);
    expect(run).toMatchObject({ code: 124, stdout: "Operation timed out\n" });
    expect(run.requests).toEqual([`GET /task_manager/wait_task/${ID}?timeout=90`]);
  });

  test("holds where the server ignores it", async () => {
    const run = await against(silent, ["wait", ID, "--timeout", "0.2s"]);
    expect(run.code).toBe(124);
    expect(run.seconds).toBeLessThan(6);
  });

  test("--abort-on-timeout aborts, waits for the end, and exits with 124", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const run = await runTasks([...node, "wait", task.id, "--timeout", "0.2s", "--abort-on-timeout", "-q"]);
      expect(run).toMatchObject({ code: 124, stderr: "" });
      expect(task.state).toBe("failed");
    });
  });

  test("--abort-on-timeout of a task that is not abortable says so, and does not wait on", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const run = await runTasks([...node, "wait", task.id, "--timeout", "0.2s", "--abort-on-timeout", "-q"]);
      expect(run.code).toBe(124);
      expect(run.stderr).toContain("could not be aborted: it is not abortable");
      expect(task.state).toBe("running");
    });
  });
});

describe.concurrent("a bad network", () => {
  test.each<[string, Answer]>([
    ["a connection that breaks", broken],
    ["a proxy's 502", textAnswer("<html></html>", 502)],
    ["a proxy's 504", textAnswer("", 504)],
    [
      "an RPC that found a node down",
      jsonAnswer({ message: "seastar::rpc::closed_error (connection is closed)" }, 500),
    ],
  ])("%s is asked again, and said once", async (_name, trouble) => {
    const run = await against(inTurn(trouble, trouble, TIMED_OUT, ended("done")), ["wait", ID, "-q"]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr.match(/asking again/g)).toHaveLength(1);
    expect(run.requests).toHaveLength(4);
  });

  test("a task that was there and is then unknown has an unknown outcome, with advice", async () => {
    const run = await against(inTurn(broken, UNKNOWN), ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toContain("how it ended is unknown");
    expect(run.stderr).toContain("tasks user-ttl --set 3600");
  });

  test("is given up after --retry-for", async () => {
    const run = await against(broken, ["wait", ID, "--retry-for", "0.3s"]);
    expect(run.code).toBe(125);
    expect(run.stderr).toContain("--retry-for");
  });

  test("with --retry-for 0 is not asked again", async () => {
    const run = await against(broken, ["wait", ID, "--retry-for", "0"]);
    expect(run.code).toBe(125);
    expect(run.requests).toHaveLength(1);
  });

  test("a node that was never reached is not tried again", async () => {
    const run = await runTasks(["-h", "127.0.0.1", "-p", "1", "wait", ID]);
    expect(run.code).toBe(125);
    expect(run.stderr).toMatch(/^error: cannot reach [^\n]*\n$/);
  });

  test("a server that restarts in mid-wait is found again", async () => {
    let asked = () => {};
    const firstAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const first = await scriptedServer(() => asked());
    const waiting = runTasks(["-h", "127.0.0.1", "-p", String(first.port), "wait", ID, "-q", "--retry-for", "10s"]);
    await firstAsked;
    await first.stop();
    const second = createServer((request, response) => ended("done")(request, response));
    await new Promise<void>((resolve) => second.listen(first.port, "127.0.0.1", resolve));
    expect(await waiting).toMatchObject({ code: 0 });
    second.closeAllConnections();
    await new Promise((resolve) => second.close(resolve));
  });

  test("other errors are told at once", async () => {
    const run = await against(jsonAnswer({ message: "boom" }, 500), ["wait", ID]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.requests).toHaveLength(1);
  });
});

describe.concurrent("being interrupted", () => {
  test("by Ctrl-C exits with 130 and says how to come back", async () => {
    const run = await interrupted(["SIGINT"]);
    expect(run).toMatchObject({ code: 130, stderr: `the task goes on; to wait for it again: tasks wait ${ID}\n` });
  });

  test("by SIGTERM exits with 143", async () => {
    expect(await interrupted(["SIGTERM"])).toMatchObject({ code: 143 });
  });
});

describe.concurrent("progress", () => {
  test("in plain lines reads the task without destroying it", async () => {
    const status = {
      id: ID,
      type: "repair",
      keyspace: "shop",
      state: "running",
      progress_total: 4,
      progress_completed: 1,
      progress_units: "ranges",
    };
    let polls = 0;
    const run = await against(
      (request, response) => {
        const url = request.url ?? "";
        if (url.includes("task_status")) {
          jsonAnswer(status)(request, response);
          polls++;
        } else if (url.endsWith("timeout=0")) TIMED_OUT(request, response);
        else {
          const look = setInterval(() => {
            if (polls === 0) return;
            clearInterval(look);
            ended("done")(request, response);
          }, 5);
        }
      },
      ["wait", ID, "-q", "--progress", "plain"],
    );
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/^repair shop {2}\[#####-{15}\] {2}1\/4 ranges 25% {2}elapsed 0s\n$/);
    expect(run.requests.filter((line) => !line.endsWith(ID) || line.includes("status"))).toEqual([
      `GET /task_manager/wait_task/${ID}?timeout=0`,
      `GET /task_manager/task_status/${ID}`,
    ]);
  });
});

describe.concurrent("start", () => {
  test.each([
    [
      ["compaction", "ks", "a", "b", "--no-flush-memtables", "--consider-only-existing-data"],
      "POST /tasks/compaction/keyspace_compaction/ks?cf=a%2Cb&flush_memtables=false&consider_only_existing_data=true",
    ],
    [["compaction", "ks"], "POST /tasks/compaction/keyspace_compaction/ks"],
    [["cleanup", "ks"], "POST /tasks/compaction/keyspace_cleanup/ks"],
    [["offstrategy", "ks", "a"], "POST /tasks/compaction/keyspace_offstrategy_compaction/ks?cf=a"],
    [
      ["scrub", "ks", "--scrub-mode", "skip", "--quarantine-mode", "ONLY", "--skip-corrupted", "--disable-snapshot"],
      "GET /tasks/compaction/keyspace_scrub/ks?disable_snapshot=true&skip_corrupted=true&scrub_mode=SKIP&quarantine_mode=ONLY",
    ],
    [
      ["upgrade-sstables", "ks", "--exclude-current-version"],
      "GET /tasks/compaction/keyspace_upgrade_sstables/ks?exclude_current_version=true",
    ],
  ])("%j prints the id and nothing else", async (args, request) => {
    const run = await against(jsonAnswer(ID), ["start", ...args]);
    expect(run).toMatchObject({ code: 0, stdout: `${ID}\n`, stderr: "", requests: [request] });
  });

  test.each<[string, Answer, number]>([
    ["a connection that breaks", broken, 2],
    ["an answer that is cut off", textAnswer('"5e1f'), 2],
    ["a proxy that gave up", textAnswer("", 504), 4],
  ])("is never sent twice: %s", async (_name, trouble, code) => {
    for (const operation of ["scrub", "cleanup"]) {
      const run = await against(trouble, ["start", operation, "ks", "--wait"]);
      expect(run).toMatchObject({ code, stdout: "" });
      expect(run.requests).toHaveLength(1);
      expect(run.stderr).toContain("may have started all the same; look with: tasks list compaction --keyspace ks");
    }
  });

  test("a refused connection has started nothing, and does not say otherwise", async () => {
    const run = await runTasks(["-h", "127.0.0.1", "-p", "1", "start", "cleanup", "ks"]);
    expect(run.code).toBe(2);
    expect(run.stderr).not.toContain("may have started");
  });

  test.each([
    ["done", 0],
    ["failed", 123],
    ["suspended", 125],
  ])("--wait of a task that ends %s exits with %i", async (state, code) => {
    const run = await against(
      (request, response) => (request.url?.includes("/tasks/") ? jsonAnswer(ID) : ended(state))(request, response),
      ["start", "cleanup", "ks", "--wait", "--json"],
    );
    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({ id: ID, state });
  });

  test("--all-nodes goes node after node, and stops at the first failure", async () => {
    const mock = await startMockCluster({ nodes: 3, scenario: "idle", generation: "current" });
    const requests: string[] = [];
    const nodes = await Promise.all(
      [0, 1, 2].map((index) =>
        scriptedServer((request, response) => {
          requests.push(`${index} ${(request.url ?? "").split("/")[2]}`);
          const answer = request.url?.includes("/tasks/")
            ? jsonAnswer(`id-${index}`)
            : ended(index === 1 ? "failed" : "done");
          answer(request, response);
        }),
      ),
    );
    try {
      const args = [
        ...["-h", "127.0.0.1", "-p", new URL(mock.urls[0] as string).port, "-a"],
        ...nodes.flatMap(({ url }, index) => ["--node-map", `127.0.0.${index + 1}=${url}`]),
        ...["start", "cleanup", "ks", "--json"],
      ];
      const run = await runTasks(args);
      expect(run.code).toBe(123);
      expect(JSON.parse(run.stdout).map(({ node, state }: { node: string; state: string }) => [node, state])).toEqual([
        ["127.0.0.1", "done"],
        ["127.0.0.2", "failed"],
        ["127.0.0.3", "not started"],
      ]);
      expect(requests).toEqual(["0 compaction", "0 wait_task", "1 compaction", "1 wait_task"]);
      const on = JSON.parse((await runTasks([...args, "--keep-going"])).stdout);
      expect(on.map(({ state }: { state: string }) => state)).toEqual(["done", "failed", "done"]);
    } finally {
      for (const server of nodes) await server.stop();
      await mock.stop();
    }
  });
});

describe.concurrent("abort", () => {
  const REFUSED = jsonAnswer({ message: "no", code: 403 }, 403);

  test("of several asks for each, and one that fails keeps no other", async () => {
    const script = { "/task_manager/abort_task/a": UNKNOWN, "/task_manager/abort_task/b": textAnswer("") };
    const run = await against(script, ["abort", "a", "b"]);
    expect(run.code).toBe(4);
    expect(run.requests).toEqual(["POST /task_manager/abort_task/a", "POST /task_manager/abort_task/b"]);
  });

  test.each([
    [[], 0],
    [["--strict"], 1],
    [["--wait"], 1],
  ])("of a task that is not abortable with %j exits with %i", async (args, code) => {
    const run = await against(REFUSED, ["abort", ID, ...args]);
    expect(run).toMatchObject({ code, stdout: `Task with id ${ID} is not abortable\n` });
  });

  test("--wait waits until the task has ended", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      expect(await runTasks([...node, "abort", task.id, "--wait"])).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(task.state).toBe("failed");
    });
  });

  test("by selection needs --yes without a terminal, and --dry-run only shows", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const selection = [...node, "abort", "--module", "compaction", "--keyspace", "shop"];
      const asked = await runTasks(selection);
      expect(asked.code).toBe(1);
      expect(asked.stderr).toContain("--yes must confirm");
      const shown = await runTasks([...selection, "--dry-run", "-o", "name"]);
      expect(shown).toEqual({ code: 0, stdout: `${task.id}\n`, stderr: "" });
      expect(task.state).toBe("running");
      expect(await runTasks([...selection, "--yes", "--wait"])).toMatchObject({ code: 0, stdout: "" });
      expect(task.state).toBe("failed");
      expect((await runTasks(selection)).stderr).toBe("no task matches: there is nothing to abort\n");
    });
  });
});
