import { describe, expect, test } from "vitest";
import type { TaskStatus } from "../../../src/client/wire.js";
import { comparisonSentences } from "../../../src/format/text/comparison-text.js";
import { type ComparedKind, comparedKind, comparisonOf } from "../../../src/tasks/timeline/comparison.js";
import type { SeenTimes } from "../../../src/tasks/timeline/span.js";
import { timelineOf } from "../../../src/tasks/timeline/timeline.js";
import { earlierRepair } from "../../fixtures/earlier-repair.js";
import { below, nightMs, repairTree, taskAt, wideTree } from "../../fixtures/timeline-trees.js";

interface Terms {
  readonly by?: ComparedKind;
  readonly now?: string;
  readonly seen?: ReadonlyMap<string, SeenTimes>;
}

function compared(one: readonly TaskStatus[], other: readonly TaskStatus[], { by = "node", now, seen }: Terms = {}) {
  const options = { by, seen, nowMs: nightMs(now ?? "05:00") };
  const second = other === one ? other : other.map(renamed);
  return comparisonOf(timelineOf(one, options), timelineOf(second, options), by);
}

/** A task of another run. */
const renamed = ({ id = "", parent_id, ...task }: TaskStatus): TaskStatus => ({
  ...task,
  id: `other-${id}`,
  ...(parent_id && { parent_id: `other-${parent_id}` }),
});

const said = (...args: Parameters<typeof compared>) => comparisonSentences(compared(...args));
const seconds = (...args: Parameters<typeof compared>) =>
  compared(...args).lanes.map(({ key: { node, shard }, first, second, difference }) => [
    `${node ?? ""}${shard === undefined ? "" : `/${shard}`}`,
    ...[first?.took, second?.took, difference].map((took) => took && took.ms / 1000),
  ]);

const repair = (from: string, to: string, more: Partial<TaskStatus> = {}) =>
  taskAt(1, from, to, { scope: "keyspace", ...more });

describe("two runs side by side", () => {
  test("has the lanes of the work, with their differences", () => {
    expect(seconds(earlierRepair(), repairTree())).toEqual([
      ["", 0, 0, 0],
      ["127.0.0.1", 3840, 3840, 0],
      ["127.0.0.2", 5580, 5580, 0],
      ["127.0.0.3", 13_500, 15_900, 2400],
    ]);
  });

  test("the sentence names the node and the shard, in both directions", () => {
    expect(said(earlierRepair(), repairTree())).toEqual([
      "The second took 40m00s longer: 6h12m, the first 5h32m.",
      "127.0.0.3 took 40m00s longer, shard 2 alone 35m00s.",
    ]);
    expect(said(repairTree(), earlierRepair())).toEqual([
      "The second took 40m00s less: 5h32m, the first 6h12m.",
      "127.0.0.3 took 40m00s less, shard 2 alone 35m00s.",
    ]);
  });

  test("a node that took longer in parallel with others is not the cause", () => {
    const run = (one: string, two: string) => [
      taskAt(1, "22:00", two, { kind: "cluster", scope: "table" }),
      ...below(1, taskAt(2, "22:00", one, { node: "a" }), taskAt(3, "22:00", two, { node: "b" })),
    ];
    expect(said(run("22:05", "23:00"), run("22:50", "23:10"))).toEqual([
      "The second took 10m00s longer: 1h10m, the first 1h00m.",
      "b took 10m00s longer.",
    ]);
  });

  test("time when nothing ran can be the cause", () => {
    const run = (end: string) => [
      taskAt(1, "22:00", end, { kind: "cluster", scope: "table" }),
      ...below(1, taskAt(2, "22:00", "22:30", { node: "a" }), taskAt(3, "22:00", "22:20", { node: "b" })),
    ];
    expect(said(run("22:31"), run("23:31"))[1]).toBe(
      "No part of the second is known to have run for 1h01m, and no part of the first for 1m00s.",
    );
  });

  test("shows the amount of work and its speed", () => {
    const GIB = 1024 ** 3;
    const moved = (end: string, gib: number) => [
      repair("22:00", end),
      ...below(
        1,
        taskAt(2, "22:00", end, { shard: 0, progress_units: "bytes", progress_total: gib * GIB }),
        taskAt(3, "22:00", "22:10", { shard: 1, progress_units: "bytes", progress_total: GIB }),
      ),
    ];
    const options = { by: "shard" } as const;
    expect(said(moved("23:00", 10), moved("23:40", 22), options)[1]).toBe(
      "Shard 0 took 40m00s longer; it moved 12.0 GiB more.",
    );
    expect(said(moved("23:00", 10), moved("23:40", 10), options)[1]).toBe(
      "Shard 0 took 40m00s longer; it moved the same 10.0 GiB, at 1.7 MiB/s instead of 2.8 MiB/s.",
    );
    expect(compared(moved("23:00", 10), moved("23:40", 22)).second).toMatchObject({ amount: 23 * GIB, units: "bytes" });
  });

  test("the amount is that of the parts, or of the task if they report none; with different units there is none", () => {
    const amounts = (...units: string[]) => [
      repair("22:00", "23:00", { progress_units: "ranges", progress_total: 7 }),
      ...below(
        1,
        ...units.map((progress_units, index) =>
          taskAt(2 + index, "22:00", "23:00", { shard: index, progress_units, progress_total: progress_units ? 5 : 0 }),
        ),
      ),
    ];
    const of = (...units: string[]) =>
      compared(amounts(...units), amounts(...units)).lanes.map(({ first }) => [first?.amount, first?.units]);
    expect(of("bytes", "bytes")).toEqual([[10, "bytes"]]);
    expect(of("bytes", "ranges")).toEqual([[undefined, ""]]);
    expect(of("", "")).toEqual([[7, "ranges"]]);
  });

  test("compares shards with shards if the runs were on different nodes", () => {
    const on = (node: string, end: string) => [
      repair("22:00", end, { node }),
      ...below(1, taskAt(2, "22:00", end, { shard: 0 }), taskAt(3, "22:00", "22:30", { shard: 1 })),
    ];
    expect(seconds(on("a", "23:00"), on("b", "23:10"), { by: "shard" })).toEqual([
      ["", 0, 0, 0],
      ["/0", 3600, 4200, 600],
      ["/1", 1800, 1800, 0],
    ]);
  });

  test("shows a lane that only one run has", () => {
    const [whole, less] = [repairTree(), repairTree().filter(({ node }) => node !== "127.0.0.2")];
    const found = said(
      less.filter(({ parent_id }) => !parent_id?.endsWith("20")),
      whole,
    );
    expect(found).toEqual(["Both took 6h12m.", "Only the second has 127.0.0.2."]);
  });

  test("the same task twice, and equal ones", () => {
    const tree = repairTree();
    expect(said(tree, tree)).toEqual(["Both are the same task.", "Both took 6h12m."]);
    expect(said(tree, repairTree())).toEqual(["Both took 6h12m."]);
  });

  test("names different types, tables and outcomes", () => {
    const one = [repair("22:00", "23:00", { state: "failed" })];
    const other = [{ ...repair("22:00", "23:00", { type: "scrub", table: "a" }) }];
    expect(said(one, other)).toEqual([
      "Both took 1h00m.",
      "They are of different types: the first is repair, keyspace shop; the second scrub, keyspace shop.a.",
      "The first failed.",
    ]);
    expect(said(one, [{ ...repair("22:00", "23:00", { keyspace: "b", state: "suspended" }) }])).toEqual([
      "Both took 1h00m.",
      "They are of different tables: the first is repair, keyspace shop; the second repair, keyspace b.",
      "The first failed.",
      "The second is suspended.",
    ]);
  });

  test("a running task counts until now, and one that has not started is named", () => {
    const running = { ...repair("22:00", "") };
    expect(said([repair("22:00", "23:00")], [running], { now: "23:30" })).toEqual([
      "The second took 30m00s longer: 1h30m, the first 1h00m.",
      "The second is still running, and counts up to now.",
    ]);
    expect(said([repair("22:00", "23:00")], [{ ...repair("", ""), state: "created" }])).toEqual([
      "How long the second took is not known; the first took 1h00m.",
      "The second has not started.",
    ]);
  });

  test("unknown times are not included in sums", () => {
    const part = (end: string, state = "done") => [
      repair("22:00", "23:00"),
      ...below(1, taskAt(2, "22:00", "22:50", { shard: 0 }), taskAt(3, "22:00", end, { shard: 1, state })),
    ];
    expect(seconds(part("22:50"), part(""), { by: "shard" })).toEqual([
      ["", 0, 0, 0],
      ["/0", 3000, 3000, 0],
      ["/1", 3000, undefined, undefined],
    ]);
    expect(said(part("22:50"), part("", "gone"))).toContain(
      "The times of 1 task are unknown, and not included in the sums.",
    );
    const unknown = [repair("", "", { state: "done" })];
    expect(said(unknown, unknown)[1]).toBe("How long they took is not known.");
    expect(comparisonSentences(compared([], []))).toEqual(["No task."]);
  });

  test("a time from the recorder has an uncertainty, and a smaller difference is not certain", () => {
    const [one, other] = ["a", "b"].map((id): TaskStatus => ({ ...repair("", "", { state: "done" }), id }));
    const seenAt = (to: string): SeenTimes => ({
      begin: { atMs: nightMs("22:00"), withinMs: 10_000 },
      end: { atMs: nightMs(to), withinMs: 20_000 },
    });
    const seen = (to: string) => ({
      seen: new Map([
        ["a", seenAt("23:00")],
        ["other-b", seenAt(to)],
      ]),
    });
    const found = compared([one as TaskStatus], [other as TaskStatus], seen("23:10"));
    expect(found.difference).toEqual({ ms: 600_000, withinMs: 60_000 });
    expect(comparisonSentences(found)).toEqual([
      "The second took 10m00s ±1m00s longer: 1h10m ±30s, the first 1h00m ±30s.",
    ]);
    expect(said([one as TaskStatus], [other as TaskStatus], seen("23:00:40"))).toEqual([
      "As far as is known, both took the same time: the second 1h00m ±30s, the first 1h00m ±30s.",
    ]);
  });

  test("a run with unknown times gives no difference", () => {
    const known = [repair("22:00", "22:30")];
    const unknown = [repair("", "", { state: "done" })];
    expect(said(known, unknown)).toEqual([
      "How long the second took is not known; the first took 30m00s.",
      "The times of 1 task are unknown, and not included in the sums.",
    ]);
    expect(said(unknown, known)[0]).toBe("How long the first took is not known; the second took 30m00s.");
    expect(said(unknown, [...unknown])[0]).toBe("How long they took is not known.");
  });

  test("a lane that one run lacks is named, and may be the cause", () => {
    const run = (end: string, ...nodes: string[]) => [
      taskAt(1, "22:00", end, { kind: "cluster", scope: "table" }),
      ...below(1, ...nodes.map((node, index) => taskAt(2 + index, "22:00", index === 0 ? "22:10" : end, { node }))),
    ];
    expect(said(run("22:10", "a"), run("23:00", "a", "b"))).toEqual([
      "The second took 50m00s longer: 1h00m, the first 10m00s.",
      "b took 1h00m, and is not in the first.",
      "Only the second has b.",
    ]);
    expect(said(run("23:00", "a", "b"), run("22:10", "a"))).toEqual([
      "The second took 50m00s less: 10m00s, the first 1h00m.",
      "b took 1h00m in the first, and is not in the second.",
      "Only the first has b.",
    ]);
  });

  test("an outcome other than success is named", () => {
    const ended = (state: string, ...parts: string[]) => [
      repair("22:00", "22:30", { state, kind: "cluster" }),
      ...below(1, ...parts.map((part, index) => taskAt(2 + index, "22:00", "22:30", { state: part, node: "a" }))),
    ];
    const statesOf = (one: TaskStatus[], other: TaskStatus[]) =>
      said(one, other).filter((sentence) => /^The (first|second) (is|has not|failed)/.test(sentence));
    expect(statesOf(ended("failed", "failed", "failed"), ended("done", "failed"))).toEqual([
      "The first failed, 3 tasks in all.",
      "The second is done, though 1 of its tasks failed.",
    ]);
    expect(statesOf(ended("gone"), ended("suspended"))).toEqual([
      "The first is gone: its outcome is unknown.",
      "The second is suspended.",
    ]);
    expect(statesOf(ended("created"), ended("running"))).toEqual([
      "The first has not started.",
      "The second is still running, and counts up to now.",
    ]);
  });

  test("divides by what divides either run best, never by single tasks", () => {
    expect(comparedKind("task", "shard")).toBe("shard");
    expect(comparedKind("table", "node")).toBe("table");
    expect(comparedKind("task", "task")).toBe("node");
  });

  test("of very many tasks", () => {
    const tree = wideTree(20_000);
    expect(compared(tree, tree, { by: "shard" }).lanes.length).toBe(28);
  });
});
