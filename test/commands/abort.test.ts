import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, textAnswer } from "../fixtures/scripted-server.js";
import { A, against, B, broken, COMPACTION, ID, NOT_ABORTABLE, UNKNOWN, withMock } from "../fixtures/wait-servers.js";

describe.concurrent("abort", () => {
  test("returns when the abort is requested", async () => {
    const run = await against(textAnswer(""), ["abort", ID]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(run.requests).toEqual([`POST /task_manager/abort_task/${ID}`]);
  });

  test("of several asks for each once, and one that fails keeps no other", async () => {
    const script = { [`/task_manager/abort_task/${A}`]: UNKNOWN, [`/task_manager/abort_task/${B}`]: textAnswer("") };
    const run = await against(script, ["abort", A, B, A]);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/^error: [^\n]*not found\n$/);
    expect(run.requests).toEqual([A, B].map((id) => `POST /task_manager/abort_task/${id}`));
  });

  test.each([
    [[], 0],
    [["--strict"], 1],
    [["--wait"], 1],
  ])("of a task that is not abortable with %j exits with %i", async (args, code) => {
    const run = await against(NOT_ABORTABLE, ["abort", ID, ...args]);
    expect(run).toMatchObject({ code, stdout: `Task with id ${ID} is not abortable\n`, stderr: "" });
  });

  test.each([
    [
      "std::runtime_error (request 5e1f for node 9a1d is already running and cannot be aborted)",
      "it is already running, and only queued operations can be stopped",
    ],
    ["std::runtime_error (cannot abort join request for node 9a1d)", "joining or replacing a node cannot be stopped"],
    ["std::runtime_error (Don't know how to abort 5e1f)", "it has ended, or is not queued"],
  ])("of an operation that cannot be stopped now says why: %s", async (message, why) => {
    const refusal = jsonAnswer({ message, code: 500 }, 500);
    const stderr = `error: Task with id ${ID} cannot be aborted now, because ${why}\n`;
    expect(await against(refusal, ["abort", ID])).toMatchObject({ code: 4, stdout: "", stderr });
    expect(await against(refusal, ["abort", ID, "--strict"])).toMatchObject({ code: 1, stdout: "", stderr });
    expect(await against(refusal, ["abort", ID, "--wait"])).toMatchObject({ code: 1, stdout: "", stderr });
  });

  test("says so in whole words on a narrow terminal", async () => {
    const run = await against(NOT_ABORTABLE, ["abort", ID], { isTerminal: true, columns: 50 });
    expect(run.stdout).toBe(`Task with id ${ID}\nis not abortable\n`);
  });

  test("keeps a document a document", async () => {
    const run = await against(NOT_ABORTABLE, ["abort", ID, "--json"]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: `Task with id ${ID} is not abortable\n` });
  });

  test.each([
    [UNKNOWN, 4],
    [broken, 2],
  ])("of one that cannot be asked for fails", async (answer, code) => {
    expect(await against(answer, ["abort", ID])).toMatchObject({ code, stdout: "" });
  });

  test("--wait waits until each has ended, whether it is still known then or not", async () => {
    await withMock(async (mock, node) => {
      const tasks = [true, false].map((isUserTask) => mock.create({ ...COMPACTION, isAbortable: true, isUserTask }));
      const run = await runInProcess([...node, "abort", "--wait", ...tasks.map(({ id }) => id)]);
      expect(run).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(tasks.map(({ state }) => state)).toEqual(["failed", "failed"]);
    });
  });

  test("--wait is no success where nobody can say whether it has ended", async () => {
    const run = await against(
      (request, response) => (request.method === "POST" ? textAnswer("") : broken)(request, response),
      ["abort", ID, "--wait", "--retry-for", "0.2s"],
    );
    expect(run.code).toBe(125);
    expect(run.stderr).toContain(`error: cannot tell whether task ${ID} has ended`);
  });
});

describe.concurrent("abort by selection", () => {
  const selection = ["abort", "--module", "compaction", "--keyspace", "shop"];

  test("without a terminal needs --yes; --dry-run only shows", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const other = mock.create({ ...COMPACTION, keyspace: "other", isAbortable: true });
      const asked = await runInProcess([...node, ...selection]);
      expect(asked.code).toBe(1);
      expect(asked.stdout).toContain(task.id);
      expect(asked.stderr).toContain("1 task matches; cannot ask for confirmation without a terminal: use --yes");
      const shown = await runInProcess([...node, ...selection, "--dry-run", "-o", "name"]);
      expect(shown).toEqual({ code: 0, stdout: `${task.id}\n`, stderr: "" });
      expect(task.state).toBe("running");
      const done = await runInProcess([...node, ...selection, "--yes", "--wait", "-o", "name"]);
      expect(done).toEqual({ code: 0, stdout: `${task.id}\n`, stderr: "" });
      expect([task.state, other.state]).toEqual(["failed", "running"]);
      const none = await runInProcess([...node, ...selection, "--json"]);
      expect(none).toEqual({ code: 0, stdout: "[]\n", stderr: "no task matches: there is nothing to abort\n" });
      const screen = await runInProcess([...node, ...selection], {}, { isTerminal: true });
      expect(screen).toEqual({ code: 0, stdout: "", stderr: "no task matches: there is nothing to abort\n" });
    });
  });

  test("takes each of its options", async () => {
    await withMock(async (mock, node) => {
      const wanted = mock.create({ ...COMPACTION, table: "orders", isAbortable: true });
      mock.create({ ...COMPACTION, table: "items", isAbortable: true });
      mock.create({ ...COMPACTION, table: "orders", type: "cleanup compaction" });
      mock.create({ ...COMPACTION, table: "orders", isQueued: true });
      const more = ["--table", "orders", "--type", "major*", "--state", "!created,!done", "--kind", "node"];
      const shown = await runInProcess([...node, ...selection, ...more, "--dry-run", "-o", "name"]);
      expect(shown.stdout).toBe(`${wanted.id}\n`);
    });
  });

  test("of more tasks than a call takes arguments shows them all", async () => {
    const tasks = Array.from({ length: 130_000 }, (_, index) => ({ task_id: String(index), state: "running" }));
    const run = await against(jsonAnswer(tasks), ["abort", "--module", "compaction", "--dry-run", "-o", "name"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toBe(tasks.map(({ task_id }) => `${task_id}\n`).join(""));
  });

  test.each([
    ["y\n", "failed", "asked 1 task to stop"],
    ["YES\n", "failed", "asked 1 task to stop"],
    ["n\n", "running", "nothing was aborted"],
    ["\n", "running", "nothing was aborted"],
    ["", "running", "nothing was aborted"],
  ])("on a terminal asks, and the answer is %j", async (input, state, said) => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const run = await runInProcess([...node, ...selection, "--wait"], {}, { isTerminal: true, input });
      expect(run.code).toBe(0);
      expect(run.stderr).toContain("Abort this task? [y/N] ");
      expect(run.stderr).toContain(said);
      expect(task.state).toBe(state);
    });
  });
});
