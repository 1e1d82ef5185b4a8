import { afterEach, describe, expect, it } from "vitest";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import type { EarlierRuns } from "../../src/history/estimate.js";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { type EarlierRunsOnce, openEarlierRuns, warnOfLate } from "../../src/waiting/earlier-runs.js";
import type { NodeLooks } from "../../src/waiting/node-looks.js";
import { taskProgressLine } from "../../src/waiting/progress-line.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { BEGIN, journalOf, run, started, status, taskId } from "../fixtures/journals.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { stageClock } from "./stage.js";

const wire = (ms: number) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");

/** Runs of 60 to 120 s that ended within the last days. */
const journal = () => {
  const now = Math.floor(Date.now() / 1000);
  const begin = Math.floor(Date.parse("2026-11-20T10:00:00Z") / 1000);
  const ago = now - begin - 86_400;
  const times = [60, 80, 120].flatMap((seconds, index) =>
    run(index + 1, ago + index * 200, ago + index * 200 + seconds),
  );
  return journalOf([started(ago), ...times]);
};

async function warned(named: string, task: TaskStatus): Promise<string[]> {
  const { runtime } = fakeRuntime();
  const said: string[] = [];
  const say = async (text: string) => void said.push(text);
  const looks = { of: () => async () => task } as unknown as NodeLooks;
  const target = { id: task.id as string, client: {} as TaskManagerClient };
  const earlierRunsOnce = () => openEarlierRuns(runtime, named, say);
  await warnOfLate(runtime, [target], looks, earlierRunsOnce, say, new AbortController().signal);
  return said;
}

describe("warnOfLate", () => {
  it("says once that a task takes longer than its earlier runs, with the figures", async () => {
    expect(await warned(journal(), status(9, { start_time: wire(Date.now() - 30_000) }))).toEqual([
      `warning: task ${taskId(9)} takes longer than all 3 earlier runs, which took at most 2m00s, median 1m20s`,
    ]);
  });

  it("says where nothing is known to go by, and why", async () => {
    const few = `warning: --expect: not enough earlier runs to estimate how long task ${taskId(9)} should take`;
    expect(await warned(journal(), status(9, { table: "items" }))).toEqual([few]);
    expect(await warned("/nonexistent", status(9))).toEqual([
      "warning: no journal '/nonexistent': create one with `tasks record`",
      few,
    ]);
  });
});

describe("the limit of warnOfLate", () => {
  const HOUR_MS = 3_600_000;
  const RUNS = { count: 20, p95Ms: 120_000, medianMs: 80_000 } as EarlierRuns;

  /** What is said of tasks, and how long it is waited before. */
  async function staged(
    tasks: readonly (TaskStatus | undefined)[],
    { runs = RUNS, signal = new AbortController().signal }: { runs?: EarlierRuns; signal?: AbortSignal } = {},
  ) {
    const clock = stageClock(HOUR_MS);
    const said: string[] = [];
    const signals: unknown[] = [];
    const looks = {
      of: () => async (id: string, call: { signal: AbortSignal }) => {
        signals.push(call.signal);
        return tasks[Number(id)];
      },
    } as unknown as NodeLooks;
    const targets = tasks.map((_, index) => ({ id: String(index), client: {} as TaskManagerClient }));
    const say = async (text: string) => void said.push(text);
    const earlierRunsOnce: EarlierRunsOnce = async () => ({ runsOf: () => runs, timeLeft: () => undefined });
    await warnOfLate({ ...fakeRuntime().runtime, clock }, targets, looks, earlierRunsOnce, say, signal);
    expect(signals.every((one) => one === signal)).toBe(true);
    return { said, sleeps: clock.sleeps };
  }
  const started = (ms: number) => ({ start_time: wire(HOUR_MS - ms) });

  it("is reached by its start and 95 % of the earlier runs", async () => {
    expect((await staged([started(30_000), started(200_000), {}])).sleeps).toEqual([90_000, 0, 120_000]);
  });

  it.each([
    [19, "all 19"],
    [20, "95% of 20"],
  ])("of %i runs is called that of %s", async (count, shown) => {
    const { said } = await staged([{}], { runs: { ...RUNS, count } });
    expect(said).toEqual([
      `warning: task 0 takes longer than ${shown} earlier runs, which took at most 2m00s, median 1m20s`,
    ]);
  });

  it("is for no task that is gone, for none after the wait, and for twenty tasks", async () => {
    expect(await staged([undefined])).toEqual({ said: [], sleeps: [] });
    expect(await staged([{}], { signal: AbortSignal.abort() })).toEqual({ said: [], sleeps: [] });
    expect((await staged(Array.from({ length: 25 }, () => ({})))).said).toHaveLength(20);
  });
});

describe("the earlier runs of a task", () => {
  const asked = () => {
    const { runtime, interrupt } = fakeRuntime({ env: { XDG_STATE_HOME: "/nonexistent" } });
    const said: string[] = [];
    const ask = (named: string | undefined) => openEarlierRuns(runtime, named, async (text) => void said.push(text));
    return { ask, said, interrupt };
  };

  it("are those of the same type, keyspace and table", async () => {
    const { runsOf } = await asked().ask(journal());
    expect(runsOf(status(1))).toMatchObject({ count: 3 });
    for (const other of [{ type: "rebuild" }, { keyspace: "store" }, { table: "items" }]) {
      expect(runsOf(status(1, other))).toBeUndefined();
    }
  });

  it("are not there without a journal, which is no fault; and nothing is said once the user interrupts", async () => {
    const { ask, said, interrupt } = asked();
    expect((await ask(undefined)).runsOf(status(1))).toBeUndefined();
    expect(said).toEqual([]);
    interrupt();
    expect((await ask("/nonexistent")).runsOf(status(1))).toBeUndefined();
    expect(said).toEqual([]);
  });
});

describe("the time left of running tasks", () => {
  const ofOrders = [600, 700, 800].flatMap((seconds, index) => run(index + 1, index * 1000, index * 1000 + seconds));
  const ofItems = [3600, 4000, 4400].flatMap((seconds, index) =>
    run(index + 11, index * 5000, index * 5000 + seconds, { table: "items" }),
  );

  async function timeLeft(...tasks: readonly [table: string, elapsedSeconds: number | undefined][]) {
    const nowMs = BEGIN + 86_400_000;
    const { runtime } = fakeRuntime();
    const clock = { ...runtime.clock, now: () => nowMs };
    const earlierRuns = await openEarlierRuns(
      { ...runtime, clock },
      journalOf([started(0), ...ofOrders, ...ofItems]),
      async () => {},
    );
    return earlierRuns.timeLeft(
      tasks.map(([table, seconds], index) =>
        status(90 + index, { table, start_time: seconds === undefined ? "" : wire(nowMs - seconds * 1000) }),
      ),
    );
  }

  it("is that of the one that may take longest", async () => {
    expect(await timeLeft(["orders", 0])).toBe("about 10 to 14 min left (3 earlier runs)");
    expect(await timeLeft(["orders", 0], ["items", 3000])).toBe("about 10 to 24 min left (3 earlier runs)");
    expect(await timeLeft(["items", 4000], ["orders", 0])).toBe("about 10 to 14 min left (3 earlier runs)");
  });

  it("says which one takes longer than it should, unless it is the only one", async () => {
    expect(await timeLeft(["orders", 900])).toBe("longer than each of 3 earlier runs");
    expect(await timeLeft(["orders", 900], ["items", 5000])).toBe(
      "longer than each of 3 earlier runs of repair shop.orders",
    );
    expect(await timeLeft(["orders", 900], ["items", 4300])).toBe("at most about 100 s left (3 earlier runs)");
  });

  it("is unknown if it is for one of them: no earlier runs, or no start; and where none runs", async () => {
    expect(await timeLeft(["orders", 0], ["users", 0])).toBeUndefined();
    expect(await timeLeft(["orders", 0], ["items", undefined])).toBeUndefined();
    expect(await timeLeft()).toBeUndefined();
  });
});

it("what earlier runs say stands in the line of progress where there is room", () => {
  const pace = {
    unitsPerSecond: 1,
    remainingSeconds: 60,
    elapsedSeconds: 40,
    timeLeft: "about 1 min left (8 earlier runs)",
  };
  const task = status(1, { progress_completed: 40 });
  expect(taskProgressLine(task, pace, { columns: 200, unicode: false })).toContain(
    "  about 1 min left (8 earlier runs)  ",
  );
  expect(taskProgressLine(task, pace, { columns: 60, unicode: false })).not.toContain("earlier");
});

describe("tasks wait --expect --history", () => {
  let mock: MockCluster;
  afterEach(() => mock.stop());

  it("says nothing of a task that has ended in time", async () => {
    mock = await startMockCluster({ scenario: "idle" });
    const { port } = new URL(mock.urls[0] as string);
    const tasks = (...args: string[]) => runInProcess(["-h", "127.0.0.1", "-p", port, ...args]);
    await tasks("ttl", "--set", "3600");
    const task = mock.create({
      module: "repair",
      type: "repair",
      scope: "keyspace",
      keyspace: "shop",
      table: "orders",
    });
    const waiting = tasks("wait", task.id, "-q", "--expect", "--history", journal());
    task.finish();
    expect(await waiting).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
