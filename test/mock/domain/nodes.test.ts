import { describe, expect, it, vi } from "vitest";
import type { Node } from "../../../src/mock/domain/node.js";
import { Stage } from "./stage.js";

describe("a node that goes down and comes back", () => {
  it("has no tasks, numbers from 1, and the ttls of its configuration", () => {
    const stage = new Stage({ ttlSeconds: 5, userTtlSeconds: 6 });
    const { node } = stage;
    stage.task();
    node.ttlSeconds = 50;
    node.userTtlSeconds = 60;
    expect(node.isUp).toBe(true);
    stage.manager.takeDown(node);
    expect([node.isUp, node.moduleNames]).toEqual([false, []]);
    stage.manager.bringUp(node);
    expect([node.isUp, node.ttlSeconds, node.userTtlSeconds]).toEqual([true, 5, 6]);
    expect(node.list("compaction")).toEqual([]);
    expect(stage.task().sequenceNumber).toBe(1);
  });

  it("is reported once", () => {
    const stage = new Stage();
    const { node, manager, clock } = stage;
    const told: boolean[] = [];
    manager.onNodeChange = (changed: Node) => told.push(changed.isUp);
    const downSinceMs = clock.nowMs();
    manager.takeDown(node);
    clock.advance(1_000);
    manager.takeDown(node);
    node.takeDown();
    expect(node.downSinceMs).toBe(downSinceMs);
    manager.bringUp(node);
    const task = stage.task();
    manager.bringUp(node);
    node.bringUp();
    expect(told).toEqual([false, true]);
    expect(stage.isFound(task)).toBe(true);
  });

  it("works without a listener", () => {
    const { manager, node } = new Stage();
    const takeDown = vi.spyOn(node, "takeDown");
    manager.takeDown(node);
    manager.bringUp(node);
    expect(takeDown).toHaveBeenCalledOnce();
    expect(node.isUp).toBe(true);
  });

  it("has the modules of cluster tasks that were created while it was down", () => {
    const stage = new Stage({ nodes: 2 });
    const [up, down] = [stage.nodeAt(0), stage.nodeAt(1)];
    stage.manager.takeDown(down);
    stage.clusterTask({ module: "new_module" });
    expect(up.moduleNames).toContain("new_module");
    expect(down.moduleNames).toEqual([]);
    stage.manager.bringUp(down);
    expect(down.list("new_module")).toHaveLength(1);
  });
});

describe("the ttls of nodes", () => {
  it.each<[number | number[] | undefined, number[]]>([
    [undefined, [3600, 3600, 3600]],
    [7, [7, 7, 7]],
    [0, [0, 0, 0]],
    [
      [7, 0],
      [7, 0, 0],
    ],
    [[], [3600, 3600, 3600]],
  ])("user_ttl %j is %j", (userTtlSeconds, expected) => {
    const stage = new Stage({ nodes: 3, ...(userTtlSeconds === undefined ? {} : { userTtlSeconds }) });
    expect(stage.manager.nodes.map((node) => node.userTtlSeconds)).toEqual(expected);
  });

  it("6.2: ttl also applies to tasks that users started", () => {
    const { node } = new Stage({ release: "6.2", userTtlSeconds: 7 });
    expect([node.ttlSeconds, node.userTtlSeconds]).toEqual([0, 0]);
    node.ttlSeconds = 5;
    expect(node.userTtlSeconds).toBe(5);
  });
});

describe("a task is found by its id", () => {
  it("on its own node, or on any if it is a cluster task", () => {
    const stage = new Stage({ nodes: 2 });
    const own = stage.task({ node: 1, module: "repair" });
    const ofCluster = ["node_ops", "tablets"].map((module) => stage.clusterTask({ module, type: "migration" }));
    const seen = (id: string) => stage.manager.nodes.map((node) => node.findKnown(id) !== undefined);
    expect(seen(own.id)).toEqual([false, true]);
    for (const { id } of ofCluster) expect(seen(id)).toEqual([true, true]);
    expect(seen("nobody")).toEqual([false, false]);
  });

  it("anywhere in the cluster", () => {
    const stage = new Stage({ nodes: 2 });
    const tasks = [
      stage.task(),
      stage.task({ node: 1 }),
      stage.clusterTask(),
      stage.clusterTask({ module: "tablets" }),
    ];
    for (const task of tasks) expect(stage.manager.findAnywhere(task.id)).toBe(task);
    expect(stage.manager.findAnywhere("nobody")).toBeUndefined();
  });
});
