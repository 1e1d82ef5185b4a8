import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../../src/client/wire.js";
import { merged, remainder } from "../../../src/tasks/timeline/intervals.js";
import { chosenLanes, type LaneKind } from "../../../src/tasks/timeline/lanes.js";
import { slowestLane, slowestWithin, timelineOf } from "../../../src/tasks/timeline/timeline.js";
import {
  below,
  nightMs,
  repairTree,
  TROUBLED_NOW,
  taskAt,
  troubledTree,
  wideTree,
} from "../../fixtures/timeline-trees.js";

const NOW = nightMs("05:00");
const timeline = (statuses: readonly TaskStatus[], by?: LaneKind, nowMs = NOW) => timelineOf(statuses, { by, nowMs });

/** The critical path in words: `36 03:30-04:10`. */
const pathOf = (statuses: readonly TaskStatus[], nowMs = NOW) =>
  timeline(statuses, undefined, nowMs).critical.parts.map(
    ({ span, from, to }) =>
      `${Number(span.task.id?.slice(-12))} ${[from, to].map((ms) => new Date(ms).toISOString().slice(11, 16)).join("-")}`,
  );

describe("the critical path", () => {
  test("goes back from the end, from the part that ended last to the one that ended when that began", () => {
    expect(pathOf(repairTree())).toEqual([
      "24 22:00-23:33",
      "20 23:33-23:40",
      "1 23:40-23:45",
      "31 23:45-01:00",
      "33 01:00-02:20",
      "34 02:20-03:30",
      "36 03:30-04:10",
      "1 04:10-04:12",
    ]);
  });

  //  root  0 ─────────── 10
  //  2     0 ────── 6
  //  3          4 ────── 10
  test("if no part had just ended, one that was still running counts", () => {
    const tree = [taskAt(1, "22:00", "22:10"), ...below(1, taskAt(2, "22:00", "22:06"), taskAt(3, "22:04", "22:10"))];
    expect(pathOf(tree)).toEqual(["2 22:00-22:04", "3 22:04-22:10"]);
  });

  //  2     0 ─── 4
  //  3     1 ──────── 9     ends when nothing begins
  //  4           4 ────── 10
  test("a part that just ended comes before one that ran on", () => {
    const tree = [
      taskAt(1, "22:00", "22:10"),
      ...below(1, taskAt(2, "22:01", "22:04"), taskAt(3, "22:00", "22:09"), taskAt(4, "22:04", "22:10")),
    ];
    expect(pathOf(tree)).toEqual(["3 22:00-22:01", "2 22:01-22:04", "4 22:04-22:10"]);
  });

  test("of parts that end together, the longest counts, and one without length does not", () => {
    const tree = [
      taskAt(1, "22:00", "22:10"),
      ...below(1, taskAt(2, "22:05", "22:10"), taskAt(3, "22:02", "22:10"), taskAt(4, "22:10", "22:10")),
    ];
    expect(pathOf(tree)).toEqual(["1 22:00-22:02", "3 22:02-22:10"]);
  });

  test("parts that outlast their parent, or began before it, are cut to its time", () => {
    const tree = [taskAt(1, "22:05", "22:10"), ...below(1, taskAt(2, "22:00", "22:30"))];
    expect(pathOf(tree)).toEqual(["2 22:05-22:10"]);
  });

  test("of a running root ends now", () => {
    expect(pathOf([taskAt(1, "22:00", ""), ...below(1, taskAt(2, "22:01", ""))], nightMs("22:03"))).toEqual([
      "1 22:00-22:01",
      "2 22:01-22:03",
    ]);
  });

  test("of a root without times or length is empty", () => {
    expect(pathOf([taskAt(1, "", "", { state: "created" })])).toEqual([]);
    expect(pathOf([taskAt(1, "22:00", "22:00")])).toEqual([]);
    expect(pathOf([])).toEqual([]);
  });

  test("covers the root's time, whatever the tree", () => {
    const { critical, root } = timeline(wideTree(3000));
    let at = root?.time?.from;
    for (const { from, to } of critical.parts) {
      expect(from).toBe(at);
      expect(to).toBeGreaterThan(from);
      at = to;
    }
    expect(at).toBe(root?.time?.to);
  });
});

describe("times that are not known", () => {
  const times = (statuses: readonly TaskStatus[]) =>
    timeline(statuses, undefined, TROUBLED_NOW).spans.map(({ task, time }) => [Number(task.id?.slice(-12)), time]);

  test("a running task lasts until now, and 1970 means no time", () => {
    const found = new Map(times(troubledTree()) as [number, unknown][]);
    expect(found.get(4)).toEqual({ from: nightMs("22:02:10"), to: TROUBLED_NOW, isStartKnown: true, end: "running" });
    expect(found.get(5)).toBeUndefined();
    expect(found.get(7)).toBeUndefined();
    expect(found.get(6)).toEqual({
      from: nightMs("22:00:50"),
      to: nightMs("22:00:50"),
      isStartKnown: true,
      end: "unknown",
    });
    expect(timeline(troubledTree(), undefined, TROUBLED_NOW).untimed).toEqual({ notStarted: 1, unknown: 1 });
  });

  test("a cluster task without times has those of its parts", () => {
    const tree = [taskAt(1, "", "", { state: "done", kind: "cluster" }), ...below(1, taskAt(2, "22:00", "22:10"))];
    expect(timeline(tree).root?.time).toEqual({
      from: nightMs("22:00"),
      to: nightMs("22:10"),
      isStartKnown: false,
      end: "unknown",
    });
  });

  test("a node whose clock is ahead, and an end before the start, give no negative length", () => {
    expect(timeline([taskAt(1, "22:10", "")], undefined, nightMs("22:00")).root?.time).toMatchObject({
      from: nightMs("22:10"),
      to: nightMs("22:10"),
    });
    expect(timeline([taskAt(1, "22:10", "22:00")]).root?.time).toMatchObject({ to: nightMs("22:10"), end: "unknown" });
  });
});

describe("lanes", () => {
  const names = (statuses: readonly TaskStatus[], by?: LaneKind) =>
    timeline(statuses, by).lanes.map(({ key }) => Object.values(key).join("/"));

  test("are by what divides the tree: nodes, otherwise shards, tables, types, tasks", () => {
    const kindOf = (...tasks: TaskStatus[]) => timeline([taskAt(1, "22:00", "23:00"), ...below(1, ...tasks)]).kind;
    expect(timeline(repairTree()).kind).toBe("node");
    expect(kindOf(taskAt(2, "22:00", "22:10", { shard: 0 }), taskAt(3, "22:00", "22:10", { shard: 1 }))).toBe("shard");
    expect(kindOf(taskAt(2, "22:00", "22:10", { table: "a" }))).toBe("table");
    expect(kindOf(taskAt(2, "22:00", "22:10", { type: "other" }))).toBe("type");
    expect(kindOf(taskAt(2, "22:00", "22:10"))).toBe("task");
  });

  test("are in the order of nodes and shards, as numbers", () => {
    const on = (number: number, node: string, shard: number) => taskAt(number, "22:00", "22:10", { node, shard });
    const tree = [on(1, "10.0.0.10", 10), on(2, "10.0.0.9", 2), on(3, "10.0.0.10", 9)];
    expect(names(tree, "node")).toEqual(["10.0.0.9", "10.0.0.10"]);
    expect(names(tree, "shard")).toEqual(["10.0.0.9/2", "10.0.0.10/9", "10.0.0.10/10"]);
  });

  test("each task is in one lane of a kind, and no name collides with another's key", () => {
    const tree = ["constructor", "__proto__", '","', ""].map((type, index) =>
      taskAt(index + 1, "22:00", "22:10", { type, table: "a", keyspace: type }),
    );
    expect(timeline(tree, "type").lanes).toHaveLength(4);
    for (const by of ["node", "shard", "table", "type", "task"] as const) {
      expect(timeline(repairTree(), by).lanes.flatMap(({ spans }) => spans)).toHaveLength(repairTree().length);
    }
  });

  test("the slowest is the one with the most of the critical path, and the same within it", () => {
    const night = timeline(repairTree());
    const slowest = slowestLane(night);
    expect(slowest).toMatchObject({ key: { node: "127.0.0.3" }, criticalMs: 265 * 60_000 });
    expect(slowest && slowestWithin(slowest, night)).toMatchObject({ key: { shard: 2 }, criticalMs: 80 * 60_000 });
  });

  test("if there are too many, the most important remain, in their order", () => {
    const { lanes } = timeline(repairTree(), "shard");
    const { shown, folded } = chosenLanes(lanes, 3);
    expect(shown.map(({ key }) => `${key.node} ${key.shard}`)).toEqual(["127.0.0.2 3", "127.0.0.3 0", "127.0.0.3 2"]);
    expect(folded).toHaveLength(lanes.length - 3);
  });
});

test("gaps are where only tasks that wait for their parts are known to have run", () => {
  const gaps = timeline(repairTree()).gaps.map(({ from, to }) => [from, to]);
  expect(gaps).toEqual([
    [nightMs("23:33"), nightMs("23:45")],
    [nightMs("04:10"), nightMs("04:12")],
  ]);
  expect(timeline([taskAt(1, "22:00", "23:00")]).gaps).toEqual([]);
});

test("intervals are merged if they overlap or touch, and can be subtracted", () => {
  const pair = ([from, to]: [number, number]) => ({ from, to });
  const busy = merged(
    (
      [
        [5, 7],
        [0, 2],
        [2, 3],
        [6, 9],
      ] as [number, number][]
    ).map(pair),
  );
  expect(busy).toEqual([pair([0, 3]), pair([5, 9])]);
  expect(remainder(pair([1, 12]), busy)).toEqual([pair([3, 5]), pair([9, 12])]);
  expect(remainder(pair([5, 8]), busy)).toEqual([]);
});

test("handles 100,000 tasks, and a tree deeper than the stack", () => {
  expect(timeline(wideTree(100_000)).lanes).toHaveLength(4);
  const deep = Array.from({ length: 20_000 }, (_, index) => ({
    ...taskAt(index, "22:00", "23:00"),
    ...(index === 0 ? {} : below(index - 1, taskAt(index, "22:00", "23:00"))[0]),
  }));
  expect(timeline(deep).critical.spans.size).toBe(20_000);
});
