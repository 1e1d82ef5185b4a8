import { describe, expect, it } from "vitest";
import type { ShownTask } from "../../../src/mock/domain/shown-task.js";
import { everythingOn, play as playScenario } from "./played.js";

const play = (staging: Parameters<typeof playScenario>[1] = {}) =>
  playScenario("default", { release: "2026.1", ...staging });

function heightOf(task: ShownTask): number {
  return 1 + Math.max(0, ...task.children.map(heightOf));
}

describe("the default scenario", () => {
  it("has tasks in every module", () => {
    const { node } = play();
    for (const name of node.moduleNames) expect(node.list(name), name).not.toEqual([]);
  });

  it.each([
    // It keeps no finished tasks unless its ttl is raised.
    ["6.2", ["created", "running"]],
    ["seed", ["created", "done", "failed", "running"]],
    ["2025.1", ["created", "done", "failed", "running"]],
    ["2026.3", ["created", "done", "failed", "running"]],
  ])("%s: has tasks in every state that its lists show", (release, states) => {
    const { node } = play({ release });
    expect([...new Set(everythingOn(node).map((task) => task.state))].sort()).toEqual(states);
  });

  it("has a tree of four levels with a failed branch, and one that runs", () => {
    const { node } = play();
    const trees = node.list("compaction").filter((task) => heightOf(task) >= 4);
    expect(trees.map((task) => task.state)).toContain("failed");
    expect(trees.map((task) => task.state)).toContain("running");
  });

  it("starts with the same ids every time, other ones for another seed", () => {
    const idsOf = (seed: number) => everythingOn(play({ seed }).node).map((task) => task.id);
    expect(idsOf(1)).toEqual(idsOf(1));
    expect(new Set([...idsOf(1), ...idsOf(2)]).size).toBe(2 * idsOf(1).length);
  });

  it("has finished tasks that began and ended before its start", () => {
    const { clock, node } = play();
    const finished = node.list("compaction").filter((task) => task.endTimeMs !== 0);
    expect(finished.length).toBeGreaterThanOrEqual(4);
    for (const task of finished) {
      expect(task.startTimeMs).toBeLessThan(task.endTimeMs);
      expect(task.endTimeMs).toBeLessThan(clock.nowMs());
    }
  });

  it("goes on: tasks progress, one fails within ten seconds, others end within thirty", () => {
    const { clock, node } = play();
    const running = node.list("compaction").filter((task) => task.state === "running");
    const before = running.map((task) => task.progress.completed);
    clock.advance(10_000);
    expect(running.filter((task, index) => task.progress.completed > (before[index] ?? 0)).length).toBeGreaterThan(2);
    expect(running.some((task) => task.state === "failed")).toBe(true);
    clock.advance(20_000);
    expect(running.some((task) => task.state === "done")).toBe(true);
    expect(running.some((task) => task.state === "running" && task.isAbortable)).toBe(true);
  });

  it("never runs out of compactions", () => {
    const { clock, node } = play();
    clock.advance(24 * 3600 * 1000);
    expect(node.list("compaction").length).toBeGreaterThan(10);
  });

  it("spreads the repair of its tablets over all nodes", () => {
    const { clock, node } = play({ nodes: 3 });
    clock.advance(10_000);
    const [repair] = node.list("tablets").filter((task) => task.type === "user_repair");
    const nodes = repair?.children.map((child) => child.nodeAddress).sort();
    expect([...new Set(nodes)]).toEqual(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
  });
});
