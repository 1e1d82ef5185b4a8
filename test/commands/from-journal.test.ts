import { describe, expect, test } from "vitest";
import type { JournalLine } from "../../src/journal/journal-line.js";
import {
  at,
  BEGIN,
  ended,
  journalOf,
  NODE,
  ndjsonOf,
  run,
  seen,
  started,
  status,
  taskId,
  wireTime,
} from "../fixtures/journals.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const ROOT = taskId(9);

/** A task of the cluster that still ran, with a part that is done and one that nobody saw; and a failure beside them. */
const journal = () => {
  const children_ids = [
    { task_id: taskId(1), node: "10.0.0.1" },
    { task_id: taskId(77), node: "10.0.0.2" },
  ];
  return journalOf([
    started(0),
    seen(1, status(9, { kind: "cluster", children_ids })),
    ...run(1, 10, 20, { parent_id: ROOT }),
    ...run(2, 30, 40, { state: "failed", error: "boom", keyspace: "other" }),
  ]);
};

const asked = (...args: string[]) => runInProcess(["--from", journal(), ...args]);

describe("a journal", () => {
  test("lists its tasks by keyspace and by table", async () => {
    expect((await asked("list", "repair", "--keyspace", "other", "-o", "name")).stdout).toBe(`${taskId(2)}\n`);
    expect((await asked("list", "repair", "--table", "items", "-o", "name")).stdout).toBe("");
  });

  test("shows a tree with the part that nobody saw, and each tree where no id is given", async () => {
    const { stdout } = await asked("tree", ROOT, "--json");
    expect(JSON.parse(stdout)).toMatchObject([
      { id: ROOT, state: "running" },
      { id: taskId(1), state: "done" },
    ]);
    const all = await asked("tree", "--state", "failed", "-o", "name");
    expect(all.stdout).toBe(`${taskId(2)}\n`);
  });

  test("tells a trace how far a task was at any time; what came over a pipe is read once", async () => {
    const lines: JournalLine[] = [
      started(0),
      seen(1, status(1, { progress_total: 0 })),
      { at: at(10), event: "task_progress", node: NODE, id: taskId(1), completed: 25, total: 100 },
      { at: at(20), event: "task_progress", node: NODE, id: taskId(1), completed: 50, total: 100 },
      { at: at(20), event: "task_progress", node: NODE, id: taskId(2), completed: 1, total: 2 },
      ended(30, status(1, { state: "done", end_time: wireTime(30), progress_completed: 100 })),
    ];
    const trace = ["timeline", taskId(1), "--perfetto", "-"];
    const percents = ({ stdout }: { stdout: string }) =>
      JSON.parse(stdout).traceEvents.flatMap(
        ({ ph, ts, args }: { ph: string; ts: number; args: { percent: number } }) =>
          ph === "C" ? [[ts / 1e6 - BEGIN / 1000, args.percent]] : [],
      );
    expect(percents(await runInProcess(["--from", journalOf(lines), ...trace]))).toEqual([
      [10, 25],
      [20, 50],
      [30, 100],
    ]);
    const piped = await runInProcess(["--from", "-", ...trace], {}, { input: ndjsonOf(lines) });
    expect(percents(piped)).toEqual([[30, 100]]);
  });

  test("explains a failure, and waits for what has ended", async () => {
    expect((await asked("explain", taskId(2))).stdout).toContain("boom");
    expect(await asked("wait", taskId(2), "-q")).toMatchObject({ code: 123 });
    expect(await asked("wait", ROOT, "-q")).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("was still running when the journal ended"),
    });
  });

  test("of a task whose end nobody saw does not know how it ended", async () => {
    const gone = journalOf([
      started(0),
      seen(1, status(3)),
      { at: at(30), event: "task_gone", node: "10.0.0.1", id: taskId(3) } as never,
      ended(40, status(4, { state: "done" })),
    ]);
    const run = await runInProcess(["--from", gone, "wait", taskId(3), "-q"]);
    expect(run.code).toBe(125);
  });

  test("knows when parts ended whose server did not tell, and how precisely", async () => {
    const [, end] = run(1, 0, 120, { progress_total: 0 });
    const part = status(2, { scope: "shard", parent_id: taskId(1), start_time: wireTime(20) });
    const { end_time: _, ...last } = part;
    const parts = journalOf([
      started(0),
      seen(0, status(1)),
      seen(20, part),
      ended(80, { ...last, state: "done" }, { within_ms: 7000, inferred: true }),
      end,
    ]);
    const timeline = async (...args: string[]) =>
      (await runInProcess(["--from", parts, "timeline", taskId(1), ...args])).stdout;
    expect(JSON.parse(await timeline("--by", "task", "--json"))).toMatchObject({
      duration_seconds: 120,
      within_ms: 0,
      critical_path: [{ seconds: 20 }, { id: taskId(2), seconds: 60 }, { seconds: 40 }],
      lanes: [
        { id: taskId(1), busy_seconds: 0 },
        { id: taskId(2), busy_seconds: 60, within_ms: 7000, end_time: "2026-11-20T10:01:20Z" },
      ],
    });
    expect(await timeline()).toContain("1m00s ±7s");
    expect(await timeline("--svg", "-")).toContain("busy for 1m00s ±7s");
    expect(JSON.parse(await timeline("--perfetto", "-")).traceEvents).toContainEqual(
      expect.objectContaining({ args: expect.objectContaining({ id: taskId(2), end_within_ms: 7000 }) }),
    );
    expect(await timeline("--otlp", "-")).toContain('"scylla.task.end_within_ms","value":{"intValue":"7000"}');
    const view = await runInProcess(["--from", parts, "timeline", taskId(1)], {}, { isTerminal: true });
    expect(view.stdout).toMatch(/ 1m00s ±7s +50%/);
  });

  test.each([
    [["start", "cleanup", "shop"]],
    [["abort", ROOT]],
    [["ttl"]],
    [["doctor"]],
    [["drain"]],
    [["idle"]],
    [["list", "--all", "--watch"]],
    [["tree", ROOT, "--watch"]],
    [["metrics", "--once"]],
  ])("cannot do what only a server can: %j", async (args) => {
    const run = await asked(...args);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("not supported by this command. It works with list, modules, status,");
  });

  test("that is empty, or does not know the task, is an error that says so", async () => {
    const empty = journalOf([]);
    expect(await runInProcess(["--from", empty, "list", "-A"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: the journal '${empty}' is empty\n`,
    });
    expect(await asked("status", taskId(77))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`has no task ${taskId(77)}`),
    });
  });
});
