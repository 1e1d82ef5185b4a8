import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { Exporter } from "../../src/metrics/exporter.js";
import { OPEN_METRICS_FORM, TEXT_FORM } from "../../src/metrics/exposition.js";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../../src/mock/index.js";
import { openConnection } from "../../src/nodes/connection.js";
import type { ConnectionOptions } from "../../src/nodes/connection-options.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { openMetricsFaults, readMetrics } from "../fixtures/metrics-text.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const HAS_PROMTOOL = spawnSync("promtool", ["--version"]).status === 0;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-/;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function stage(options: MockClusterOptions = {}, { maxSeries = 10_000, allNodes = false } = {}) {
  const mock = await startMockCluster({ scenario: "idle", ...options });
  ends.push(() => mock.stop());
  const { runtime } = fakeRuntime();
  const connection = {
    mock: false,
    urls: mock.urls.slice(0, 1),
    allNodes,
    concurrency: 8,
    nodeTimeoutMs: 5000,
    requestTimeoutMs: 5000,
    maxResponseBytes: 1e9,
    maxTasks: 1e6,
    nodeMap: new Map(),
  } as unknown as ConnectionOptions;
  const exporter = new Exporter({
    clock: runtime.clock,
    maxSeries,
    connect: () => openConnection(runtime, connection),
  });
  ends.push(() => exporter.close());
  const scrape = async () => {
    const outcome = await exporter.poll();
    expect(openMetricsFaults(await exporter.text(OPEN_METRICS_FORM))).toEqual([]);
    const text = await exporter.text(TEXT_FORM);
    return { outcome, text, ...readMetrics(text) };
  };
  return { mock, scrape, clock: runtime.clock };
}

/** Lets what ends from now on be kept for an hour. */
async function keepEnded({ urls }: MockCluster): Promise<void> {
  for (const url of urls) await fetch(`${url}/task_manager/ttl?ttl=3600`, { method: "POST" });
}

describe.each(["6.2", "seed", "2025.1", "2026.3"])("metrics on %s", (release) => {
  test("show running tasks, progress, ended tasks and last successes, each task once", async () => {
    const { mock, scrape } = await stage({ release });
    await keepEnded(mock);
    mock.create({ ...COMPACTION, table: "orders" }).fail("before anybody looked");
    const [running, queued] = [
      mock.create({ ...COMPACTION, table: "orders" }),
      mock.create({ ...COMPACTION, isQueued: true }),
    ];
    const part = mock.create({ ...COMPACTION, scope: "shard", parent: running });
    part.reportProgress(1, 4);
    const first = await scrape();
    expect(
      first.sum("scylla_tasks_running", {
        type: "major compaction",
        keyspace: "shop",
        instance: "127.0.0.1",
        dc: "datacenter1",
      }),
    ).toBe(1);
    expect(first.sum("scylla_tasks_created")).toBe(1);
    expect(first.sum("scylla_tasks_progress_ratio")).toBe(0.25);
    expect(first.sum("scylla_tasks_oldest_age_seconds")).toBeGreaterThanOrEqual(0);
    expect(first.sum("scylla_tasks_up")).toBe(1);
    expect(first.sum("scylla_tasks_finished_total")).toBeUndefined();
    part.finish();
    running.finish();
    queued.start();
    queued.fail("disk full");
    const unseen = mock.create({ ...COMPACTION, keyspace: "accounts" });
    unseen.fail("between two polls");
    for (const _ of [1, 2, 3]) {
      const next = await scrape();
      expect(next.sum("scylla_tasks_running")).toBeUndefined();
      expect(next.sum("scylla_tasks_finished_total", { state: "done" })).toBe(1);
      expect(next.sum("scylla_tasks_finished_total", { state: "failed" })).toBe(2);
      expect(next.sum("scylla_tasks_failed_total", { keyspace: "accounts" })).toBe(1);
      const success = next.sum("scylla_tasks_last_success_timestamp_seconds", { table: "orders" }) ?? 0;
      expect(Math.abs(Date.now() / 1000 - success)).toBeLessThan(3600);
      expect(next.text).not.toMatch(UUID);
    }
  });

  test("count a task that is gone and was not seen to end as unknown, and keep what was counted", async () => {
    const { mock, scrape } = await stage({ release });
    const [one, other] = [mock.create(COMPACTION), mock.create(COMPACTION)];
    await scrape();
    one.finish();
    expect((await scrape()).sum("scylla_tasks_finished_total", { state: "unknown" })).toBe(1);
    other.fail("disk full");
    for (const _ of [1, 2]) {
      const { sum } = await scrape();
      expect(sum("scylla_tasks_finished_total", { state: "unknown" })).toBe(2);
      expect(sum("scylla_tasks_failed_total")).toBe(0);
    }
  });
});

test("the failure counter exists before the first failure: Prometheus sees no increase in one that begins with 1", async () => {
  const { mock, scrape } = await stage();
  await keepEnded(mock);
  const task = mock.create(COMPACTION);
  mock.create({ ...COMPACTION, keyspace: "other" }).finish();
  // Of a first poll nobody knows what was before.
  expect((await scrape()).sum("scylla_tasks_failed_total")).toBeUndefined();
  const { sum } = await scrape();
  for (const keyspace of ["shop", "other"]) expect(sum("scylla_tasks_failed_total", { keyspace })).toBe(0);
  task.fail("disk full");
  expect((await scrape()).sum("scylla_tasks_failed_total", { keyspace: "shop" })).toBe(1);
});

test.runIf(HAS_PROMTOOL)("promtool accepts the metrics", async () => {
  const { mock, scrape } = await stage({ scenario: "everything" });
  await scrape();
  mock.clock.advance(60_000);
  const { stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: (await scrape()).text });
  expect(`${stdout}${stderr}`).toBe("");
});

test("the time without progress is measured from poll to poll", async () => {
  const { mock, scrape, clock } = await stage();
  const task = mock.create(COMPACTION);
  const part = mock.create({ ...COMPACTION, scope: "shard", parent: task });
  part.reportProgress(1, 4);
  await scrape();
  await clock.sleep(100_000);
  const stalled = (await scrape()).sum("scylla_tasks_longest_stall_seconds") ?? 0;
  expect(stalled).toBeGreaterThanOrEqual(100);
  part.reportProgress(2, 4);
  expect((await scrape()).sum("scylla_tasks_longest_stall_seconds")).toBe(0);
});

test("a tablet repair, which leaves the lists when it ends, is counted by its status", async () => {
  const { mock, scrape } = await stage({ release: "2026.3" });
  const repair = { module: "tablets", type: "user_repair", scope: "table", kind: "cluster", keyspace: "shop" } as const;
  const [orders] = [mock.create({ ...repair, table: "orders" }), mock.create({ ...repair, table: "items" })];
  expect((await scrape()).sum("scylla_tasks_running", { instance: "", type: "user_repair" })).toBe(2);
  orders.finish();
  const { sum } = await scrape();
  expect(sum("scylla_tasks_finished_total", { state: "done", type: "user_repair" })).toBe(1);
  expect(sum("scylla_tasks_last_success_timestamp_seconds", { table: "orders" })).toBeGreaterThan(0);
  expect(sum("scylla_tasks_last_success_timestamp_seconds", { table: "items" })).toBeUndefined();
});

test("a node that does not answer has no metrics, and its tasks do not count as gone", async () => {
  const { mock, scrape } = await stage({ nodes: 3 }, { allNodes: true });
  const tasks = [0, 1, 2].map((node) => mock.create({ ...COMPACTION, node }));
  expect((await scrape()).sum("scylla_tasks_running")).toBe(3);
  const over = mock.addFault({ node: 1, path: "/task_manager/**", status: 502 });
  const partial = await scrape();
  expect(partial.outcome).toMatchObject({ isUp: true, unanswered: [{ node: "127.0.0.2" }] });
  expect(partial.sum("scylla_tasks_running")).toBe(2);
  expect(partial.sum("scylla_tasks_node_up")).toBe(2);
  expect(partial.sum("scylla_tasks_nodes_unanswered")).toBe(1);
  expect(partial.sum("scylla_tasks_finished_total")).toBeUndefined();
  over();
  expect((await scrape()).sum("scylla_tasks_running")).toBe(3);
  expect(tasks).toHaveLength(3);
  await mock.takeDown(0);
  const withoutContact = await scrape();
  expect(withoutContact.sum("scylla_tasks_up")).toBe(1);
  expect(withoutContact.sum("scylla_tasks_running")).toBe(2);
});

test("a server that is not up yet is polled again", async () => {
  const { mock, scrape } = await stage({}, { allNodes: true });
  await mock.takeDown(0);
  const down = await scrape();
  expect(down.outcome.isUp).toBe(false);
  expect(down.sum("scylla_tasks_up")).toBe(0);
  expect(down.sum("scylla_tasks_scrape_errors_total")).toBe(1);
  await mock.bringUp(0);
  expect((await scrape()).sum("scylla_tasks_up")).toBe(1);
});

test("series beyond the limit are combined as other, and counted", async () => {
  const { mock, scrape } = await stage({}, { maxSeries: 11 });
  for (let index = 0; index < 30; index++) mock.create({ ...COMPACTION, keyspace: `k${index}` });
  const { sum, families, outcome } = await scrape();
  expect(sum("scylla_tasks_running")).toBe(30);
  expect(sum("scylla_tasks_running", { keyspace: "other", instance: "other" })).toBeGreaterThan(0);
  expect(outcome.seriesLeftOut).toBeGreaterThan(0);
  expect(sum("scylla_tasks_series_left_out")).toBe(outcome.seriesLeftOut);
  const own = families.flatMap(({ metrics }) => metrics).filter(({ labels }) => labels?.instance === "127.0.0.1");
  expect(own).toHaveLength(11);
});

test("names from a server cannot add lines, series or escape sequences", async () => {
  const { mock, scrape } = await stage();
  const names = [
    'a"b',
    "back\\slash",
    "line\nscylla_tasks_up 0",
    "\u001b[31mred",
    "__proto__",
    "n".repeat(10_000),
    "a\\",
    "\ud800",
  ];
  for (const keyspace of names) mock.create({ ...COMPACTION, keyspace });
  const { sum, text, families } = await scrape();
  expect(sum("scylla_tasks_running")).toBe(names.length);
  expect(sum("scylla_tasks_up")).toBe(1);
  expect(sum("scylla_tasks_running", { keyspace: "__proto__" })).toBe(1);
  expect(families.find(({ name }) => name === "scylla_tasks_running")?.metrics).toHaveLength(names.length);
  expect(text).not.toContain("\u001b");
  expect(text.length).toBeLessThan(20_000);
});

test("under chaos, counters only grow, an incomplete poll is never shown as complete, and no task counts twice", async () => {
  const { mock, scrape } = await stage({ scenario: "chaos", speed: 100, nodes: 3 }, { allNodes: true });
  const startedMs = mock.clock.nowMs();
  let before = readMetrics("");
  for (let round = 0; round < 20; round++) {
    const now = await scrape();
    for (const { name, type, metrics } of before.families) {
      if (type !== "COUNTER") continue;
      for (const { labels = {}, value } of metrics) {
        if (labels.cluster !== "") expect(now.sum(name, labels), name).toBeGreaterThanOrEqual(Number(value));
      }
    }
    for (const { name, metrics } of now.families) {
      for (const { value } of metrics) {
        expect(Number(value)).toBeGreaterThanOrEqual(0);
        if (name.endsWith("_ratio")) expect(Number(value)).toBeLessThanOrEqual(1);
      }
    }
    const nodes = now.sum("scylla_tasks_nodes") ?? 0;
    expect((now.sum("scylla_tasks_node_up") ?? 0) + (now.sum("scylla_tasks_nodes_unanswered") ?? 0)).toBe(nodes);
    const down = new Set(now.outcome.unanswered.map(({ node }) => node));
    for (const node of down) expect(now.sum("scylla_tasks_running", { instance: node })).toBeUndefined();
    expect(now.text).not.toMatch(UUID);
    before = now;
    mock.clock.advance(5000);
  }
  // The scenario starts one each 15 s on each node that is up.
  const seconds = (mock.clock.nowMs() - startedMs) / 1000;
  const counted =
    before.sum("scylla_tasks_finished_total", { type: "reshaping compaction", instance: "127.0.0.1" }) ?? 0;
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThanOrEqual(seconds / 15 + 2);
});
