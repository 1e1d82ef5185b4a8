import { beforeEach, describe, expect, test } from "vitest";
import type { ManualClock, MockCluster } from "../../src/mock/index.js";
import { linesOf, mockToRecord, newDirectory, REPAIR, recordFor, START } from "../fixtures/recorded.js";

let clock: ManualClock;
let mock: MockCluster;
let directory: string;
beforeEach(async () => {
  ({ clock, mock, directory } = await mockToRecord({ nodes: 3 }));
});

const atSecond = (seconds: number, act: () => void) => clock.schedule(START + seconds * 1000, act, undefined);

describe("nodes", () => {
  test("a node that dies is recorded as lost, and its tasks as gone when it is back; the others are watched in the meantime", async () => {
    const lost = mock.create({ ...REPAIR, node: 1 });
    const other = mock.create({ ...REPAIR, node: 2 });
    let again = "";
    atSecond(12, () => void mock.takeDown(1));
    atSecond(15, () => other.fail("no space"));
    atSecond(42, () => void mock.bringUp(1).then(() => (again = mock.create({ ...REPAIR, node: 1 }).id)));
    const told = await recordFor(70, mock, clock, { directory, maxWaits: 0 });
    expect(told).toMatch(/^warning: no answer from node 127\.0\.0\.2: /m);
    const lines = await linesOf(directory);
    const of = (id: string) => lines.flatMap((line) => ("id" in line && line.id === id ? [line.event] : []));
    expect(of(lost.id)).toEqual(["task_seen", "task_gone"]);
    expect(of(other.id)).toEqual(["task_seen", "task_ended"]);
    expect(of(again)).toEqual(["task_seen"]);
    const moves = lines.filter(({ event }) => event === "node_lost" || event === "node_back");
    expect(moves).toMatchObject([
      { event: "node_lost", node: "127.0.0.2" },
      { event: "node_back", node: "127.0.0.2", since: moves[0]?.at },
    ]);
    const gone = lines.find((line) => line.event === "task_gone");
    // It was seen to run for the last time before it died.
    const goneMs = Date.parse(gone?.at ?? "") - (gone?.event === "task_gone" ? gone.within_ms : 0);
    expect(goneMs).toBeLessThanOrEqual(START + 12_000);
  });

  test.each(["node", "cluster"] as const)(
    "a %s task that was listed before it could be looked at is no newer for that",
    async (kind) => {
      const repair = { ...REPAIR, module: kind === "cluster" ? "tablets" : "repair", type: "user_repair", kind };
      mock.addFault({ path: "/task_manager/task_status*/**", status: 502, afterSeconds: 1, forSeconds: 24 });
      let task = "";
      atSecond(5, () => {
        const made = mock.create(repair);
        task = made.id;
        clock.schedule(START + 28_000, () => made.finish(), undefined);
      });
      await recordFor(45, mock, clock, { directory, maxWaits: 0 });
      for (const line of await linesOf(directory)) {
        if (!("id" in line) || line.id !== task || !("within_ms" in line)) continue;
        const happenedMs = START + (line.event === "task_seen" ? 5_000 : 28_000);
        expect(Date.parse(line.at) - (line.within_ms ?? 0), line.event).toBeLessThanOrEqual(happenedMs);
      }
      const known = (await linesOf(directory)).filter((line) => "id" in line && line.id === task);
      expect(known.map(({ event }) => event)).toEqual(["task_seen", "task_ended"]);
    },
  );

  test("with --internal, tasks that nodes start themselves are recorded, with one more list per tick", async () => {
    const regular = {
      module: "compaction",
      type: "regular compaction",
      scope: "compaction group",
      keyspace: "shop",
      table: "orders",
      isStartedInternally: true,
    } as const;
    const major = mock.create({ ...regular, type: "major compaction", scope: "keyspace", isStartedInternally: false });
    mock.create({ ...regular, parent: major, type: "sstables compaction" });
    const [done, failed, unawaited] = [0, 1, 2].map((node) => mock.create({ ...regular, node }));
    atSecond(25, () => done?.finish());
    atSecond(35, () => failed?.fail("no space"));
    mock.clearRequests();
    await recordFor(59, mock, clock, { directory, internal: true });
    const told = (await linesOf(directory)).filter(
      (line) => "id" in line && [done, failed, unawaited].some((task) => task?.id === line.id),
    );
    expect(told).toMatchObject([
      { event: "task_seen", id: done?.id, was_there: true, task: { type: "regular compaction", state: "running" } },
      { event: "task_seen", id: failed?.id },
      { event: "task_seen", id: unawaited?.id },
      { event: "task_ended", id: done?.id, within_ms: 0, task: { state: "done" } },
      { event: "task_ended", id: failed?.id, within_ms: 0, task: { state: "failed", error: "no space" } },
    ]);
    const asked = mock.requests.map(({ node, url }) => `${node} ${url}`);
    const internal = asked.filter((url) => url.includes("internal=true"));
    expect(internal).toHaveLength(3 * 6);
    expect(new Set(internal).size).toBe(3);
    for (const task of [done, failed, unawaited]) {
      expect(asked.filter((url) => url.includes(`task_status`) && url.includes(task?.id ?? ""))).toEqual([]);
    }
  });

  test("the outcome of such a task is only known from a wait; without --internal it is not recorded", async () => {
    const regular = { module: "compaction", type: "regular compaction", scope: "compaction group" } as const;
    const task = mock.create({ ...regular, keyspace: "shop", table: "orders", isStartedInternally: true });
    atSecond(25, () => task.finish());
    await recordFor(20, mock, clock, { directory: newDirectory() });
    await recordFor(30, mock, clock, { directory, internal: true, maxWaits: 0 });
    const events = (await linesOf(directory)).flatMap((line) => ("id" in line ? [[line.event, line.id]] : []));
    expect(events).toEqual([
      ["task_seen", task.id],
      ["task_gone", task.id],
    ]);
  });

  test("each tick requests one list per module, and the trees of running tasks", async () => {
    const tasks = [0, 1, 2].map((node) => mock.create({ ...REPAIR, node }));
    mock.clearRequests();
    await recordFor(59, mock, clock, { directory });
    // Looks at 0, 10, ... 50 s.
    const ticks = 6;
    const asked = new Map<string, number>();
    for (const { url, node } of mock.requests) {
      const key = `${node} ${url.replace(/\?.*/, "")}`;
      asked.set(key, (asked.get(key) ?? 0) + 1);
    }
    for (const [key, count] of asked) {
      expect(count, key).toBeLessThanOrEqual(ticks);
      if (key.includes("/list_module_tasks/")) expect(count, key).toBe(ticks);
    }
    const [task] = tasks;
    expect(asked.get(`127.0.0.1 /task_manager/task_status_recursive/${task?.id}`)).toBe(ticks);
    expect(asked.get(`127.0.0.1 /task_manager/wait_task/${task?.id}`)).toBe(2);
    expect([...asked.keys()].filter((key) => key.includes("/task_status/"))).toEqual([]);
  });

  test("a segment names all tasks that exist, so that it can be read by itself", async () => {
    const task = mock.create({ ...REPAIR, node: 1 });
    const part = mock.create({ ...REPAIR, scope: "shard", parent: task });
    atSecond(25, () => void mock.takeDown(2));
    await recordFor(95, mock, clock, { directory, segmentAgeMs: 60_000 });
    const lines = await linesOf(directory);
    const second = lines.slice(lines.findLastIndex(({ event }) => event === "segment_started"));
    expect(lines.length).toBeGreaterThan(second.length);
    expect(second.slice(0, 4)).toMatchObject([
      { event: "segment_started", nodes: ["127.0.0.1", "127.0.0.2", "127.0.0.3"], all_nodes: true, tick_seconds: 10 },
      { event: "task_seen", id: task.id, was_there: true },
      { event: "task_seen", id: part.id, was_there: true, task: { parent_id: task.id } },
      { event: "node_lost", node: "127.0.0.3" },
    ]);
  });

  test("the ttl determines the interval, and a ttl of 0 is reported", async () => {
    for (const url of mock.urls) await fetch(`${url}/task_manager/ttl?ttl=4`, { method: "POST" });
    await fetch(`${mock.urls[0]}/task_manager/ttl?ttl=0`, { method: "POST" });
    mock.clearRequests();
    const told = await recordFor(20.9, mock, clock, { directory });
    expect(told).toMatch(/^warning: the ttl of 127.0.0.1 is 0: tasks that the server starts itself are forgotten/);
    const lists = mock.requests.filter(({ url, node }) => node === "127.0.0.2" && url.includes("_tasks/repair"));
    expect(lists.length).toBe(11);
    const [first] = await linesOf(directory);
    expect(first).toMatchObject({
      event: "segment_started",
      ttls: { "127.0.0.1": { ttl: 0, user_ttl: 3600 }, "127.0.0.2": { ttl: 4, user_ttl: 3600 } },
    });
  });
});
