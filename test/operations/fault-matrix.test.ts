import { describe, expect, test } from "vitest";
import { type Fault, ManualClock, type MockCluster } from "../../src/mock/index.js";
import type { Run } from "../fixtures/run-tasks.js";
import { until } from "../fixtures/wait-servers.js";
import { requestsOf, startFollowing, startsOf, withMock as withAnyMock } from "./stage.js";

const PLACE = [
  "--endpoint",
  "s3.example.com",
  "--bucket",
  "b",
  "--prefix",
  "p",
  "--keyspace",
  "shop",
  "--table",
  "orders",
];
const LOCATION = "datacenter1,s3.example.com,b,p";

/** How the end of an operation becomes known. */
type Kind = "answered" | "numbered" | "waiting";

/** Each operation, the path of its call, and the module of its task. */
const OPERATIONS: readonly [name: string, kind: Kind, args: readonly string[], path: string, module: string][] = [
  ["compaction", "answered", ["compaction", "shop"], "/tasks/compaction/keyspace_compaction/shop", "compaction"],
  ["cleanup", "answered", ["cleanup", "shop"], "/tasks/compaction/keyspace_cleanup/shop", "compaction"],
  [
    "offstrategy",
    "answered",
    ["offstrategy", "shop"],
    "/tasks/compaction/keyspace_offstrategy_compaction/shop",
    "compaction",
  ],
  ["scrub", "answered", ["scrub", "shop"], "/tasks/compaction/keyspace_scrub/shop", "compaction"],
  [
    "upgrade-sstables",
    "answered",
    ["upgrade-sstables", "shop"],
    "/tasks/compaction/keyspace_upgrade_sstables/shop",
    "compaction",
  ],
  ["backup", "answered", ["backup", ...PLACE, "--snapshot", "nightly"], "/storage_service/backup", "snapshot"],
  ["restore", "answered", ["restore", ...PLACE, "a-TOC.txt"], "/storage_service/restore", "sstables_loader"],
  [
    "cluster-backup",
    "answered",
    ["cluster-backup", "-l", LOCATION, "shop"],
    "/storage_service/tablets/backup",
    "snapshot",
  ],
  [
    "tablet-restore",
    "answered",
    ["tablet-restore", "--datacenter", "datacenter1", ...PLACE, "--snapshot", "nightly", "m1"],
    "/storage_service/tablets/restore",
    "sstables_loader",
  ],
  ["repair of tablets", "answered", ["repair", "telemetry", "readings"], "/storage_service/tablets/repair", "tablets"],
  ["repair of vnodes", "numbered", ["repair", "shop", "orders"], "/storage_service/repair_async/shop", "repair"],
  ["compaction of all", "waiting", ["compaction", "--all-keyspaces"], "/storage_service/compact", "compaction"],
  ["cleanup of all", "waiting", ["cleanup", "--all-keyspaces"], "/storage_service/cleanup_all", "compaction"],
  ["rebuild", "waiting", ["rebuild", "--yes"], "/storage_service/rebuild", "node_ops"],
  ["decommission", "waiting", ["decommission", "--yes"], "/storage_service/decommission", "node_ops"],
];
/** No task ends by the little steps of {@link play}. */
const RUNS = { runsSeconds: 300 };
/** Longer than any task runs here, also one that is queued first. */
const UNTIL_ENDED_MS = 1_000_000;
/** A node operation is listed only some time after its call. */
const UNTIL_LISTED_MS = 100;
const RESETS = 2;

/** The mock's time stands until {@link play} moves it on: the task ends when the client waits for it, and not before. */
const withMock = <T>(body: (mock: MockCluster) => Promise<T>) =>
  withAnyMock(body, { release: "2026.4", speed: undefined, clock: new ManualClock() });

const waitsOf = (mock: MockCluster) => requestsOf(mock).filter((line) => line.includes("/wait_task/"));

/**
 * Moves the mock's time on with each request: a little at first, and past the end of the task, or of the wait's own timeout,
 * once a wait is held.
 * @param broken how many waits never reach the node
 */
async function play(mock: MockCluster, end: Promise<Run>, broken = 0): Promise<Run> {
  let hasEnded = false;
  const ended = end.finally(() => {
    hasEnded = true;
  });
  for (let seen = 0; !hasEnded; ) {
    await until(() => hasEnded || mock.requests.length > seen);
    seen = mock.requests.length;
    const wait = waitsOf(mock).slice(broken).at(-1);
    const [, timeoutSeconds] = /timeout=(\d+)/.exec(wait ?? "") ?? [];
    if (wait === undefined) mock.clock.advance(UNTIL_LISTED_MS);
    else mock.clock.advance(timeoutSeconds === undefined ? UNTIL_ENDED_MS : Number(timeoutSeconds) * 1000);
  }
  return await ended;
}

const start = (mock: MockCluster, args: readonly string[], broken?: number) =>
  play(mock, startFollowing(mock, args).end, broken);

async function listed(mock: MockCluster, module: string) {
  const answer = await fetch(`${mock.urls[0]}/task_manager/list_module_tasks/${module}`);
  return (await answer.json()) as { task_id: string; state: string; parent_id?: string }[];
}

const isUnfinished = ({ state }: { state: string }) => state === "created" || state === "running";

describe.concurrent.each(OPERATIONS)("%s", (_name, kind, args, path, module) => {
  /** Runs it while a fault befalls its call. */
  const withFault = (fault: Fault, more: readonly string[] = ["--wait", "--json"]) =>
    withMock(async (mock) => {
      mock.addFault({ path, ...fault, task: { ...RUNS, ...fault.task } });
      const run = await start(mock, [...args, ...more]);
      expect(startsOf(mock), run.stderr).toHaveLength(1);
      return { ...run, tasks: await listed(mock, module) };
    });

  test("without a fault: its id, and its end", async () => {
    const run = await withFault({});
    expect(run.code, run.stderr).toBe(0);
    const { id, outcome } = JSON.parse(run.stdout);
    expect(outcome).toBe("done");
    expect(run.stderr).toContain(`started task ${id}\n`);
  });

  test("without --wait: its id alone, while it runs", async () => {
    const run = await withFault({ task: { isEndless: true } }, []);
    expect(run.code, run.stderr).toBe(0);
    expect(run.tasks.map(({ task_id }) => `${task_id}\n`)).toContain(run.stdout);
  });

  test("a refusal is not a start, and gives no warning of one", async () => {
    const run = await withFault({ status: 500, message: "std::runtime_error (no)" });
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).not.toContain("may have started");
    expect(run.tasks.filter(isUnfinished)).toEqual([]);
  });

  test.each<[string, Fault]>([
    ["before the server was asked", { isReset: true }],
    ["and a proxy's word in place of an answer", { status: 504, body: "<html>" }],
  ])("the connection broke: %s", async (_when, fault) => {
    const run = await withFault(fault, ["--wait", "--json", "--retry-for", "0.2s"]);
    expect(run).toMatchObject({ code: fault.status === undefined ? 2 : 4, stdout: "" });
    expect(run.stderr).toContain("the operation may have started");
    expect(run.stderr).toContain(` list ${module}`);
  });

  test.each<[string, Fault]>([
    ["before the head of the answer", { isAnswerLost: true }],
    ["before its body", { truncatedAtBytes: 0 }],
    ["in the midst of it", { truncatedAtBytes: 7 }],
  ])("the connection broke %s", async (_when, fault) => {
    const run = await withFault(fault);
    if (kind === "waiting") {
      // The task was seen before, and tells the end.
      expect(run.code, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ state: "done", outcome: "done" });
      return;
    }
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("the operation may have started");
    expect(run.tasks).not.toEqual([]);
  });

  test("the connection broke after the answer, as it waited", async () => {
    await withMock(async (mock) => {
      mock.addFault({ path, task: RUNS });
      mock.addFault({ path: "/task_manager/wait_task/*", isReset: true, count: RESETS });
      const run = await start(mock, [...args, "--wait", "--json"], RESETS);
      expect(run.code, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ outcome: "done" });
      expect(startsOf(mock)).toHaveLength(1);
    });
  });

  test("its task fails: 123", async () => {
    const run = await withFault({ task: { error: "std::runtime_error (disk)" } });
    expect(run.code, run.stderr).toBe(123);
    // A repair of tablets that did not get to its end says no more (semantics 26).
    const error = module === "tablets" ? "" : "disk";
    expect(JSON.parse(run.stdout)).toMatchObject({ outcome: "failed", error: expect.stringContaining(error) });
  });

  test("its time runs out: 124, and it goes on", async () => {
    const run = await withFault({ task: { isEndless: true } }, ["--wait", "-q", "--timeout", "1s"]);
    expect(run, run.stderr).toMatchObject({ code: 124, stdout: "" });
    expect(run.tasks.some(isUnfinished)).toBe(true);
  });

  test("a user who interrupts it is told how to wait for it again", async () => {
    await withMock(async (mock) => {
      mock.addFault({ path, task: { isEndless: true } });
      const { written, interrupt, end } = startFollowing(mock, [...args, "--wait"]);
      const played = play(mock, end, Number.POSITIVE_INFINITY);
      await until(() => waitsOf(mock).length > 0);
      interrupt();
      expect((await played).code).not.toBe(0);
      const [, id = ""] = /started task (\S+)/.exec(written.stderr) ?? [];
      expect(written.stderr).toMatch(new RegExp(`the task goes on; to wait for it again:\n  \\S.* wait ${id}\n`));
      expect(startsOf(mock)).toHaveLength(1);
    });
  });
});
