import { describe, expect, test } from "vitest";
import { withWatchIntervals } from "../../src/cli/watch-interval.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { started } from "../fixtures/run-tasks.js";
import { expectValid } from "../fixtures/schemas.js";
import { ScreenRun } from "../fixtures/screen-run.js";
import { COMPACTION, idOf, until, withMock } from "../fixtures/wait-servers.js";

const FAST = "--watch=200ms";
const TASK = { ...COMPACTION, isUserTask: true, progressUnits: "bytes" };

/** A watch has no end of its own: whatever becomes of the test, it is ended. */
async function withWatch(
  args: readonly string[],
  body: (run: ReturnType<typeof started>) => Promise<void>,
): Promise<void> {
  const run = started(args);
  try {
    await body(run);
  } finally {
    run.child.kill("SIGKILL");
    await run.end;
  }
}

const eventsOf = (stdout: string) =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { event: string; id?: string; node?: string });

describe.concurrent("--watch", () => {
  test("in a pipe, a list prints its changes, a line each", async () => {
    await withMock(async (mock, node) => {
      const first = mock.create(TASK);
      await withWatch([...node, "list", "compaction", FAST], async (run) => {
        await until(() =>
          run.written.stdout.includes(`seen      ${first.id}  running  major compaction  keyspace shop`),
        );
        const second = mock.create({ ...TASK, table: "orders" });
        await until(() => run.written.stdout.includes(`seen      ${second.id}`));
        second.fail("no space");
        await until(() => run.written.stdout.includes(`ended     ${second.id}  failed`));
        run.child.kill("SIGINT");
        expect(await run.end).toEqual({ code: 130, signal: null });
        expect(run.written.stdout.trimEnd().split("\n")).toHaveLength(3);
      });
    });
  });

  test("as ndjson, an object each, also where a node goes and comes back", async () => {
    await withMock(
      async (mock, node) => {
        mock.create({ ...TASK, node: 0 });
        const there = mock.create({ ...TASK, node: 1 });
        await withWatch([...node, "-a", "list", "compaction", FAST, "-o", "ndjson"], async (run) => {
          await until(() => eventsOf(run.written.stdout).length === 2);
          await mock.takeDown(1);
          await until(() => run.written.stdout.includes("node_lost"));
          await mock.bringUp(1);
          await until(() => run.written.stdout.includes("node_back"));
          await until(() => run.written.stdout.includes("task_gone"));
          run.child.kill("SIGINT");
          await run.end;
          const events = eventsOf(run.written.stdout);
          for (const event of events) expectValid("watch", event);
          expect(events.map(({ event, id, node: address }) => [event, id ?? address]).slice(2)).toEqual([
            ["node_lost", "127.0.0.2"],
            ["node_back", "127.0.0.2"],
            ["task_gone", there.id],
          ]);
        });
      },
      { nodes: 2 },
    );
  });

  test.each([
    ["status", "finish", [], 0],
    ["status", "finish", ["--exit-status"], 0],
    ["status", "fail", [], 0],
    ["status", "fail", ["--exit-status"], 123],
    ["tree", "fail", ["--exit-status"], 123],
    ["explain", "fail", ["--exit-status"], 123],
  ] as const)("%s ends when its task has: %s %j exits with %i", async (command, how, options, code) => {
    await withMock(async (mock, node) => {
      const task = mock.create(TASK);
      task.reportProgress(1, 4);
      const asked = () => mock.requests.filter(({ url }) => url.includes(task.id)).length;
      await withWatch([...node, command, task.id, FAST, ...options], async (run) => {
        await until(() => asked() >= 2);
        if (how === "fail") task.fail("no space");
        else task.finish();
        expect(await run.end).toEqual({ code, signal: null });
        expect(run.written.stderr).toBe("");
        if (command !== "explain")
          expect(run.written.stdout).toMatch(/ seen .* running .*25%\n(.*\n)*.* ended .* (done|failed) /);
        else expect(run.written.stdout).toMatch(/ seen .*no space/);
      });
    });
  });

  test("a task that is forgotten as it ends: nobody knows how", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      await withWatch([...node, "status", task.id, FAST, "--exit-status"], async (run) => {
        await until(() => run.written.stdout.includes(" seen "));
        task.finish();
        expect(await run.end).toEqual({ code: 125, signal: null });
        expect(run.written.stderr).toContain("its outcome is unknown");
      });
    });
  });

  test.each([["status"], ["tree"], ["explain"]])(
    "%s makes no server of the seed generation forget a task",
    async (command) => {
      await withMock(
        async (mock, node) => {
          await runInProcess([...node, "ttl", "--set", "3600"]);
          const task = mock.create(TASK);
          await withWatch([...node, command, task.id, FAST, "--exit-status"], async (run) => {
            await until(() => mock.requests.filter(({ url }) => url.includes("list_module_tasks")).length > 2);
            task.fail("no space");
            expect(await run.end).toEqual({ code: 123, signal: null });
            expect((await runInProcess([...node, "list", "compaction", "-o", "name"])).stdout).toBe(`${task.id}\n`);
          });
        },
        { release: "seed" },
      );
    },
  );

  test("a server that restarts is waited for, and what it missed is said", async () => {
    await withMock(async (mock, node) => {
      mock.create({ ...TASK, keyspace: "before" });
      await withWatch([...node, "list", "compaction", FAST], async (run) => {
        await until(() => run.written.stdout.includes("before"));
        await mock.takeDown(0);
        await until(() => run.written.stdout.includes("lost      node 127.0.0.1  cannot reach"));
        await mock.bringUp(0);
        await until(() => run.written.stdout.includes("back      node 127.0.0.1"));
        run.child.kill("SIGTERM");
        expect(await run.end).toEqual({ code: 143, signal: null });
      });
    });
  });

  test("on a terminal the same screen is kept up to date, with its time and what is missing, to the end", async () => {
    await withMock(
      async (mock, node) => {
        const task = mock.create(TASK);
        task.reportProgress(1, 4);
        const run = new ScreenRun([...node, "-a", "--color", "never", "tree", task.id, FAST], { columns: 100 });
        await run.until(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}every 0\.2s, Ctrl-C to quit\n.+\n.*major compaction.* 25%/,
        );
        await mock.takeDown(1);
        task.reportProgress(2, 4);
        await run.until(/ 50%/);
        expect(run.text.match(/major compaction/g)).toHaveLength(1);
        task.finish();
        const { code } = await run.end;
        expect([0, 3]).toContain(code);
        expect(run.text).toMatch(/Z {2}ended\n.+\n✔ done {2}major compaction/);
      },
      { nodes: 2 },
    );
  });

  test.each<[string[], RegExp]>([
    [["list", "m", "-w", "-o", "json"], /--watch does not support -o json/],
    [["list", "m", "-w", "-o", "csv"], /--watch does not support -o csv/],
    [["list", "m", "-w", "--sort", "state"], /--sort cannot be used with --watch/],
    [["list", "m", "-w", "-i", "3"], /either --watch or --iterations/],
    [["list", "m", "--watch=10ms"], /at least 200ms/],
    [["list", "m", "--watch=soon"], /It takes seconds or a duration/],
    [["tree", "-w", "--exit-status"], /needs an id/],
  ])("%j is a usage error", async (args, message) => {
    const run = await runInProcess(["-h", "127.0.0.1", "-p", "1", ...args]);
    expect([run.code, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toMatch(message);
  });
});

test.each<[string[], string[]]>([
  [
    ["list", "-w", "repair"],
    ["list", "--watch=2s", "repair"],
  ],
  [
    ["list", "repair", "-w"],
    ["list", "repair", "--watch=2s"],
  ],
  [
    ["list", "-w", "5", "repair"],
    ["list", "-w", "5", "repair"],
  ],
  [
    ["list", "--watch", "1m30s", "repair"],
    ["list", "--watch", "1m30s", "repair"],
  ],
  [
    ["status", "-w", idOf("a")],
    ["status", "--watch=2s", idOf("a")],
  ],
  [
    ["status", "--", "-w"],
    ["status", "--", "-w"],
  ],
])("%j: what is no duration is not the interval", (typed, meant) => {
  expect(withWatchIntervals(typed)).toEqual(meant);
});
