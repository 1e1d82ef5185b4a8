import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ended, journalOf, seen, started, taskId, wireTime } from "../fixtures/journals.js";
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
    [`/task_manager/wait_task/${CHILD}`]: jsonAnswer({ id: CHILD, state: "done" }),
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

describe("what is said of tasks of which nothing but the id is known", () => {
  const UNKNOWN =
    "The first is unknown. The second is unknown. The times of 3 tasks are unknown, and not included in the sums.";
  const NO_RUN = { type: null, state: null, keyspace: null, table: null, start_time: null, end_time: null };
  const NO_WORK = { amount: null, units: null, rate_per_second: null };
  const NO_PLACE = { shard: null, keyspace: null, table: null, type: null };

  test("of two runs side by side", async () => {
    expect(await tasks(["compare", ROOT, CHILD], { isTerminal: true })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        "\nThe first is unknown.\nThe second is unknown.\nThe times of 3 tasks are unknown",
      ),
    });
    const { code, stdout, stderr } = await tasks(["compare", ROOT, CHILD, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      summary: `How long they took is not known. ${UNKNOWN}`,
      first: { id: ROOT, ...NO_RUN, ...NO_WORK, duration_seconds: null, within_ms: null, task_count: 2 },
      second: { id: CHILD, ...NO_RUN, ...NO_WORK, duration_seconds: null, within_ms: null, task_count: 1 },
      difference_seconds: null,
      within_ms: null,
      lanes: [
        {
          lane: "127.0.0.1",
          ...NO_PLACE,
          first_seconds: null,
          first_unknown: 2,
          second_unknown: 1,
          difference_seconds: null,
        },
      ],
    });
  });

  test("of when they ran", async () => {
    const summary = `${ROOT}: unknown, times unknown; 2 tasks. 2 tasks have no known times.`;
    const run = await tasks(["timeline", ROOT, "--json"]);
    expect(JSON.parse(run.stdout)).toMatchObject({
      ...{ id: ROOT, state: null, summary, start_time: null, end_time: null, critical_path: [], gaps: [] },
      lanes: [
        { id: ROOT, parent_id: null, state: null, lane: ROOT, ...NO_PLACE, start_time: null, critical_seconds: 0 },
        { id: CHILD, parent_id: ROOT, state: null, lane: CHILD, ...NO_PLACE, start_time: null, critical_seconds: 0 },
      ],
    });
    const written = async (option: string) => (await tasks(["timeline", ROOT, option, "-"])).stdout;
    expect(await written("--svg")).toContain(`<desc id="desc">${summary}</desc>`);
    expect(JSON.parse(await written("--otlp"))).toEqual({ resourceSpans: [] });
    expect(JSON.parse(await written("--perfetto"))).toEqual({
      displayTimeUnit: "ms",
      otherData: { root: ROOT, tasks: 2, tasks_not_started: 0, tasks_without_times: 2 },
      traceEvents: [],
    });
  });

  test("of why one failed", async () => {
    expect(JSON.parse((await tasks(["explain", ROOT, "--json"])).stdout)).toMatchObject({
      ...{ id: ROOT, state: null, summary: `Nothing failed so far: task ${ROOT} is unknown.` },
      ...{ task_count: 2, failed_count: 0, failures: [] },
    });
  });

  test("of a wait for several", async () => {
    const run = await tasks(["wait", ROOT, CHILD, "--json"]);
    expect(run.code).toBe(125);
    expect(JSON.parse(run.stdout)).toMatchObject([
      { id: ROOT, outcome: "unknown" },
      { id: CHILD, outcome: "done" },
    ]);
  });

  test("of runs that a journal tells of", async () => {
    const [one, other] = [taskId(1), taskId(2)];
    const journal = journalOf([
      ...[started(0), seen(10, { id: one }), ended(20, { id: one }), seen(30, { id: other })],
      ended(40, { id: other, state: "failed" }),
    ]);
    const history = async (...args: string[]) => {
      const { code, stdout, stderr } = await runInProcess(["--from", journal, "history", ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.replace(/ +/g, " ").replace(/ $/gm, "");
    };
    expect(await history()).toBe(
      [
        "start_time duration state node keyspace table type amount rate task_id",
        `${wireTime(30)} 10s ±10s failed 10.0.0.1 ${other}`,
        `${wireTime(10)} 10s ±10s 10.0.0.1 ${one}`,
        "",
      ].join("\n"),
    );
    const empty = { type: "", kind: "", scope: "", keyspace: "", table: "", entity: "", units: "", error: "" };
    expect(JSON.parse(await history("--json"))).toMatchObject([
      { task_id: other, ...empty, state: "failed", parent_id: null, amount: null, rate_per_second: null },
      { task_id: one, ...empty, state: "", parent_id: null, amount: null, rate_per_second: null },
    ]);
    expect(await history("--by", "table")).toBe(
      "keyspace table count failed gone last_success median p95 slowest\n 2 1 0 none\n",
    );
    expect(JSON.parse(await history("--by", "table,module", "--json"))).toMatchObject([
      { keyspace: null, table: null, module: "repair", count: 2, failed: 1, last_success: null, median_seconds: null },
    ]);
    expect(await history("--last", "repair")).toBe("keyspace table last_success since of type node task_id\n");
  });
});
