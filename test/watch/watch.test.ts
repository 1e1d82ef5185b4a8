import { describe, expect, test } from "vitest";
import { EXIT } from "../../src/exit-codes.js";
import { ManualClock, type MockCluster, type MockClusterOptions } from "../../src/mock/index.js";
import { Interruption } from "../../src/runtime/runtime.js";
import { LiveRun } from "../fixtures/live-run.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import { COMPACTION, withMock } from "../fixtures/wait-servers.js";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const INTERVAL_MS = 2000;
const TASK = { ...COMPACTION, table: "orders", isUserTask: true, progressUnits: "bytes" };

interface Watching {
  readonly args: readonly string[];
  readonly isTerminal?: boolean;
  readonly mock?: MockClusterOptions;
}

/** A watch of what was made before it; interrupted where it has not ended. */
async function watching<T>(
  { args, isTerminal = false, mock: options }: Watching,
  before: (mock: MockCluster) => T,
  body: (run: LiveRun, mock: MockCluster, made: T) => Promise<void>,
): Promise<void> {
  await withMock(
    async (mock, node) => {
      const made = before(mock);
      const known = args.map((word) => (word === "ID" ? (made as { id: string }).id : word));
      const run = new LiveRun([...node, ...known], { startMs: NOW, isTerminal, columns: 120 });
      await body(run, mock, made);
      run.interrupt(new Interruption("SIGINT", EXIT.interrupted));
      await run.end;
    },
    { clock: new ManualClock(NOW), ...options },
  );
}

const lines = ({ written }: LiveRun) => written.split("\n").filter(Boolean);
const events = (run: LiveRun) => lines(run).map((line) => JSON.parse(line) as Record<string, unknown>);
const untilLines = (run: LiveRun, count: number) => run.until((now) => lines(now).length >= count);

describe("in a pipe", () => {
  test("a line for each change: seen, progress, changed, ended, gone; and a heartbeat", async () => {
    await watching(
      { args: ["list", "compaction", "--watch", "--fields", "task_id,state,keyspace"] },
      () => {},
      async (run, mock) => {
        await untilLines(run, 1);
        const task = mock.create({ ...TASK, isQueued: true });
        await run.pass(INTERVAL_MS);
        await untilLines(run, 2);
        task.start();
        await run.pass(INTERVAL_MS);
        await untilLines(run, 3);
        task.fail("disk full");
        await run.pass(INTERVAL_MS);
        await untilLines(run, 4);
        await run.clock.sleeperOf(INTERVAL_MS);
        run.clock.advance(60_000);
        await untilLines(run, 5);
        await run.clock.sleeperOf(INTERVAL_MS);
        mock.clock.advance(2 * 3600_000);
        run.clock.advance(INTERVAL_MS);
        await untilLines(run, 6);
        const line = (time: string, word: string, rest: string) => `2026-11-24T10:0${time}Z ${word.padEnd(8)}  ${rest}`;
        expect(lines(run)).toEqual([
          line("0:00", "watching", "0 tasks"),
          line("0:02", "seen", `${task.id}  created  major compaction  keyspace shop.orders`),
          line("0:04", "changed", `${task.id}  running  major compaction  keyspace shop.orders`),
          line("0:06", "ended", `${task.id}  failed  major compaction  keyspace shop.orders`),
          line("1:06", "watching", "1 task"),
          line("1:08", "gone", `${task.id}  failed  major compaction  keyspace shop.orders`),
        ]);
      },
    );
  });

  test("when a node is lost, its tasks are not reported as gone, and it comes back", async () => {
    await watching(
      { args: ["-a", "list", "compaction", "--watch", "-o", "ndjson"], mock: { nodes: 2 } },
      (mock) => [mock.create({ ...TASK, node: 0 }), mock.create({ ...TASK, node: 1 })],
      async (run, mock) => {
        await untilLines(run, 2);
        const over = mock.addFault({ node: 1, status: 500, body: '{"message": "boom"}' });
        await run.pass(INTERVAL_MS);
        await untilLines(run, 3);
        await run.clock.sleeperOf(INTERVAL_MS);
        run.clock.advance(60_000);
        await untilLines(run, 4);
        over();
        await run.pass(INTERVAL_MS);
        await untilLines(run, 5);
        for (const event of events(run)) expectValid("watch", event);
        expect(events(run).slice(2)).toMatchObject([
          { event: "node_lost", node: "127.0.0.2", reason: expect.stringContaining("500") },
          { event: "heartbeat", tasks: 2, unanswered: ["127.0.0.2"] },
          { event: "node_back", node: "127.0.0.2" },
        ]);
      },
    );
  });

  test("as text, a lost node is named, also in the heartbeat", async () => {
    await watching(
      { args: ["list", "compaction", "--watch"] },
      (mock) => mock.create(TASK),
      async (run, mock, task) => {
        await untilLines(run, 1);
        const over = mock.addFault({ status: 500, body: '{"message": "boom"}' });
        await run.pass(INTERVAL_MS);
        await untilLines(run, 2);
        await run.clock.sleeperOf(INTERVAL_MS);
        run.clock.advance(60_000);
        await untilLines(run, 3);
        over();
        task.reportProgress(1, 4);
        await run.pass(INTERVAL_MS);
        await untilLines(run, 4);
        expect(lines(run)[1]).toMatch(/lost +node 127\.0\.0\.1.* {2}.*500/);
        expect(lines(run)[2]).toMatch(/watching {2}1 task {2}no answer from 127\.0\.0\.1/);
        expect(lines(run)[3]).toMatch(/back +node 127\.0\.0\.1/);
      },
    );
  });

  test("a tree shows progress and new parts", async () => {
    await watching(
      { args: ["tree", "ID", "--watch"] },
      (mock) => mock.create(TASK),
      async (run, mock, task) => {
        await untilLines(run, 1);
        task.reportProgress(1, 4);
        await run.pass(INTERVAL_MS);
        await untilLines(run, 2);
        mock.create({ ...COMPACTION, scope: "table", table: "t1", parent: task });
        await run.pass(INTERVAL_MS);
        await untilLines(run, 4);
        expect(lines(run)[1]).toMatch(/progress {2}.* 25%$/);
        expect(lines(run).slice(2).join("\n")).toMatch(/changed .* children_ids 1/);
        expect(lines(run).slice(2).join("\n")).toMatch(/seen .* shop\.t1/);
      },
    );
  });

  test.each([
    [["list", "-A", "-w", "--limit", "3"], "--limit cannot be used with --watch in a pipe"],
    [["list", "-A", "-w", "--count"], "--count cannot be used with --watch in a pipe"],
    [["list", "-A", "-w", "-o", "csv"], "--watch does not support -o csv"],
  ])("%j is refused", async (args, reason) => {
    await withMock(async (_mock, node) => {
      const run = await runInProcess([...node, ...args]);
      expect(run).toMatchObject({ code: 1, stdout: "" });
      expect(run.stderr).toContain(reason);
    });
  });
});

describe("the end of the task that is shown", () => {
  test.each([
    ["done", [], 0],
    ["done", ["--exit-status"], 0],
    ["failed", [], 0],
    ["failed", ["--exit-status"], 123],
  ] as const)("%s %j is exit code %i", async (state, more, code) => {
    await watching(
      { args: ["status", "ID", "--watch", ...more] },
      (mock) => mock.create(TASK),
      async (run, _mock, task) => {
        await untilLines(run, 1);
        if (state === "done") task.finish();
        else task.fail("disk full");
        await run.pass(INTERVAL_MS);
        expect(await run.end).toBe(code);
        expect(lines(run).at(-1)).toMatch(new RegExp(`ended +${task.id} {2}${state}`));
      },
    );
  });

  test.each([
    [[], 0],
    [["--exit-status"], 125],
  ] as const)("that nobody saw, with %j, is exit code %i, and is said", async (more, code) => {
    const made = (mock: MockCluster) => mock.create({ ...COMPACTION, table: "orders" });
    await watching({ args: ["explain", "ID", "--watch", ...more] }, made, async (run, mock, task) => {
      await untilLines(run, 1);
      task.finish();
      mock.clock.advance(3600_000);
      await run.pass(INTERVAL_MS);
      expect(await run.end).toBe(code);
      expect(run.stderr).toContain("its outcome is unknown");
    });
  });

  test("an error of the first look ends the run", async () => {
    await watching(
      { args: ["status", "no-such-task-0000", "--watch"] },
      () => {},
      async (run) => {
        expect(await run.end).not.toBe(0);
      },
    );
  });
});

describe("on a terminal", () => {
  test("each look replaces the one before, and the last stays while the node is away", async () => {
    await watching(
      { args: ["list", "compaction", "--watch", "5s"], isTerminal: true },
      (mock) => mock.create(TASK),
      async (run, mock) => {
        await run.until(/^2026-11-24T10:00:00Z {2}every 5s, Ctrl-C to quit[\s\S]*orders/);
        const over = mock.addFault({ status: 500, body: '{"message": "boom"}' });
        await run.pass(5000);
        await run.until(/^2026-11-24T10:00:05Z[\s\S]*no answer, showing the last known state: GET [\s\S]*orders/);
        over();
        await run.pass(5000);
        await run.until((now) => /^2026-11-24T10:00:10Z/.test(now.text) && !now.text.includes("no answer"));
      },
    );
  });

  test.each(["6.2", "seed", "2026.3"])(
    "the trees of all tasks on %s are shown without unregistering any",
    async (release) => {
      await watching(
        { args: ["tree", "--watch", "--state", "running,failed"], isTerminal: true, mock: { release } },
        (mock) => {
          const root = mock.create(TASK);
          mock.create({ ...COMPACTION, scope: "table", table: "part", parent: root });
          return root;
        },
        async (run, mock) => {
          await run.until(/orders/);
          await run.pass(INTERVAL_MS);
          await run.until(/^2026-11-24T10:00:02Z/);
          mock.create({ ...TASK, table: "later" });
          await run.pass(INTERVAL_MS);
          await run.until(/later/);
          expect(run.text).toContain("orders");
        },
      );
    },
  );

  test.each([["list --all --watch"], ["list --all --iterations 9 --interval 2"], ["tree --watch"]])(
    "%s: a node that dies is named at the next look, the first too, and one that is back is not",
    async (how) => {
      await watching(
        { args: ["-a", ...how.split(" ")], isTerminal: true, mock: { nodes: 3 } },
        (mock) => [0, 1, 2].map((node) => mock.create({ ...TASK, table: `on${node}`, node })),
        async (run, mock) => {
          await run.until(/on0.*on1.*on2/s);
          for (const node of [1, 0]) {
            await mock.takeDown(node);
            await run.pass(INTERVAL_MS);
            await run.until(new RegExp(`no answer from node 127\\.0\\.0\\.${node + 1}: `));
            expect(run.text).toContain("on2");
            expect(run.text).not.toContain(`on${node}`);
            await mock.bringUp(node);
            mock.create({ ...TASK, table: `again${node}`, node });
            await run.pass(INTERVAL_MS);
            await run.until(new RegExp(`again${node}`));
            expect(run.text).not.toContain("nothing from");
          }
        },
      );
    },
  );
});
