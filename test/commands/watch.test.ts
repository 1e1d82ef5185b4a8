import { describe, expect, test } from "vitest";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { COMPACTION, until, withMock } from "../fixtures/wait-servers.js";

const UTF8 = { LANG: "C.UTF-8", TERM: "xterm-256color" };
const task = { ...COMPACTION, isUserTask: true } as const;

describe.each([
  ["a pipe", {}],
  ["a terminal", { isTerminal: true }],
])("a command with --watch, in %s", (_where, options) => {
  test.each(["status", "tree", "explain"])("%s shows how a task goes on, and ends with it", async (command) => {
    await withMock(async (mock, node) => {
      const running = mock.create(task);
      const child = mock.create({ ...task, parent: running });
      running.reportProgress(1, 4);
      const args = [...node, command, running.id, "--watch", "--exit-status"];
      const run = startedInProcess(args, UTF8, options);
      const seen = mock.requests.length;
      await until(() => mock.requests.length > seen + 4);
      child.fail("disk full");
      running.fail("a part failed");
      expect(await run.end).toBe(123);
      expect(run.written.stdout).toMatch(/failed|disk full/);
    });
  });

  test("a list shows what comes, changes and goes, until it is interrupted", async () => {
    await withMock(async (mock, node) => {
      const first = mock.create(task);
      const run = startedInProcess([...node, "list", "compaction", "--watch"], UTF8, options);
      await until(() => run.written.stdout.includes(first.id));
      first.fail("disk full");
      await until(() => run.written.stdout.includes("failed"));
      const second = mock.create({ ...task, table: "orders" });
      await until(() => run.written.stdout.includes(second.id));
      await runInProcess([...node, "drain"]);
      await until(() => mock.requests.filter(({ url }) => url.includes("drain")).length > 0);
      run.interrupt();
      expect(await run.end).toBe(130);
      expect(run.written.stderr).toBe("");
    });
  });

  test("a tree of all tasks shows them all", async () => {
    await withMock(async (mock, node) => {
      const roots = ["orders", "items"].map((table) => mock.create({ ...task, table }));
      const run = startedInProcess([...node, "tree", "--watch"], UTF8, options);
      await until(() => roots.every(({ table }) => run.written.stdout.includes(table)));
      run.interrupt();
      expect(await run.end).toBe(130);
    });
  });
});

test.each([
  [["tree", "--watch", "--exit-status"], "option '--exit-status' needs an id"],
  [["list", "m", "--watch=100ms"], "It takes a duration of at least 200ms."],
])("%j is refused", async (args, message) => {
  expect(await runInProcess(args)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
});
