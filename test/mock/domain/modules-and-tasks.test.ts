import { describe, expect, it } from "vitest";
import { ModuleNotFound } from "../../../src/mock/domain/errors.js";
import { Stage } from "./stage.js";

describe("modules, shards, nodes", () => {
  it("semantics 1: a node's modules each hold the tasks of one purpose", () => {
    const stage = new Stage({ release: "2025.1" });
    const compaction = stage.task({ module: "compaction" });
    const repair = stage.task({ module: "repair" });
    expect(stage.node.moduleNames).toEqual([
      "compaction",
      "repair",
      "node_ops",
      "snapshot",
      "sstables_loader",
      "tablets",
    ]);
    expect(stage.node.list("compaction")).toEqual([compaction]);
    expect(stage.node.list("repair")).toEqual([repair]);
    expect(() => stage.node.list("nothing")).toThrow(new ModuleNotFound("nothing"));
  });

  it("semantics 2: a node task lives on one shard of one node", () => {
    const stage = new Stage({ nodes: 2, shards: 4 });
    const task = stage.task({ node: 1, shard: 3 });
    expect(task.shard).toBe(3);
    expect(stage.isFound(task, stage.nodeAt(1))).toBe(true);
    expect(stage.isFound(task, stage.nodeAt(0))).toBe(false);
  });

  it("semantics 3: roots count up per module and shard, from 1", () => {
    const stage = new Stage();
    const numbers = [
      stage.task({ shard: 0 }),
      stage.task({ shard: 0 }),
      stage.task({ shard: 1 }),
      stage.task({ shard: 0, module: "repair" }),
    ].map((task) => task.sequenceNumber);
    expect(numbers).toEqual([1, 2, 1, 1]);
  });

  it("semantics 3: a child has its parent's number, whatever its shard", () => {
    const stage = new Stage();
    stage.task({ shard: 0 });
    const root = stage.task({ shard: 0 });
    const child = stage.task({ shard: 1, parent: root });
    const nextRoot = stage.task({ shard: 1 });
    expect([root.sequenceNumber, child.sequenceNumber, nextRoot.sequenceNumber]).toEqual([2, 2, 1]);
  });

  it.each(["snapshot", "sstables_loader"])("semantics 3: a task of %s has 0, and so has a cluster task", (module) => {
    const stage = new Stage();
    const tasks = [stage.task({ module }), stage.task({ module }), stage.clusterTask({ module: "tablets" })];
    expect(tasks.map((task) => task.sequenceNumber)).toEqual([0, 0, 0]);
  });

  it("semantics 3: a child of a cluster task takes the next number of its own module and shard", () => {
    const stage = new Stage();
    stage.task({ module: "repair", shard: 1 });
    const child = stage.task({ module: "repair", shard: 1, parent: stage.clusterTask() });
    expect(child.sequenceNumber).toBe(2);
  });

  it("semantics, Traps: the sequence numbers of the test module can start afresh", () => {
    const stage = new Stage();
    const numberOfNext = () => stage.task().sequenceNumber;
    expect([numberOfNext(), numberOfNext()]).toEqual([1, 2]);
    stage.node.module("compaction").countAfresh();
    expect(numberOfNext()).toBe(1);
  });

  it("semantics, Traps: a module is removed once its tasks have ended, and counts from 1 when it is registered again", async () => {
    const stage = new Stage();
    const finished = stage.task({ isUserTask: true });
    const running = stage.task({ isUserTask: true });
    finished.finish();
    const unregistered = stage.node.unregisterModule("compaction");
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.node.list("compaction")).toEqual([running]);
    running.finish();
    expect(stage.node.list("compaction")).toEqual([]);
    await unregistered;
    expect(stage.node.moduleNames).not.toContain("compaction");
    stage.node.registerModule("compaction");
    expect(stage.node.list("compaction", { internal: true })).toEqual([]);
    expect(stage.task().sequenceNumber).toBe(1);
  });
});

describe("backups and restores", () => {
  it.each([
    ["6.2", "", ""],
    ["seed", "bytes ('total' may grow along the way)", "sstables"],
    ["2025.1", "bytes ('total' may grow along the way)", "batches"],
    ["2025.2", "bytes", "batches"],
    ["latest", "bytes", "batches"],
  ])("%s: have the units '%s' and '%s', and no progress without units", (release, ofBackup, ofRestore) => {
    const stage = new Stage({ release });
    const idle = { completed: 0, total: ofBackup === "" ? 1 : 0 };
    const seen = ["backup", "download_sstables"].map((type) => {
      const task = stage.task({ module: "snapshot", type, keyspace: "shop", progressUnits: "other" });
      task.reportProgress(3, 4);
      return [task.type, task.keyspace, task.progressUnits, task.progress];
    });
    const progressIn = (units: string) => (units === "" ? idle : { completed: 3, total: 4 });
    expect(seen).toEqual([
      ["backup", "shop", ofBackup, progressIn(ofBackup)],
      ["download_sstables", "shop", ofRestore, progressIn(ofRestore)],
    ]);
  });

  it.each([
    ["seed", false],
    ["2025.1", true],
  ])("%s: a restore can be aborted: %s", (release, isAbortable) => {
    const stage = new Stage({ release });
    expect(stage.task({ module: "sstables_loader", type: "download_sstables" }).isAbortable).toBe(isAbortable);
    expect(stage.task({ module: "snapshot", type: "backup", isAbortable: true }).isAbortable).toBe(true);
  });
});

describe("tasks", () => {
  it("semantics 4: a task is created, then runs, then is done, and knows when", () => {
    const stage = new Stage();
    const createdMs = stage.clock.nowMs();
    const task = stage.queuedTask({ isUserTask: true });
    expect(task).toMatchObject({ state: "created", startTimeMs: 0, endTimeMs: 0 });
    expect(task).toMatchObject({ keyspace: "", table: "", entity: "", progressUnits: "", error: "", shard: 0 });
    stage.clock.advance(1000);
    task.start();
    expect(task).toMatchObject({ state: "running", startTimeMs: createdMs + 1000, endTimeMs: 0 });
    stage.clock.advance(1000);
    task.finish();
    expect(task).toMatchObject({ state: "done", endTimeMs: createdMs + 2000, error: "" });
  });

  it("semantics 4: a task that fails says why", () => {
    const task = new Stage().task();
    task.fail("no space left");
    expect(task).toMatchObject({ state: "failed", error: "no space left" });
  });

  it.each([
    ["2025.1", "suspended"],
    ["seed", "done"],
  ] as const)("semantics 4: on %s a cluster task can be suspended and is then %s", (release, state) => {
    const task = new Stage({ release }).clusterTask();
    task.suspend();
    expect(task).toMatchObject({ state, isFinished: true });
  });

  it("semantics 4: a node task is done when it is suspended", () => {
    const task = new Stage().task();
    task.suspend();
    expect(task).toMatchObject({ state: "done", error: "" });
  });

  it("semantics 4: a finished task never changes", () => {
    const stage = new Stage();
    const task = stage.task({ isUserTask: true });
    task.reportProgress(1, 2);
    task.finish();
    const endTimeMs = task.endTimeMs;
    stage.clock.advance(1000);
    task.fail("too late");
    task.start();
    task.reportProgress(2, 2);
    task.showProgress(2, 2);
    task.expectTotal(9);
    task.dropTable();
    expect(task).toMatchObject({ state: "done", error: "", endTimeMs, progress: { completed: 1, total: 2 } });
    expect(task.isTableDropped).toBe(false);
  });

  it("semantics 4: nor does its progress, when unfinished children go on", () => {
    const stage = new Stage();
    const root = stage.task({ isUserTask: true });
    const child = stage.task({ parent: root });
    const inner = stage.task({ parent: root });
    child.reportProgress(1, 2);
    root.finish();
    child.reportProgress(2, 2);
    stage.task({ parent: inner }).reportProgress(3, 4);
    expect(child.progress).toEqual({ completed: 2, total: 2 });
    expect(inner.progress).toEqual({ completed: 3, total: 4 });
    expect(root.progress).toEqual({ completed: 1, total: 2 });
    const silent = stage.task({ isUserTask: true });
    const late = stage.task({ parent: silent });
    silent.finish();
    late.reportProgress(1, 2);
    expect(silent.progress).toEqual({ completed: 0, total: 0 });
  });

  it("semantics 5: lists leave internal tasks out unless asked", () => {
    const stage = new Stage();
    const root = stage.task();
    const child = stage.task({ parent: root });
    const background = stage.task({ isStartedInternally: true });
    expect(stage.node.list("compaction")).toEqual([root]);
    expect(stage.node.list("compaction", { internal: true })).toEqual([root, child, background]);
  });

  it("semantics 5: a child of a cluster task is internal until 2024, not since 2025.1", () => {
    const isInternal = (release: string) => {
      const stage = new Stage({ release });
      return stage.task({ module: "repair", parent: stage.clusterTask() }).isInternal;
    };
    expect([isInternal("seed"), isInternal("2025.1")]).toEqual([true, false]);
  });

  it("semantics 5: cluster tasks are never internal and have no parent", () => {
    expect(new Stage().clusterTask()).toMatchObject({ isInternal: false, parentId: undefined });
  });

  it("lists can be limited to a keyspace and a table", () => {
    const stage = new Stage();
    const orders = stage.task({ keyspace: "shop", table: "orders" });
    const customers = stage.task({ keyspace: "shop", table: "customers" });
    stage.task({ keyspace: "telemetry", table: "orders" });
    expect(stage.node.list("compaction", { keyspace: "shop" })).toEqual([orders, customers]);
    expect(stage.node.list("compaction", { keyspace: "shop", table: "orders" })).toEqual([orders]);
    expect(stage.node.list("compaction")).toHaveLength(3);
    expect(stage.node.list("compaction", { keyspace: "shop", table: "" })).toEqual([]);
  });

  it("semantics 6: a child is found by its own id while it is unfinished", () => {
    const stage = new Stage();
    const root = stage.task();
    const child = stage.task({ parent: root });
    expect(stage.node.find(child.id)).toBe(child);
    expect(child.parentId).toBe(root.id);
    expect(root.children).toEqual([child]);
  });
});

describe("semantics 7: progress", () => {
  it("is 0 of 0 if nothing is known", () => {
    expect(new Stage().task().progress).toEqual({ completed: 0, total: 0 });
  });

  it("of a parent is the sum of its children's, finished ones included", () => {
    const stage = new Stage();
    const root = stage.task({ progressUnits: "ranges" });
    const inner = stage.task({ parent: root, progressUnits: "ranges" });
    const leaves = [1, 2, 3].map((completed) => {
      const leaf = stage.task({ parent: inner, progressUnits: "ranges" });
      leaf.reportProgress(completed, 10);
      return leaf;
    });
    leaves[0]?.reportProgress(10, 10);
    leaves[0]?.finish();
    expect(root.progress).toEqual({ completed: 15, total: 30 });
    leaves[1]?.reportProgress(9, 10);
    expect(inner.progress).toEqual({ completed: 22, total: 30 });
    expect(root.progress).toEqual({ completed: 22, total: 30 });
    for (const leaf of leaves) leaf.finish();
    inner.finish();
    expect(root.progress).toEqual({ completed: 22, total: 30 });
    expect(root.children[0]?.progress).toEqual({ completed: 22, total: 30 });
  });

  it("of children in other units is summed all the same", () => {
    const stage = new Stage();
    const root = stage.task({ progressUnits: "keyspaces" });
    root.reportProgress(1, 3);
    stage.task({ parent: root, progressUnits: "ranges" }).reportProgress(50, 100);
    expect(root.progress).toEqual({ completed: 50, total: 100 });
  });

  it("of a task with children is theirs, even if they report none", () => {
    const stage = new Stage();
    const root = stage.task();
    root.reportProgress(1, 3);
    const child = stage.task({ parent: root });
    expect(root.progress).toEqual({ completed: 0, total: 0 });
    root.reportProgress(2, 3);
    expect(root.progress).toEqual({ completed: 0, total: 0 });
    child.reportProgress(5, 9);
    expect(root.progress).toEqual({ completed: 5, total: 9 });
  });

  it.each([
    ["6.2", 1],
    ["seed", 1],
    ["2025.1.5", 1],
    ["2025.1.6", 0],
    ["2025.2.1", 1],
    ["2025.2.2", 0],
    ["2025.3", 0],
    ["latest", 0],
  ])("%s: of a task with no children and no expectation has the total %i, done once it has ended", (release, total) => {
    const stage = new Stage({ release });
    stage.node.ttlSeconds = 60;
    const root = stage.task();
    expect(root.progress).toEqual({ completed: 0, total });
    const children = [stage.task({ parent: root }), stage.task({ parent: root }), stage.task({ parent: root })];
    expect(root.progress).toEqual({ completed: 0, total: 3 * total });
    children[0]?.fail("broken");
    expect(root.progress).toEqual({ completed: total, total: 3 * total });
    expect(root.children[2]?.progress).toEqual({ completed: total, total });
    children[1]?.reportProgress(4, 8);
    expect(root.progress).toEqual({ completed: total + 4, total: 2 * total + 8 });
    expect(stage.clusterTask().progress).toEqual({ completed: 0, total: 0 });
  });

  it.each([
    ["2025.3", 20],
    ["2025.4", 100],
  ])("%s: while it runs, a compaction's is expected to be %i", (release, total) => {
    const stage = new Stage({ release });
    const root = stage.task({ module: "compaction" });
    root.expectTotal(100);
    stage.task({ module: "compaction", parent: root }).reportProgress(10, 20);
    expect(root.progress).toEqual({ completed: 10, total });
  });

  it.each(["repair", "snapshot"])("2025.3: of a task of %s has the expected total", (module) => {
    const root = new Stage({ release: "2025.3" }).task({ module });
    root.expectTotal(100);
    expect(root.progress).toEqual({ completed: 0, total: 100 });
  });

  it("is 0 of 0 if the release does not show it, also with an expected total", () => {
    const task = new Stage().task({ isSilent: true });
    task.expectTotal(100);
    task.reportProgress(1, 100);
    expect(task.progress).toEqual({ completed: 0, total: 0 });
  });

  it("that is replayed counts instead of the children's", () => {
    const stage = new Stage();
    const root = stage.task();
    stage.task({ parent: root }).reportProgress(5, 10);
    root.showProgress(7, 20);
    expect(root.progress).toEqual({ completed: 7, total: 20 });
  });

  it("has the expected total until the task ends", () => {
    const stage = new Stage();
    const root = stage.task({ isUserTask: true });
    root.expectTotal(100);
    const child = stage.task({ parent: root });
    child.reportProgress(20, 20);
    child.finish();
    expect(root.progress).toEqual({ completed: 20, total: 100 });
    root.finish();
    expect(root.progress).toEqual({ completed: 20, total: 20 });
  });
});
