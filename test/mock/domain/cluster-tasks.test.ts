import { describe, expect, it } from "vitest";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import { Stage } from "./stage.js";

/** A cluster task with a child and a grandchild on each of two nodes. */
function spread() {
  const stage = new Stage({ nodes: 2 });
  const root = stage.clusterTask({ id: "root" });
  const children = [0, 1].map((node) => stage.task({ id: `child ${node}`, module: "repair", node, parent: root }));
  for (const [node, parent] of children.entries()) {
    stage.task({ id: `grandchild ${node}`, module: "repair", node, parent });
  }
  return { stage, root, children };
}

const ids = (views: readonly ShownTask[]) => views.map((view) => view.id);

describe("cluster tasks", () => {
  it("semantics 19: are visible on every node, their children only on their own", () => {
    const { stage, root, children } = spread();
    for (const node of stage.manager.nodes) expect(node.find("root")).toBe(root);
    expect(root.children.map((child) => [child.id, child.nodeAddress])).toEqual([
      ["child 0", "127.0.0.1"],
      ["child 1", "127.0.0.2"],
    ]);
    expect(stage.nodeAt(1).find("child 1")).toBe(children[1]);
    expect(() => stage.nodeAt(0).find("child 1")).toThrow("task with id child 1 not found");
  });

  it("semantics 19: are listed by every node, beside its own tasks", () => {
    const { stage } = spread();
    expect(ids(stage.nodeAt(0).list("repair"))).toEqual(["child 0", "root"]);
    expect(ids(stage.nodeAt(1).list("repair"))).toEqual(["child 1", "root"]);
  });

  it("semantics 20: a recursive status has only the descendants on the node that is asked", () => {
    const { stage } = spread();
    expect(ids(stage.nodeAt(0).recursiveStatus("root"))).toEqual(["root", "child 0", "grandchild 0"]);
    expect(ids(stage.nodeAt(1).recursiveStatus("root"))).toEqual(["root", "child 1", "grandchild 1"]);
  });

  it("semantics 21: lose a child that is unregistered", () => {
    const { root, children } = spread();
    children[0]?.finish();
    expect(ids(root.children)).toEqual(["child 1"]);
    expect(root.state).toBe("running");
  });

  it("semantics 22: have their own progress or none, whatever that of their children is", () => {
    const stage = new Stage();
    const root = stage.clusterTask();
    const child = stage.task({ module: "repair", parent: root });
    child.reportProgress(5, 10);
    expect(root.progress).toEqual({ completed: 0, total: 0 });
    root.reportProgress(3, 128);
    child.reportProgress(6, 10);
    expect(root.progress).toEqual({ completed: 3, total: 128 });
    root.expectTotal(256);
    expect(root.progress).toEqual({ completed: 3, total: 256 });
  });

  it("have a start time, and are kept when they have ended", () => {
    const stage = new Stage();
    const createdMs = stage.clock.nowMs();
    const task = stage.clusterTask({ isQueued: true });
    stage.clock.advance(1_000);
    task.start();
    task.finish();
    expect(task).toMatchObject({ startTimeMs: createdMs + 1_000, isRegistered: true });
    expect(stage.node.list("repair")).toEqual([task]);
  });

  const MODULES = ["repair", "node_ops", "global_topology_requests"];

  it.each(MODULES)("semantics 4: of %s are not listed once they are suspended", async (module) => {
    const stage = new Stage();
    const task = stage.clusterTask({ module });
    const wait = stage.node.wait(task.id);
    task.suspend();
    expect((await wait).state).toBe("suspended");
    expect(task.isRegistered).toBe(false);
    expect(stage.node.list(module)).toEqual([]);
    expect(() => stage.node.status(task.id)).toThrow("not found");
  });

  it.each([...MODULES, "tablets", "vnodes_to_tablets_migration"])("of %s have shard and number 0", (module) => {
    expect(new Stage().clusterTask({ module, shard: 1 })).toMatchObject({ shard: 0, sequenceNumber: 0 });
  });

  it.each(MODULES)("of %s are unregistered at once if they are transient", (module) => {
    const stage = new Stage();
    stage.clusterTask({ module, isTransient: true }).finish();
    expect(stage.node.list(module)).toEqual([]);
  });

  it.each(["constructor", "toString", "__proto__"])("can be of a module or a type called %s", (name) => {
    for (const release of ["6.2", "latest"]) {
      const stage = new Stage({ release });
      const task = stage.clusterTask({ module: name, type: name });
      expect(stage.node.list(name)).toEqual([task]);
      expect(stage.clusterTask({ module: "node_ops", type: name }).type).toBe(name);
    }
    const stage = new Stage();
    const queued = stage.clusterTask({ module: "node_ops", type: name, isQueued: true });
    stage.node.abort(queued.id);
    expect(queued.isAborting).toBe(true);
  });
});
