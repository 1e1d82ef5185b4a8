import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT } from "../../src/exit-codes.js";
import { Interruption } from "../../src/runtime/runtime.js";
import { BEGIN, journalOf, ndjsonOf, run, segmentFile, started, taskId } from "../fixtures/journals.js";
import { LiveRun, type LiveRunOptions } from "../fixtures/live-run.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";

const HOUR_MS = 3600_000;
const INTERVAL_MS = 10_000;

/** A journal with one run, to which runs can be added. */
function growing() {
  const journal = journalOf([started(0), ...run(1, 0, 60)]);
  const add = (number: number, from: number, to: number, more = {}) =>
    appendFileSync(join(journal, segmentFile(0)), ndjsonOf(run(number, from, to, more)));
  return { journal, add };
}

const watching = (journal: string, args: readonly string[], options: LiveRunOptions = {}) =>
  new LiveRun(["--from", journal, "history", "--watch", "10s", ...args], { startMs: BEGIN + HOUR_MS, ...options });

async function interrupted(live: LiveRun): Promise<void> {
  live.interrupt(new Interruption("SIGINT", EXIT.interrupted));
  expect(await live.end).toBe(130);
}

const linesOf = ({ written }: LiveRun) => written.split("\n").filter(Boolean);

describe("history --watch", () => {
  test("on a terminal, shows a run once the journal has it, and drops runs that have become too old", async () => {
    const { journal, add } = growing();
    const live = watching(journal, ["--since", "1h"], { columns: 120 });
    await live.until(/^2026-11-20T11:00:00Z {2}every 10s, Ctrl-C to quit[\s\S]*repair/);
    add(2, 100, 3590, { table: "items" });
    await live.pass(INTERVAL_MS);
    await live.until(/^2026-11-20T11:00:10Z[\s\S]*items/);
    expect(live.text).toContain("orders");
    await live.clock.sleeperOf(INTERVAL_MS);
    live.clock.advance(60_000);
    await live.until(({ text }) => !text.includes("orders"));
    expect(live.text).toContain("items");
    await interrupted(live);
  });

  test("keeps groups and last successes up to date on a terminal", async () => {
    const { journal, add } = growing();
    const groups = watching(journal, ["--by", "table"]);
    const last = watching(journal, ["--last", "repair"], { columns: 120 });
    await groups.until(/orders/);
    await last.until(/orders/);
    add(2, 100, 200, { table: "items" });
    for (const live of [groups, last]) {
      await live.pass(INTERVAL_MS);
      await live.until(/items/);
      await interrupted(live);
    }
  });

  test("says what the journal does not know, beside the last successes", async () => {
    const journal = journalOf([started(0), ...run(1, 0, 60, { state: "failed" })]);
    const live = watching(journal, ["--last", "repair"], { columns: 120 });
    await live.until(/the journal starts at 2026-11-20T10:00:00Z: earlier successes are unknown/);
    await interrupted(live);
  });

  test("in a pipe, prints a line for each run, and that it watches", async () => {
    const { journal, add } = growing();
    const live = watching(journal, [], { isTerminal: false });
    await live.until((now) => linesOf(now).length === 1);
    add(2, 100, 200, { state: "failed", error: "disk full\nmore" });
    await live.pass(INTERVAL_MS);
    await live.until((now) => linesOf(now).length === 2);
    await live.clock.sleeperOf(INTERVAL_MS);
    live.clock.advance(60_000);
    await live.until((now) => linesOf(now).length === 3);
    expect(linesOf(live)).toEqual([
      `2026-11-20T11:00:00Z seen      ${taskId(1)}  done  repair  keyspace shop.orders  on 10.0.0.1`,
      `2026-11-20T11:00:10Z seen      ${taskId(2)}  failed  repair  keyspace shop.orders  on 10.0.0.1  disk full`,
      "2026-11-20T11:01:10Z watching  2 tasks",
    ]);
    await interrupted(live);
  });

  test("as ndjson, prints an object for each; a run that becomes too old is not a change", async () => {
    const { journal, add } = growing();
    const live = watching(journal, ["--since", "1h", "-o", "ndjson"], { isTerminal: false });
    await live.until((now) => linesOf(now).length === 1);
    await live.clock.sleeperOf(INTERVAL_MS);
    live.clock.advance(30_000);
    add(2, 3590, 3595);
    await live.pass(INTERVAL_MS);
    await live.until((now) => linesOf(now).length === 2);
    const events = linesOf(live).map((line) => JSON.parse(line));
    for (const event of events) expectValid("watch", event);
    expect(events).toMatchObject([
      { event: "task_seen", id: taskId(1), was_there: true, task: { duration_seconds: 60 } },
      { event: "task_seen", id: taskId(2), task: { state: "done", duration_seconds: 5 } },
    ]);
    await interrupted(live);
  });

  test("ends if the journal is gone, and says so", async () => {
    const live = watching("/nonexistent", [], { isTerminal: false });
    expect(await live.end).toBe(1);
    expect(live.stderr).toContain("no journal '/nonexistent'");
  });

  test.each([
    [["--from", "-", "history", "-w"], "--watch cannot read the journal from stdin"],
    [["history", "-w", "--until", "1h"], "give either --watch or --until, not both"],
    [["history", "-w", "--exit-code"], "give either --watch or --exit-code, not both"],
    [
      ["history", "-w", "--by", "table"],
      "--watch with --by needs a terminal: in a pipe, --watch prints a line for each run",
    ],
    [["history", "-w", "--last", "repair"], "--watch with --last needs a terminal"],
    [["history", "-w", "-o", "yaml"], "--watch does not support -o yaml"],
    [["history", "-w", "--sort", "state"], "--sort cannot be used with --watch in a pipe"],
  ])("%j is refused", async (args, reason) => {
    const { code, stdout, stderr } = await runInProcess(args, { XDG_STATE_HOME: "/nonexistent" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(reason);
  });
});
