import { describe, expect, it } from "vitest";
import { ABORT_DELAY_MS, requestAbort } from "../../../src/mock/domain/abort.js";
import { SystemClock } from "../../../src/mock/domain/clock.js";
import { Stage } from "./stage.js";

// Mutation testing leaves this file out: each of these tests takes a second or more.
describe("very many tasks", () => {
  it("abort a tree of 100,000 tasks, 50,000 deep", () => {
    const stage = new Stage();
    const root = stage.task({ isAbortable: true, isUserTask: true });
    let deepest = root;
    for (let depth = 0; depth < 50_000; depth++) {
      deepest = stage.task({ parent: deepest });
      stage.task({ parent: root });
    }
    requestAbort(root, stage.clock);
    stage.clock.advance(ABORT_DELAY_MS);
    expect(stage.node.list("compaction", { internal: true })).toEqual([root]);
    expect(stage.node.recursiveStatus(root.id)).toHaveLength(100_001);
  });

  it("sum the progress of a tree deeper than the stack", () => {
    const stage = new Stage();
    const root = stage.task();
    let deepest = root;
    for (let depth = 0; depth < 50_000; depth++) deepest = stage.task({ parent: deepest });
    deepest.reportProgress(3, 4);
    expect(root.progress).toEqual({ completed: 3, total: 4 });
  });
});

describe("the system clock", () => {
  it("yields to the event loop while 100,000 entries fall due", async () => {
    const clock = new SystemClock();
    let isSpent = 0;
    const spendTime = () => {
      for (let i = 0; i < 2_000; i++) isSpent += i % 3;
    };
    const finished = new Promise<void>((resolve) => {
      for (let i = 0; i < 100_000; i++) clock.schedule(clock.nowMs(), spendTime, undefined);
      clock.schedule(clock.nowMs() + 1, resolve, undefined);
    });
    let turns = 0;
    let isFinished = false;
    const countTurn = () => {
      turns++;
      if (!isFinished) setImmediate(countTurn);
    };
    countTurn();
    await finished;
    isFinished = true;
    clock.stop();
    expect(isSpent).toBeGreaterThan(0);
    // Without steps, there would be only one turn before and one after.
    expect(turns).toBeGreaterThan(5);
  });
});
