import { afterEach, describe, expect, it, vi } from "vitest";
import type { JournalLine } from "../../src/journal/journal-line.js";
import {
  at,
  journalDirectory,
  journalOf,
  NODE,
  ndjsonOf,
  run,
  seen,
  segmentFile,
  started,
  status,
  taskId,
  wireTime,
} from "../fixtures/journals.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const OTHER = "10.0.0.2";
const NODES = { nodes: [NODE, OTHER], all_nodes: true };
const on = (node: string | null, lines: readonly JournalLine[], module = "repair") =>
  lines.map((line) => ({ ...line, node, ...(line.event === "task_seen" && { module }) }) as JournalLine);

function inOrder(lines: readonly JournalLine[]): JournalLine[] {
  return [...lines].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** A repair over two nodes of which one part failed, a compaction that still runs, and one that is gone. */
const INCIDENT = inOrder([
  started(0, NODES),
  ...on(
    null,
    run(1, 0, 100, {
      type: "user_repair",
      kind: "cluster",
      scope: "table",
      state: "failed",
      error: "a part failed",
      children_ids: [
        { task_id: taskId(2), node: NODE },
        { task_id: taskId(3), node: OTHER },
        { task_id: taskId(9), node: OTHER },
      ],
    }),
    "tablets",
  ),
  ...on(NODE, run(2, 1, 40, { parent_id: taskId(1) })),
  ...on(OTHER, run(3, 1, 90, { parent_id: taskId(1), state: "failed", error: "disk full" })),
  ...on(NODE, run(4, 2, 30, { parent_id: taskId(2), scope: "shard" })),
  ...on(NODE, [seen(10, status(5, { type: "major compaction", start_time: wireTime(10) }))], "compaction"),
  { at: at(20), event: "task_progress", node: NODE, id: taskId(5), completed: 10, total: 100 },
  { at: at(70), event: "task_progress", node: NODE, id: taskId(5), completed: 60, total: 100 },
  ...on(OTHER, [seen(12, status(6, { type: "cleanup compaction", start_time: wireTime(12) }))], "compaction"),
  { at: at(60), event: "task_gone", node: OTHER, id: taskId(6), within_ms: 10_000 },
]);

const ask = (journal: string, ...args: string[]) => runInProcess(["--from", journal, ...args]);
const incident = () => journalOf(INCIDENT);

async function rows(journal: string, ...args: string[]) {
  const { code, stdout, stderr } = await ask(journal, ...args, "-o", "ndjson");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout
    .trimEnd()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

afterEach(() => void vi.unstubAllEnvs());

describe("--from", () => {
  it("lists what was there, ended or not, as a server lists it", async () => {
    const journal = incident();
    expect(await rows(journal, "list", "--all", "--fields", "node,module,task_id,state")).toEqual([
      { node: null, module: "tablets", task_id: taskId(1), state: "failed" },
      { node: NODE, module: "repair", task_id: taskId(2), state: "done" },
      { node: OTHER, module: "repair", task_id: taskId(3), state: "failed" },
      { node: NODE, module: "compaction", task_id: taskId(5), state: "running" },
      { node: OTHER, module: "compaction", task_id: taskId(6), state: "gone" },
    ]);
    expect(await rows(journal, "list", "repair", "--internal", "--fields", "id")).toHaveLength(3);
    expect(await rows(journal, "list", "repair", "--state", "failed", "--keyspace", "shop", "--fields", "id")).toEqual([
      { id: taskId(3) },
    ]);
    expect((await ask(journal, "modules")).stdout).toContain("compaction");
  });

  it("tells of a time, which is the present of what is computed", async () => {
    const task = async (...time: string[]) =>
      (
        await rows(incident(), ...time, "status", taskId(5), "--fields", "state,progress_completed,duration_seconds")
      )[0];
    expect(await task("--at", at(15))).toEqual({ state: "running", progress_completed: 0, duration_seconds: 5 });
    expect(await task("--at", at(25))).toEqual({ state: "running", progress_completed: 10, duration_seconds: 15 });
    expect(await task()).toEqual({ state: "running", progress_completed: 60, duration_seconds: 90 });
  });

  it("has trees over nodes, with all that a server had folded away", async () => {
    const journal = incident();
    expect(await rows(journal, "tree", taskId(1), "--fields", "node,id,state")).toEqual([
      { node: null, id: taskId(1), state: "failed" },
      { node: NODE, id: taskId(2), state: "done" },
      { node: OTHER, id: taskId(3), state: "failed" },
      { node: NODE, id: taskId(4), state: "done" },
      { node: OTHER, id: taskId(9), state: "gone" },
    ]);
    expect(await rows(journal, "tree", "--fields", "id")).toEqual(
      [1, 2, 3, 4, 9, 5, 6].map((id) => ({ id: taskId(id) })),
    );
    expect(await rows(journal, "tree", "--state", "running", "--fields", "id")).toEqual([{ id: taskId(5) }]);
  });

  it("explains a failure", async () => {
    expect((await ask(incident(), "explain", taskId(1))).stdout).toContain("disk full");
  });

  it("ends a wait at once, as the task ended", async () => {
    const journal = incident();
    expect(await ask(journal, "wait", taskId(2), "-q")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await ask(journal, "wait", taskId(3), "-q")).toEqual({ code: 123, stdout: "", stderr: "" });
    expect(await ask(journal, "wait", taskId(5), "-q")).toEqual({
      code: 125,
      stdout: "",
      stderr: `error: task ${taskId(5)} was still running when the journal ended (${at(100)})\n`,
    });
    expect(await ask(journal, "wait", taskId(6), "-q")).toEqual({
      code: 125,
      stdout: "",
      stderr: `error: task ${taskId(6)} was gone at ${wireTime(60)}: its outcome is unknown\n`,
    });
  });

  it("takes the beginning of an id, and a journal on stdin", async () => {
    const args = ["--from", "-", "status", taskId(3).slice(0, 8), "--fields", "id", "--no-header"];
    expect(await runInProcess(args, {}, { input: ndjsonOf(INCIDENT) })).toEqual({
      code: 0,
      stdout: `${taskId(3)}\n`,
      stderr: "",
    });
  });

  it("says nothing of nodes where one was watched", async () => {
    const [row] = await rows(journalOf([started(0), ...run(1, 0, 10)]), "list", "repair");
    expect(row).toEqual({
      task_id: taskId(1),
      type: "repair",
      kind: "node",
      scope: "keyspace",
      state: "done",
      sequence_number: 1,
      keyspace: "shop",
      table: "orders",
      entity: "",
      shard: 0,
      start_time: wireTime(0),
      end_time: wireTime(10),
    });
  });

  it("says who did not answer at that time, exit 3", async () => {
    const lost: JournalLine[] = [
      { at: at(50), event: "node_lost", node: OTHER, reason: "refused" },
      { at: at(80), event: "node_back", node: OTHER, since: at(50) },
    ];
    const journal = journalOf(inOrder([...INCIDENT, ...lost]));
    expect(await ask(journal, "--at", at(60), "list", "repair", "--count")).toMatchObject({
      code: 3,
      stderr: `warning: no answer from node ${OTHER}: lost since ${at(50)}: refused\n`,
    });
    expect(await ask(journal, "--at", at(60), "status", taskId(2))).toMatchObject({ code: 0, stderr: "" });
    expect(await ask(journal, "list", "repair", "--count")).toMatchObject({ code: 0, stderr: "" });
  });

  it("says when nothing was watched at that time, exit 3", async () => {
    const gap = { at: at(300), event: "gap", from: at(200), to: at(300), reason: "stopped" } as const;
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf([...INCIDENT, { at: at(150), event: "recording_stopped" }]),
      [segmentFile(300)]: ndjsonOf([started(300, NODES), gap, ...run(7, 300, 310)]),
    });
    const count = (time: number) => ask(journal, "--at", at(time), "list", "repair", "--count", "--no-header");
    expect(await count(140)).toEqual({ code: 0, stdout: "2\n", stderr: "" });
    expect(await count(160)).toEqual({
      code: 3,
      stdout: "2\n",
      stderr: `warning: the recording stopped at ${at(150)}: showing the state at that time\n`,
    });
    expect(await count(250)).toEqual({
      code: 3,
      stdout: "2\n",
      stderr: `warning: nothing was recorded from ${at(200)} to ${at(300)}: showing the state before that\n`,
    });
    expect(await count(310)).toEqual({ code: 0, stdout: "3\n", stderr: "" });
  });

  it("shows the state before a gap even while the first look after it goes on", async () => {
    const gap = { at: at(310), event: "gap", from: at(50), to: at(310), reason: "stopped" } as const;
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf([started(0), seen(10, status(1))]),
      [segmentFile(310)]: ndjsonOf([started(300), gap, seen(300, status(2)), seen(310, status(1))]),
    });
    const states = async (time: number) =>
      (await ask(journal, "--at", at(time), "list", "repair", "--fields", "task_id,state", "-o", "csv", "--no-header"))
        .stdout;
    expect(await states(305)).toBe(`${taskId(1)},running\r\n`);
    expect(await states(310)).toBe(`${taskId(1)},running\r\n${taskId(2)},running\r\n`);
  });

  it("does not take a node for silent that the next segment does not say it of", async () => {
    const lost: JournalLine = { at: at(50), event: "node_lost", node: OTHER, reason: "refused" };
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf(inOrder([...INCIDENT, lost])),
      [segmentFile(300)]: ndjsonOf([started(300, NODES), ...run(7, 300, 310)]),
    });
    expect(await ask(journal, "list", "repair", "--count")).toMatchObject({ code: 0, stderr: "" });
    expect(await ask(journal, "--at", at(200), "list", "repair", "--count")).toMatchObject({ code: 3 });
  });

  it("says where a segment is missing, exit 3, and does not know how ended what it does not name any more", async () => {
    const name = (seconds: number) => segmentFile(seconds).replace(".ndjson", "");
    const later = { ...NODES, segment: name(300), after: name(200) };
    const journal = journalDirectory({
      [segmentFile(0)]: ndjsonOf(INCIDENT),
      [segmentFile(300)]: ndjsonOf([started(300, later), ...run(7, 300, 310)]),
    });
    const missing = `warning: segment ${name(200)} of the journal is missing: nothing is known from ${at(100)} to ${at(300)}\n`;
    expect(await ask(journal, "list", "compaction", "--fields", "task_id,state", "-o", "csv")).toEqual({
      code: 3,
      stdout: `task_id,state\r\n${taskId(5)},gone\r\n${taskId(6)},gone\r\n`,
      stderr: missing,
    });
    expect(await ask(journal, "--at", at(250), "list", "repair", "--count", "--no-header")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`warning: nothing was recorded from ${at(100)} to ${at(300)}`),
    });
    expect(await ask(journal, "--at", at(90), "list", "repair", "--count")).toMatchObject({ code: 0, stderr: "" });
    const runs = await ask(
      journal,
      "history",
      "--module",
      "compaction",
      "--fields",
      "task_id,end_time,end_within_ms",
      "-o",
      "csv",
    );
    expect(runs).toEqual({
      code: 3,
      stdout: `task_id,end_time,end_within_ms\r\n${taskId(5)},${wireTime(300)},\r\n${taskId(6)},${wireTime(60)},10000\r\n`,
      stderr: missing,
    });
  });

  it("refuses what a journal cannot do, and other nodes beside it", async () => {
    const journal = incident();
    const cannot =
      "error: option '--from <journal>': not supported by this command. It works with list, modules, status, tree, explain, wait, timeline and compare.\n";
    for (const args of [
      ["abort", taskId(5)],
      ["ttl", "--set", "1"],
      ["ttl"],
      ["drain", "--module", "repair"],
      ["idle"],
    ]) {
      expect(await ask(journal, ...args)).toMatchObject({ code: 1, stderr: expect.stringContaining(cannot.trimEnd()) });
    }
    for (const other of [["-h", "x"], ["--url", "http://x"], ["-a"], ["--mock"]]) {
      const { code, stderr } = await ask(journal, ...other, "list", "repair");
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /option '--from <journal>' cannot be used together with --(host|url|all-nodes|mock)/,
        ),
      });
    }
    expect((await runInProcess(["--at", "2h", "list", "repair"])).stderr).toContain(
      "option '--at <time>' needs --from",
    );
    expect((await ask(journal, "--at", "2026-02-30", "list", "repair")).stderr).toContain("It takes a time such as");
    expect((await ask(journal, "--at", at(-5), "list", "repair")).stderr).toContain("starts after");
    expect((await ask(journal, "list", "nothing")).stderr).toContain("has no task of module 'nothing'");
    expect(await ask(journal, "status", taskId(77))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`the journal '${journal}' has no task ${taskId(77)}`),
    });
  });

  it("gives way to a host on the command line where the environment names the journal, and the other way round", async () => {
    const journal = incident();
    const args = ["list", "compaction", "--count", "--no-header"];
    vi.stubEnv("TASKS_FROM", journal);
    expect((await runInProcess(args)).stdout).toBe("2\n");
    expect((await runInProcess(["--mock", "--scenario", "idle", ...args])).stdout).toBe("0\n");
    vi.stubEnv("TASKS_HOST", "10.9.9.9");
    expect((await runInProcess(["--from", journal, ...args])).stdout).toBe("2\n");
    expect((await runInProcess(args)).stderr).toContain("cannot be used together with --host");
  });
});
