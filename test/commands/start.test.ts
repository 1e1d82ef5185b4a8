import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import {
  type Answer,
  jsonAnswer,
  type ScriptedServer,
  scriptedServer,
  textAnswer,
} from "../fixtures/scripted-server.js";
import { against, broken, cutOff, ended, ID, silent, TIMED_OUT, UNKNOWN, withMock } from "../fixtures/wait-servers.js";

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

  test.each<[string, Answer, number, string[]?]>([
    ["a connection that breaks", broken, 2],
    ["an answer that is cut off", cutOff, 2],
    ["an answer that is not JSON", textAnswer('"5e1f'), 2],
    ["a proxy that cannot reach the node", textAnswer("", 502), 4],
    ["a proxy that gave up", textAnswer("", 504), 4],
    ["no answer in time", silent, 2, ["--request-timeout", "2s"]],
  ])("is never sent twice: %s", async (_name, trouble, code, more = []) => {
    for (const [operation, method] of [
      ["scrub", "GET"],
      ["cleanup", "POST"],
    ] as const) {
      const run = await against(trouble, ["start", operation, "ks", "--wait", ...more]);
      expect(run).toMatchObject({ code, stdout: "" });
      expect(run.requests).toEqual([`${method} /tasks/compaction/keyspace_${operation}/ks`]);
      expect(run.stderr).toContain(
        "warning: the operation may have started; to check:\n  " +
          `tasks -h 127.0.0.1 -p ${run.port} list compaction --keyspace ks\n`,
      );
    }
  });

  test("is not done where the server said nothing of its task", async () => {
    const answer: Answer = (request, response) =>
      jsonAnswer(request.url?.includes("wait_task") ? {} : ID)(request, response);
    const run = await against(answer, ["start", "cleanup", "ks", "--wait"]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toBe(`started task ${ID}\nerror: the server returned an empty status for task ${ID}\n`);
  });

  test.each<[string, Answer]>([
    ["an unknown keyspace", jsonAnswer({ message: "Can't find a keyspace ks", code: 400 }, 400)],
    ["a token that is not accepted", jsonAnswer({ message: "unauthorized", code: 401 }, 401)],
  ])("what was refused has not started, and nothing says otherwise: %s", async (_name, answer) => {
    const run = await against(answer, ["start", "cleanup", "ks"]);
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).not.toContain("may have started");
  });

  test("of what needs no work says that there is nothing to do, and is a success", async () => {
    const nil = jsonAnswer("00000000-0000-0000-0000-000000000000");
    for (const [options, stdout] of [
      [[], ""],
      [["--wait"], ""],
      [["--wait", "-q"], ""],
    ] as const) {
      const run = await against(nil, ["start", "cleanup", "ks", ...options]);
      expect(run).toMatchObject({ code: 0, stdout });
      expect(run.stderr).toContain("nothing to do");
      expect(run.requests).toHaveLength(1);
    }
    for (const options of [[], ["--wait"]]) {
      const run = await against(nil, ["start", "cleanup", "ks", "--json", ...options]);
      expect(run.code).toBe(0);
      expectValid("start", JSON.parse(run.stdout));
      expect(JSON.parse(run.stdout)).toEqual({ task_id: null });
    }
  });

  test("a refused connection has started nothing", async () => {
    const run = await runInProcess(["-h", "127.0.0.1", "-p", "1", "start", "cleanup", "ks"]);
    expect(run.code).toBe(2);
    expect(run.stderr).not.toContain("may have started");
  });
});

describe.concurrent("start --wait", () => {
  const startedThen =
    (answer: Answer): Answer =>
    (request, response) =>
      (request.url?.includes("/tasks/") ? jsonAnswer(ID) : answer)(request, response);

  test.each([
    ["done", 0],
    ["failed", 123],
    ["suspended", 125],
  ])("of a task that ends %s exits with %i", async (state, code) => {
    const run = await against(startedThen(ended(state)), ["start", "cleanup", "ks", "--wait", "--json"]);
    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({ id: ID, state });
    expect(run.stderr).toContain(`started task ${ID}\n`);
    expect(run.requests).toEqual(["POST /tasks/compaction/keyspace_cleanup/ks", `GET /task_manager/wait_task/${ID}`]);
  });

  test("takes the options of a wait", async () => {
    const run = await against(startedThen(TIMED_OUT), ["start", "cleanup", "ks", "--wait", "--timeout", "5m", "-q"]);
    expect(run).toMatchObject({ code: 124, stdout: "", stderr: `started task ${ID}\n` });
    expect(run.requests[1]).toBe(`GET /task_manager/wait_task/${ID}?timeout=300`);
  });

  test("asks again, once it had started, also where the node refuses connections", async () => {
    const run = await against(startedThen(broken), ["start", "cleanup", "ks", "--wait", "--retry-for", "0.3s"]);
    expect(run.code).toBe(125);
    expect(run.stderr).toContain("retrying for up to 0.3 s");
    expect(run.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });

  test("of a task whose server forgot it at once is no success", async () => {
    const gone = jsonAnswer({ message: `task with id ${ID} not found`, code: 400 }, 400);
    const run = await against(startedThen(gone), ["start", "cleanup", "ks", "--wait"]);
    expect(run).toMatchObject({ code: 125, stdout: "" });
    expect(run.stderr).toContain("tasks user-ttl --set 3600");
  });
});

describe.concurrent("start --all-nodes", () => {
  /** Three nodes: what each does when it is told to start, and to wait. `requests` has all, in their order. */
  async function onThreeNodes(
    answers: readonly [Answer, Answer, Answer],
    args: readonly string[],
    starts: Answer = (request, response) =>
      jsonAnswer(`task-of-${request.headers.host?.replaceAll(/[.:]/g, "-")}`)(request, response),
  ) {
    return await withMock(
      async (_mock, node) => {
        const requests: string[] = [];
        const servers: ScriptedServer[] = [];
        for (const [index, answer] of answers.entries()) {
          servers.push(
            await scriptedServer((request, response) => {
              const [, area, what = ""] = (request.url ?? "").split("/");
              requests.push(`${index} ${area === "tasks" ? "start" : what}`);
              (area === "tasks" ? starts : answer)(request, response);
            }),
          );
        }
        const maps = servers.flatMap(({ url }, index) => ["--node-map", `127.0.0.${index + 1}=${url}`]);
        const run = await runInProcess([...node, "-a", ...maps, "start", "cleanup", "ks", ...args]);
        for (const server of servers) await server.stop();
        return { ...run, requests };
      },
      { nodes: 3 },
    );
  }

  const statesOf = (stdout: string) => JSON.parse(stdout).nodes.map(({ state }: { state: string }) => state);
  const done = ended("done");
  const failed = ended("failed");

  test("names a node that is down, on which nothing was started", async () => {
    await withMock(
      async (mock, node) => {
        await mock.takeDown(1);
        const run = await runInProcess([...node, "-a", "start", "cleanup", "shop", "--json"]);
        expect(run.code).toBe(3);
        expectValid("start", JSON.parse(run.stdout));
        const { nodes, errors } = JSON.parse(run.stdout);
        expect(nodes.map(({ state }: { state: string }) => state)).toEqual(["done", "down"]);
        expect(errors).toEqual([{ node: "127.0.0.2", reason: "the cluster reports it as down" }]);
        expect(run.stderr).toContain("warning: no answer from node 127.0.0.2: the cluster reports it as down\n");
      },
      { nodes: 2, speed: 500 },
    );
  });

  test.each([[["-q"]], [["--fields", "node,state"]]])(
    "with %j says on stderr what failed, which is not printed",
    async (form) => {
      const refusal = jsonAnswer({ message: "no", code: 500 }, 500);
      const refused = await onThreeNodes([done, done, done], form, refusal);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/^error: 127\.0\.0\.1: .* answered 500 Internal Server Error: no$/m);
      const unknown = await onThreeNodes([UNKNOWN, done, done], form);
      expect(unknown.code).toBe(125);
      expect(unknown.stderr).toMatch(/^error: 127\.0\.0\.1: ./m);
    },
  );

  test("goes node after node, and stops at the first failure", async () => {
    const run = await onThreeNodes([done, failed, done], ["--json"]);
    expect(run.code).toBe(123);
    expect(JSON.parse(run.stdout).nodes.map(({ node }: { node: string }) => node)).toEqual([
      "127.0.0.1",
      "127.0.0.2",
      "127.0.0.3",
    ]);
    expect(statesOf(run.stdout)).toEqual(["done", "failed", "not started"]);
    expect(run.requests).toEqual(["0 start", "0 wait_task", "1 start", "1 wait_task"]);
  });

  test("--keep-going goes on, and exits with the gravest", async () => {
    const run = await onThreeNodes([failed, TIMED_OUT, done], ["--json", "--keep-going", "--timeout", "1h"]);
    expect(run.code).toBe(124);
    expect(statesOf(run.stdout)).toEqual(["failed", "timeout", "done"]);
  });

  test("prints a table", async () => {
    const run = await onThreeNodes([done, done, done], []);
    expect(run.code).toBe(0);
    const [header = "", ...rows] = run.stdout.trimEnd().split("\n");
    expect(header.trim().split(/\s+/)).toEqual(["node", "task_id", "state", "duration_seconds", "error"]);
    expect(
      rows.map((row) =>
        row
          .split(/\s+/)
          .filter((_, column) => column % 2 === 0)
          .slice(0, 2),
      ),
    ).toEqual(["127.0.0.1", "127.0.0.2", "127.0.0.3"].map((node) => [node, "done"]));
    expect(run.requests).toEqual([0, 1, 2].flatMap((node) => [`${node} start`, `${node} wait_task`]));
  });

  test("with --progress plain says how far each node is, and how many have ended", async () => {
    let asked = 0;
    let end = () => {};
    const watched: Answer = (request, response) => {
      const [, area, what, id = ""] = (request.url ?? "").split("/");
      if (area === "storage_service") jsonAnswer("2026.3.0")(request, response);
      else if (what === "wait_task") end = () => done(request, response);
      else {
        const status = { type: "cleanup compaction", keyspace: "shop", progress_completed: 1, progress_total: 4 };
        jsonAnswer({ id: decodeURIComponent(id), state: "running", ...status })(request, response);
        // Asked again and again for minutes of its clock: what was known of it has long since been shown.
        if (++asked === 100) end();
      }
    };
    const run = await onThreeNodes([watched, done, done], ["-q", "--progress", "plain"]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toMatch(/^0 of 3 nodes ended {2}elapsed \S+ {2}127\.0\.0\.1 cleanup compaction shop 25%$/m);
  });

  test("on a node that needs no work goes on to the next", async () => {
    const nil = jsonAnswer("00000000-0000-0000-0000-000000000000");
    const run = await onThreeNodes([done, done, done], ["--json"], nil);
    expect(run.code).toBe(0);
    expect(statesOf(run.stdout)).toEqual(["nothing to do", "nothing to do", "nothing to do"]);
    expect(JSON.parse(run.stdout)).toMatchObject({ nodes: [{ task_id: null }, { task_id: null }, { task_id: null }] });
    expectValid("start", JSON.parse(run.stdout));
    expect(run.requests).toEqual(["0 start", "1 start", "2 start"]);
  });

  test("--parallel runs on so many nodes at once", async () => {
    let seen = 0;
    let most = 0;
    const held: (() => void)[] = [];
    const hold: Answer = (request, response) => {
      seen++;
      held.push(() => done(request, response));
      most = Math.max(most, held.length);
      // Two wait side by side; the third begins when they have ended.
      if (held.length === 2 || seen === 3) for (const answer of held.splice(0)) answer();
    };
    const run = await onThreeNodes([hold, hold, hold], ["--parallel", "2", "-q"]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(most).toBe(2);
  });

  test("after the deadline starts nothing more, whatever is to go on", async () => {
    const run = await onThreeNodes([silent, done, done], ["--json", "--keep-going", "--timeout", "0.1s"]);
    expect(run.code).toBe(124);
    expect(statesOf(run.stdout)).toEqual(["timeout", "not started", "not started"]);
    expect(run.requests).toEqual(["0 start", "0 wait_task"]);
  });

  test("--abort-on-timeout of a task that is not abortable is a timeout, and said", async () => {
    const refuse: Answer = (request, response) =>
      (request.method === "POST" ? jsonAnswer({ message: "no", code: 403 }, 403) : TIMED_OUT)(request, response);
    const run = await onThreeNodes([refuse, done, done], ["--json", "--timeout", "1", "--abort-on-timeout"]);
    expect(run.code).toBe(124);
    expect(statesOf(run.stdout)).toEqual(["timeout", "not started", "not started"]);
    expect(run.stderr).toContain("is not abortable");
  });

  test("a start whose answer was lost is not sent again, and stops the roll", async () => {
    const run = await onThreeNodes([done, done, done], ["--json"], broken);
    expect(run.code).toBe(2);
    expect(run.requests).toEqual(["0 start"]);
    expect(statesOf(run.stdout)).toEqual(["unknown", "not started", "not started"]);
    expect(run.stderr).toContain("the operation may have started");
  });
});
