import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { ABORT_DELAY_MS, requestAbort } from "../../../src/mock/domain/abort.js";
import { TaskNotAbortable, WaitTimedOut } from "../../../src/mock/domain/errors.js";
import type { Task } from "../../../src/mock/domain/task.js";
import { waitUntilFinished } from "../../../src/mock/domain/waiting.js";
import { Stage, treeOf } from "./stage.js";

const ABORTED = "seastar::abort_requested_exception (abort requested)";

describe("semantics 15: waiting", () => {
  it("ends when the task fails, too", async () => {
    const stage = new Stage();
    const task = stage.task();
    const wait = waitUntilFinished(task, stage.clock);
    task.fail("broken");
    await wait;
    expect(task.state).toBe("failed");
  });

  it("ends for each of a thousand waiters, though the ttl is 0", async () => {
    const stage = new Stage();
    const task = stage.task();
    const waits = Array.from({ length: 1_000 }, () => waitUntilFinished(task, stage.clock));
    task.finish();
    await Promise.all(waits);
    expect(stage.isFound(task)).toBe(false);
  });

  it("ends at once for a finished task", async () => {
    const stage = new Stage();
    const task = stage.task({ isUserTask: true });
    task.finish();
    await waitUntilFinished(task, stage.clock, { timeoutMs: 0 });
  });

  it("times out, and leaves nothing behind", async () => {
    const stage = new Stage();
    const wait = waitUntilFinished(stage.task(), stage.clock, { timeoutMs: 2_000 });
    stage.clock.advance(1_999);
    expect(stage.clock.scheduledCount).toBe(1);
    stage.clock.advance(1);
    await expect(wait).rejects.toThrow(new WaitTimedOut());
    expect(stage.clock.scheduledCount).toBe(0);
  });

  it("with a timeout of 0 answers at once", async () => {
    const stage = new Stage();
    await expect(waitUntilFinished(stage.task(), stage.clock, { timeoutMs: 0 })).rejects.toThrow(WaitTimedOut);
  });

  it("rest-api: with a timeout of 0 is only answered for a finished task on a node with one shard", async () => {
    const answers = async (shards: number) => {
      const stage = new Stage({ shards });
      const ended = stage.task({ isUserTask: true });
      ended.finish();
      const ids = [ended.id, stage.task().id, "nobody"];
      const waits = ids.map((id) => stage.node.wait(id, { timeoutMs: 0 }));
      return (await Promise.allSettled(waits)).map((wait) =>
        wait.status === "fulfilled" ? wait.value.state : wait.reason.name,
      );
    };
    expect(await answers(1)).toEqual(["done", "WaitTimedOut", "WaitTimedOut"]);
    expect(await answers(2)).toEqual(["WaitTimedOut", "WaitTimedOut", "WaitTimedOut"]);
  });

  it("for a node task returns its status", async () => {
    const stage = new Stage();
    const task = stage.task({ isUserTask: true });
    const wait = stage.node.wait(task.id);
    task.fail("broken");
    expect(await wait).toMatchObject({ id: task.id, state: "failed", error: "broken" });
  });

  it("leaves nothing scheduled if it is cancelled, or the task ends before the timeout", async () => {
    const stage = new Stage();
    const task = stage.task();
    const departure = new AbortController();
    const given = waitUntilFinished(task, stage.clock, { timeoutMs: 2_000, signal: departure.signal });
    const stayed = waitUntilFinished(task, stage.clock, { timeoutMs: 2_000 });
    departure.abort(new Error("gone"));
    await expect(given).rejects.toThrow("gone");
    task.finish();
    await stayed;
    expect(stage.clock.scheduledCount).toBe(0);
  });

  it.each([1, 2, 3])("can be cancelled by one of %i waiters, and the others are still told", (waiters) => {
    const task = new Stage().task();
    const heard: number[] = [];
    const giveUps = Array.from({ length: waiters }, (_, index) => task.whenFinished(() => heard.push(index)));
    giveUps[0]?.();
    task.finish();
    expect(heard).toEqual([1, 2].slice(0, waiters - 1));
  });

  it("removes its listener from the signal, however it ends", async () => {
    const stage = new Stage();
    const connection = new AbortController();
    const { signal } = connection;
    const tasks = [stage.task(), stage.task()] as const;
    const ended = waitUntilFinished(tasks[0], stage.clock, { signal });
    const late = waitUntilFinished(tasks[1], stage.clock, { timeoutMs: 2_000, signal });
    const given = waitUntilFinished(tasks[1], stage.clock, { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(3);
    tasks[0].finish();
    await ended;
    expect(getEventListeners(signal, "abort")).toHaveLength(2);
    stage.clock.advance(2_000);
    await expect(late).rejects.toThrow(WaitTimedOut);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    connection.abort(new Error("gone"));
    await expect(given).rejects.toThrow("gone");
    // A wait that begins after its connection has closed neither waits nor listens.
    await expect(waitUntilFinished(tasks[1], stage.clock, { timeoutMs: 2_000, signal })).rejects.toThrow("gone");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(stage.clock.scheduledCount).toBe(0);
  });
});

describe("semantics 16: abort", () => {
  it("fails the task a little later", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true, isUserTask: true });
    requestAbort(task, stage.clock);
    stage.clock.advance(ABORT_DELAY_MS - 1);
    expect(task.state).toBe("running");
    stage.clock.advance(1);
    expect(task).toMatchObject({ state: "failed", error: ABORTED });
  });

  it("reaches the descendants, abortable or not, on every node", () => {
    const stage = new Stage({ nodes: 2 });
    const root = stage.clusterTask({ isAbortable: true });
    const children = [0, 1].map((node) => stage.task({ module: "repair", node, parent: root, isUserTask: true }));
    const grandchild = stage.task({ module: "repair", parent: children[0] as Task });
    requestAbort(root, stage.clock);
    stage.clock.advance(ABORT_DELAY_MS);
    expect([root, ...children, grandchild].map((task) => task.error)).toEqual(Array(4).fill(ABORTED));
  });

  it("ends children before their parents, so that they fold", () => {
    const stage = new Stage();
    const root = stage.task({ id: "root", isAbortable: true, isUserTask: true });
    const child = stage.task({ id: "child", parent: root });
    stage.task({ id: "grandchild", parent: child });
    requestAbort(root, stage.clock);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(treeOf(root)).toEqual(["root", ["child", ["grandchild"]]]);
    expect(stage.isFound(child)).toBe(false);
  });

  it("of a finished task succeeds and changes nothing", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true, isUserTask: true });
    task.finish();
    requestAbort(task, stage.clock);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(task.state).toBe("done");
  });

  it("can be requested twice, and happens once", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true });
    requestAbort(task, stage.clock);
    requestAbort(task, stage.clock);
    expect(stage.clock.scheduledCount).toBe(1);
  });

  it("aborts children at once that are added later", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true, isUserTask: true });
    requestAbort(task, stage.clock);
    const before = stage.task({ parent: task });
    stage.clock.advance(ABORT_DELAY_MS);
    const after = stage.task({ parent: task });
    expect([before.error, after.error]).toEqual([ABORTED, ABORTED]);
    expect(task.children.map((child) => child.id)).toEqual([before.id, after.id]);
  });

  it("that comes too late changes nothing, and nothing below the task", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true, isUserTask: true, ignoresAbort: true });
    const child = stage.task({ parent: task });
    stage.node.abort(task.id);
    expect(stage.clock.scheduledCount).toBe(0);
    const later = stage.task({ parent: task });
    for (const one of [child, later, task]) one.finish();
    expect([child.state, later.state, task.state]).toEqual(["done", "done", "done"]);
  });

  it("comes too late for a part of a task, and stops the others", () => {
    const stage = new Stage();
    const root = stage.task({ isAbortable: true, isUserTask: true });
    const [early, stopped] = [stage.task({ parent: root, ignoresAbort: true }), stage.task({ parent: root })];
    stage.node.abort(root.id);
    const late = stage.task({ parent: root, ignoresAbort: true });
    stage.clock.advance(ABORT_DELAY_MS);
    for (const task of [early, late]) task.finish();
    expect([early.state, late.state, stopped.state, root.state]).toEqual(["done", "done", "failed", "failed"]);
  });

  it("fails such a child when it finishes, if it notices aborts late", () => {
    const stage = new Stage();
    const task = stage.task({ isAbortable: true, isUserTask: true });
    requestAbort(task, stage.clock);
    const child = stage.task({ parent: task, noticesAbortLate: true });
    expect(child.state).toBe("running");
    child.finish();
    expect(child).toMatchObject({ state: "failed", error: ABORTED });
  });
});

it("semantics 17: the abort of a task that is not abortable changes nothing", () => {
  const stage = new Stage();
  const task = stage.task();
  const child = stage.task({ parent: task });
  expect(() => requestAbort(task, stage.clock)).toThrow(new TaskNotAbortable(task.id));
  stage.clock.advance(ABORT_DELAY_MS);
  expect([task.state, child.state]).toEqual(["running", "running"]);
});
