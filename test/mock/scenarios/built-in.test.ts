import { describe, expect, it } from "vitest";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import type { Task } from "../../../src/mock/domain/task.js";
import { SCENARIO_NAMES } from "../../../src/mock/scenarios/built-in.js";
import { everythingOn, type Play, play, wholeTree } from "./played.js";

const SMALL_SCENARIOS = SCENARIO_NAMES.filter((name) => name !== "storm");

const states = (tasks: readonly ShownTask[]) => [...new Set(tasks.map((task) => task.state))].sort();

function one<T>(tasks: readonly T[]): T {
  if (tasks.length !== 1) throw new Error(`${tasks.length} tasks where one was expected`);
  return tasks[0] as T;
}

/** Everything that nodes show, to compare two runs. */
function picture({ manager }: Play): unknown[] {
  return everythingOn(...manager.nodes).flatMap((root) =>
    wholeTree(root).map(({ id, type, state, shard, progress, startTimeMs, endTimeMs, error, nodeAddress }) => [
      id,
      type,
      state,
      shard,
      progress.completed,
      progress.total,
      startTimeMs,
      endTimeMs,
      error,
      nodeAddress,
    ]),
  );
}

describe("a scenario is reproduced exactly by its seed", () => {
  it.each(SMALL_SCENARIOS)("%s", (name) => {
    const pictures = [1, 1, 2].map((seed) => {
      const staged = play(name, { seed });
      staged.clock.advance(33_333);
      return picture(staged);
    });
    expect(pictures[1]).toEqual(pictures[0]);
    if (name !== "idle") expect(pictures[2]).not.toEqual(pictures[0]);
  });
});

describe("a scenario can be played for a day", () => {
  it.each(SMALL_SCENARIOS)("%s, and does not pile up tasks", (name) => {
    const staged = play(name);
    staged.clock.advance(4 * 3600 * 1000);
    const count = everythingOn(...staged.manager.nodes).length;
    const scheduled = staged.clock.scheduledCount;
    staged.clock.advance(4 * 3600 * 1000);
    expect(everythingOn(...staged.manager.nodes).length).toBeLessThan(count * 1.2 + 20);
    expect(staged.clock.scheduledCount).toBeLessThan(scheduled * 1.2 + 20);
  });
});

describe("repair", () => {
  it("is a repair of vnodes over all shards, in ranges, that ends", () => {
    const { clock, node } = play("repair");
    const running = one(node.list("repair", { keyspace: "shop" }) as Task[]);
    expect(running).toMatchObject({ state: "running", scope: "keyspace", progressUnits: "ranges", isAbortable: true });
    expect(running.children.map((child) => [child.scope, child.shard])).toEqual(
      [0, 1, 2, 3].map((shard) => ["shard", shard]),
    );
    const before = running.progress;
    expect(before.completed).toBeGreaterThan(0);
    clock.advance(10_000);
    expect(running.progress.completed).toBeGreaterThan(before.completed);
    expect(running.progress.total).toBe(before.total);
    clock.advance(200_000);
    expect(running).toMatchObject({ state: "done", progress: { completed: before.total, total: before.total } });
    expect(states(node.list("repair"))).toEqual(["done", "running"]);
  });

  it("has one before it, and one that waits", () => {
    const { clock, node } = play("repair");
    expect(node.list("repair").map((task) => task.state)).toEqual(["done", "running"]);
    clock.advance(15_000);
    expect(node.list("repair").map((task) => task.state)).toEqual(["done", "running", "created"]);
  });
});

describe("tablet-repair", () => {
  it("is a cluster task over all nodes, with a repair for each tablet, one after the other, as its children", () => {
    const { clock, manager, node } = play("tablet-repair");
    const root = one(node.list("tablets", { table: "readings" }) as Task[]);
    expect(root).toMatchObject({
      kind: "cluster",
      type: "user_repair",
      scope: "table",
      progressUnits: "tablets",
      sequenceNumber: 0,
      progress: { completed: 4, total: 24 },
    });
    for (const other of manager.nodes) expect(other.find(root.id).id).toBe(root.id);
    clock.advance(10_000);
    const children = [...root.children].sort((a, b) => a.startTimeMs - b.startTimeMs);
    expect(children.map((child) => [child.type, child.scope, child.table, child.nodeAddress, child.state])).toEqual(
      [0, 1, 2, 0, 1, 2, 0].map((place, index) => [
        "repair",
        "keyspace",
        "",
        manager.nodes[place]?.address,
        index === 6 ? "running" : "done",
      ]),
    );
    expect(children[6]?.children).toMatchObject([{ scope: "shard", progress: { total: 1 }, children: [] }]);
    clock.advance(100_000);
    expect(root.state).toBe("done");
    expect(node.list("tablets", { table: "readings" })).toEqual([]);
  });

  it("answers done to a wait for an aborted one, and failed afterwards, without type, times and error", async () => {
    const { clock, node } = play("tablet-repair");
    const [root] = node.list("tablets", { table: "readings" });
    const waiting = node.wait(root?.id ?? "");
    node.abort(root?.id ?? "");
    clock.advance(1_000);
    expect((await waiting).state).toBe("done");
    expect(node.status(root?.id ?? "")).toMatchObject({
      type: "",
      scope: "",
      state: "failed",
      error: "",
      endTimeMs: 0,
    });
  });
});

describe("decommission", () => {
  it("waits while tablets move away, streams on the node that leaves, and is done when that is", () => {
    const { clock, manager, node } = play("decommission");
    const leaving = manager.nodes[2];
    const root = node.list("node_ops").find((task) => task.type === "decommission") as Task;
    expect(root).toMatchObject({
      kind: "cluster",
      scope: "cluster",
      state: "running",
      entity: leaving?.hostId,
      progress: { completed: 0, total: 0 },
    });
    expect(root.children).toMatchObject([
      { type: "decommission: streaming", scope: "node", keyspace: "", nodeAddress: leaving?.address },
    ]);
    clock.advance(60_000);
    expect(root.state).toBe("running");
    clock.advance(200_000);
    expect(root.state).toBe("done");
    expect(node.find(root.id).id).toBe(root.id);
  });
});

describe("backup", () => {
  it("has backups in every state, of which the running one goes on", () => {
    const { clock, node } = play("backup");
    expect(states(node.list("snapshot"))).toEqual(["created", "done", "failed", "running"]);
    const running = one(
      node.list("snapshot", { keyspace: "shop" }).filter((task) => task.state === "running") as Task[],
    );
    const { completed } = running.progress;
    clock.advance(10_000);
    expect(running.progress.completed).toBeGreaterThan(completed);
    expect(running).toMatchObject({ progressUnits: "bytes", isAbortable: true, isUserTask: true });
    expect(node.list("sstables_loader")).toMatchObject([
      { type: "download_sstables", progressUnits: "batches", table: "" },
      { type: "restore_tablets", progressUnits: "sstables", table: "" },
    ]);
  });
});

describe("topology", () => {
  const operation = (node: Play["node"], type: string, state: string) =>
    one(node.list("node_ops").filter((task) => task.type === type && task.state === state) as Task[]);

  it("has node operations that wait, run and have ended, one of them aborted while it waited", () => {
    const { clock, node } = play("topology");
    clock.advance(6_000);
    expect(states(node.list("node_ops").filter((task) => task.kind === "cluster"))).toEqual([
      "created",
      "done",
      "failed",
      "running",
    ]);
    expect(operation(node, "rebuild", "failed").error).toMatch(/^std::runtime_error \(rebuild failed/);
    expect(operation(node, "decommission", "failed").error).toMatch(/abort/);
  });

  it("removes a node that is dead: streaming on those that remain", () => {
    const { clock, manager, node } = play("topology");
    clock.advance(6_000);
    const removal = operation(node, "remove node", "running");
    expect(manager.nodes.map(({ isUp }) => isUp)).toEqual([true, true, true, false]);
    expect(removal.entity).toBe(manager.nodes[3]?.hostId);
    expect(removal.children.map((child) => [child.type, child.nodeAddress])).toEqual(
      manager.nodes.slice(0, 3).map(({ address }) => ["removenode: streaming", address]),
    );
  });

  it("has aborts that are refused, and one that changes nothing", () => {
    const { clock, node } = play("topology");
    clock.advance(6_000);
    const removal = operation(node, "remove node", "running");
    expect(() => node.abort(removal.id)).toThrow(/^std::runtime_error .*is already running and cannot be aborted/);
    const replacement = operation(node, "replace", "created");
    expect(() => node.abort(replacement.id)).toThrow(/^std::runtime_error .cannot abort replace request/);
    const change = one(node.list("global_topology_requests").filter((task) => task.state === "running") as Task[]);
    node.abort(change.id);
    clock.advance(10_000);
    expect(change).toMatchObject({ state: "running", isAbortable: true });
  });

  it("has operations that have ended, which the second node does not list", () => {
    const [first = [], second = []] = play("topology")
      .manager.nodes.slice(0, 2)
      .map((each) => each.list("node_ops").filter((task) => task.kind === "cluster" && task.endTimeMs > 0));
    expect([first.length, second.length]).toEqual([3, 0]);
  });

  it("gives its nodes different values of user_ttl", () => {
    expect(play("topology").manager.nodes.map((each) => each.userTtlSeconds)).toEqual([3600, 0, 3600, 3600]);
  });
});

describe("failures", () => {
  const trees = () => everythingOn(play("failures").node).map(wholeTree);

  it("has failed branches on three levels, roots that failed alone, and one that runs on", () => {
    const all = trees();
    const failed = (tree: readonly ShownTask[]) => tree.filter((task) => task.state === "failed");
    expect(Math.max(...all.map((tree) => failed(tree).length))).toBe(11);
    expect(all.some((tree) => failed(tree).length === 1 && tree.length > 1)).toBe(true);
    expect(all.some(([root, ...below]) => root?.state === "running" && failed(below).length > 0)).toBe(true);
  });

  it("keeps in a failed tree only what leads to a failure, below the first level", () => {
    const [tree] = trees();
    expect(tree?.map((task) => [task.scope, task.state])).toEqual([
      ["keyspace", "failed"],
      ["shard", "done"],
      ["shard", "failed"],
      ["table", "failed"],
      ["compaction group", "failed"],
    ]);
  });

  const errors = trees().flatMap((tree) => tree.map((task) => task.error));

  it.each([
    ["tabs", "\t"],
    ["double quotes", '"'],
    ["escape sequences", "\u001b["],
    ["bells", "\u0007"],
    ["carriage returns", "\r"],
    ["nul", "\u0000"],
    ["control characters of eight bits", "\u009b"],
    ["bidirectional overrides", "\u202e"],
    ["bidirectional isolates", "\u2066"],
    ["characters without width", "\u200b"],
    ["line separators", "\u2028"],
  ])("has errors with %s", (_, text) => {
    expect(errors.some((error) => error.includes(text))).toBe(true);
  });

  it.each([
    ["several lines", /\n.*\n/],
    ["other scripts", /[а-я].*|[ぁ-ん]/],
    ["right-to-left script", /[\u0600-\u06ff]/],
    ["halves of characters", /\ud800(?![\udc00-\udfff])/],
    ["many kilobytes", /^.{20000,}$/s],
  ])("has errors with %s", (_, pattern) => {
    expect(errors.some((error) => pattern.test(error))).toBe(true);
  });

  it.each([
    ["wide characters", /[\u4e00-\u9fff]/],
    ["other alphabets", /[а-я]/],
    ["combining characters", /e\u0301/],
    ["joined emoji", /\u200d/],
    ["what a path, a query and a table take for their own", /[/?&#"%\\]/],
  ])("has keyspaces or tables with %s", (_, pattern) => {
    const names = trees().flatMap((tree) => tree.flatMap((task) => [task.keyspace, task.table]));
    expect(names.some((name) => pattern.test(name))).toBe(true);
  });
});

describe("storm", () => {
  const staged = play("storm");

  it("has 100,000 internal tasks in one module", () => {
    const { node } = staged;
    expect(node.list("compaction", { internal: true }).length).toBeGreaterThan(100_000);
    expect(node.list("compaction")).toHaveLength(1);
  });

  it("has a tree of 100,000 in another, which progresses", () => {
    const { clock, node } = staged;
    const root = one(node.list("repair") as Task[]);
    expect(node.recursiveStatus(root.id).length).toBeGreaterThan(100_000);
    clock.advance(3_000_000);
    expect(root.progress.total).toBe(100_000);
    expect(root.progress.completed).toBeGreaterThan(1_000);
    expect(root.progress.completed).toBeLessThan(99_000);
  });

  it("is drained, also when its module is full of ended tasks", () => {
    const { node } = play("idle");
    const module = node.module("repair");
    for (let i = 0; i < 100_000; i++) {
      module.create({ id: String(i), type: "repair", scope: "keyspace", isUserTask: true }).finish();
    }
    // If it were quadratic, the test would time out.
    module.drain();
    expect([...module.tasks]).toEqual([]);
  });
});

describe("chaos", () => {
  it("has tasks that vanish as they end", () => {
    const { clock, node } = play("chaos");
    const vanishing = one(
      node.list("compaction", { table: "orders" }).filter((task) => task.type === "reshaping compaction"),
    );
    expect(vanishing).toMatchObject({ state: "running", isRegistered: true });
    clock.advance(12_000);
    expect(vanishing).toMatchObject({ state: "done", isRegistered: false });
    expect(() => node.find(vanishing.id)).toThrow("not found");
  });

  it("has progress beyond the total, totals that grow, none at all, and units that do not sum up", () => {
    const { clock, node } = play("chaos");
    const root = (type: string, keyspace: string) =>
      one(node.list("compaction", { keyspace }).filter((task) => task.type === type));
    const beyond = root("major compaction", "shop");
    const growing = root("cleanup compaction", "shop");
    const shrinking = root("upgrade sstables compaction", "shop");
    const unknown = root("offstrategy compaction", "accounts");
    const mixed = one(node.list("repair", { keyspace: "accounts" }) as Task[]);
    const firstTotal = growing.progress.total;
    clock.advance(60_000);
    expect(growing.progress.total).toBeGreaterThan(5 * firstTotal);
    expect(growing.progress.completed).toBeLessThan(growing.progress.total);
    expect(unknown).toMatchObject({ state: "running", progress: { completed: 0, total: 0 } });
    expect(mixed).toMatchObject({ progressUnits: "ranges", children: [{ progressUnits: "batches" }, {}] });
    clock.advance(15_000);
    expect(beyond.state).toBe("running");
    expect(beyond.progress.completed).toBeGreaterThan(beyond.progress.total);
    const expected = shrinking.progress.total;
    clock.advance(60_000);
    expect(shrinking.state).toBe("done");
    expect(shrinking.progress.total).toBeLessThan(expected);
  });

  it("loses a node after 20 seconds, for 20 seconds, and again", () => {
    const { clock, manager } = play("chaos");
    const down = () =>
      manager.nodes
        .map((node) => !node.isUp)
        .map(Number)
        .join("");
    const seen: string[] = [down()];
    for (const seconds of [20, 19, 1, 69, 1, 20]) {
      clock.advance(seconds * 1000);
      seen.push(down());
    }
    expect(seen).toEqual(["000", "010", "010", "000", "000", "010", "000"]);
  });

  it("loses that node's tasks with it, while the cluster's go on without them", () => {
    const { clock, manager, node } = play("chaos");
    clock.advance(19_999);
    const lost = manager.nodes[1]?.list("repair").filter((task) => task.parentId !== undefined) ?? [];
    expect(lost.length).toBeGreaterThan(0);
    const repair = one(node.list("tablets") as Task[]);
    const onThatNode = () => repair.children.filter((child) => child.nodeAddress === manager.nodes[1]?.address);
    expect(onThatNode()).toHaveLength(lost.length);
    clock.advance(10_001);
    expect(repair).toMatchObject({ state: "running" });
    expect(onThatNode()).toEqual([]);
    expect(everythingOn(manager.nodes[1] as typeof node).filter((task) => task.nodeAddress !== undefined)).toEqual([]);
    clock.advance(26_000);
    expect(repair.state).toBe("done");
  });

  it("plays on a single node too, without the outages", () => {
    const { clock, manager } = play("chaos", { nodes: 1 });
    clock.advance(30_000);
    expect(manager.nodes[0]?.isUp).toBe(true);
  });
});
