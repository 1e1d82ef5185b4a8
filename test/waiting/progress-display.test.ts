import { describe, expect, test } from "vitest";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { COMPACTION, until, withMock } from "../fixtures/wait-servers.js";

const task = { ...COMPACTION, table: "orders", isUserTask: true } as const;
const SHOWN = { TERM: "xterm-256color", LANG: "C.UTF-8" };

describe("a wait on a terminal", () => {
  test.each([
    ["in Unicode", SHOWN, "[█████"],
    ["in ASCII where the locale has no more", { TERM: "xterm", LC_ALL: "C" }, "[#####"],
  ])("spins with name, bar and percent, %s", async (_name, env, bar) => {
    await withMock(async (mock, node) => {
      const running = mock.create(task);
      running.reportProgress(1, 2);
      const run = startedInProcess([...node, "wait", running.id, "-q"], env, { isTerminal: true });
      await until(() => run.written.stderr.includes("1/2 50%"));
      running.finish();
      expect(await run.end).toBe(0);
      expect(run.written.stderr).toContain("major compaction shop.orders");
      expect(run.written.stderr).toContain(bar);
      expect(run.written.stdout).toBe("");
    });
  });

  test("takes its line away before it warns, and shows it again after", async () => {
    await withMock(async (mock, node) => {
      const running = mock.create({ ...task, isAbortable: false });
      const args = [...node, "wait", running.id, "-q", "--timeout", "1s", "--abort-on-timeout"];
      const run = await runInProcess(args, SHOWN, { isTerminal: true });
      expect(run.code).toBe(124);
      expect(run.stderr).toContain(`warning: Task with id ${running.id} is not abortable`);
      expect(running.state).toBe("running");
    });
  });
});

test("a log in CI has lines that no service takes for a command", async () => {
  await withMock(async (mock, node) => {
    const running = mock.create({ ...task, keyspace: "::error::x" });
    const run = startedInProcess([...node, "wait", running.id, "-q"], { CI: "true", GITHUB_ACTIONS: "true" });
    await until(() => run.written.stderr.includes("elapsed"));
    running.finish();
    expect(await run.end).toBe(0);
    expect(run.written.stderr).not.toMatch(/^::error/m);
  });
});
