import { describe, expect, it } from "vitest";
import { Stage } from "./stage.js";

const LONGEST_TTL_SECONDS = 2 ** 32 - 1;

describe("expiry", () => {
  it("semantics 11: a finished root stays for ttl seconds", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = 10;
    const task = stage.task();
    stage.clock.advance(60_000);
    task.finish();
    stage.clock.advance(9_999);
    expect(stage.isFound(task)).toBe(true);
    stage.clock.advance(1);
    expect(stage.isFound(task)).toBe(false);
  });

  it("semantics 11: for user_ttl seconds if a user started it", () => {
    const stage = new Stage();
    stage.node.userTtlSeconds = 5;
    const task = stage.task({ isUserTask: true });
    task.finish();
    stage.clock.advance(4_999);
    expect(stage.isFound(task)).toBe(true);
    stage.clock.advance(1);
    expect(stage.isFound(task)).toBe(false);
  });

  it("semantics 11: so does any node task that is not internal, such as a child of a cluster task", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = 5;
    const child = stage.task({ module: "repair", parent: stage.clusterTask() });
    child.finish();
    expect(stage.isFound(child)).toBe(true);
    stage.clock.advance(5_000);
    expect(stage.isFound(child)).toBe(false);
  });

  it("semantics 11: with a ttl of 0 it is unregistered at once", () => {
    const stage = new Stage();
    const task = stage.task();
    task.finish();
    expect(stage.isFound(task)).toBe(false);
  });

  it("a transient task is unregistered at once, whatever the ttl", () => {
    const stage = new Stage();
    const task = stage.task({ isUserTask: true, isTransient: true });
    task.finish();
    expect(stage.isFound(task)).toBe(false);
  });

  it("semantics 11: the ttl in force when the task finishes counts, whatever it is later", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = 10;
    const task = stage.task();
    task.finish();
    stage.node.ttlSeconds = 0;
    stage.clock.advance(5_000);
    stage.node.ttlSeconds = 1_000;
    expect(stage.isFound(task)).toBe(true);
    stage.clock.advance(5_000);
    expect(stage.isFound(task)).toBe(false);
  });

  it("semantics, Traps: the longest ttl is 136 years, not a timer's overflow", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = LONGEST_TTL_SECONDS;
    const task = stage.task();
    task.finish();
    stage.clock.advance(LONGEST_TTL_SECONDS * 1000 - 1);
    expect(stage.isFound(task)).toBe(true);
    stage.clock.advance(1);
    expect(stage.isFound(task)).toBe(false);
  });

  it("semantics 12: an internal task with no node parent is unregistered as soon as it finishes", () => {
    const stage = new Stage({ release: "seed" });
    stage.node.ttlSeconds = 10;
    const background = stage.task({ isStartedInternally: true });
    const underClusterTask = stage.task({ module: "repair", parent: stage.clusterTask() });
    background.finish();
    underClusterTask.finish();
    expect([stage.isFound(background), stage.isFound(underClusterTask)]).toEqual([false, false]);
  });

  it("semantics 13: unregistering a root drops its folded children with it", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = 10;
    const root = stage.task();
    stage.task({ parent: root }).fail("broken");
    root.finish();
    stage.clock.advance(10_000);
    expect(stage.node.list("compaction", { internal: true })).toEqual([]);
  });

  it("semantics 13: a child that is still running stays registered until it ends", () => {
    const stage = new Stage();
    const root = stage.task();
    const child = stage.task({ parent: root });
    root.finish();
    expect([stage.isFound(root), stage.isFound(child)]).toEqual([false, true]);
    child.finish();
    expect(stage.isFound(child)).toBe(false);
  });

  it("semantics 14: no call unregisters a cluster task", () => {
    const stage = new Stage({ release: "seed" });
    const task = stage.clusterTask();
    task.finish();
    stage.node.status(task.id);
    stage.node.recursiveStatus(task.id);
    stage.node.module("repair").drain();
    expect(stage.isFound(task)).toBe(true);
  });

  it("tasks of a node that goes down fail, and nothing stays scheduled", () => {
    const stage = new Stage();
    const root = stage.task({ isUserTask: true });
    const child = stage.task({ parent: root });
    stage.manager.takeDown(stage.node);
    expect(root).toMatchObject({ state: "failed", error: "the node went down", isRegistered: false });
    expect(root.children).toEqual([child]);
    expect(stage.clock.scheduledCount).toBe(0);
  });

  it("nothing stays scheduled for a task that is unregistered before it expires", () => {
    const stage = new Stage();
    stage.node.ttlSeconds = LONGEST_TTL_SECONDS;
    for (let i = 0; i < 100; i++) stage.task().finish();
    expect(stage.clock.scheduledCount).toBe(100);
    stage.node.module("compaction").drain();
    expect(stage.clock.scheduledCount).toBe(0);
  });
});

describe("looking at a finished node task", () => {
  const calls = ["status", "recursiveStatus"] as const;
  it.each(calls)("seed: %s unregisters it", (call) => {
    const stage = new Stage({ release: "seed" });
    const task = stage.task({ isUserTask: true });
    stage.node[call](task.id);
    expect(stage.isFound(task)).toBe(true);
    task.finish();
    stage.node[call](task.id);
    expect(stage.isFound(task)).toBe(false);
  });

  it.each(calls)("current: %s keeps it", (call) => {
    const stage = new Stage();
    const task = stage.task({ isUserTask: true });
    task.finish();
    stage.node[call](task.id);
    expect(stage.isFound(task)).toBe(true);
  });
});

it("semantics 18: drain unregisters a module's finished node tasks, and leaves the unfinished and the cluster's", () => {
  const stage = new Stage();
  const finished = stage.task({ module: "repair", isUserTask: true });
  const running = stage.task({ module: "repair" });
  const elsewhere = stage.task({ module: "compaction", isUserTask: true });
  const clusterTask = stage.clusterTask({ module: "repair" });
  for (const task of [finished, elsewhere, clusterTask]) task.finish();
  stage.node.module("repair").drain();
  expect(stage.node.list("repair", { internal: true })).toEqual([running, clusterTask]);
  expect(stage.node.list("compaction")).toEqual([elsewhere]);
  expect(finished.isRegistered).toBe(false);
});
