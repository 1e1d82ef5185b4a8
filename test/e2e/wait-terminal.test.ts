import { describe, expect, test } from "vitest";
import { scriptedServer } from "../fixtures/scripted-server.js";
import { startedOnTerminal } from "../fixtures/terminal-run.js";
import { COMPACTION, ID, silent, until, withMock } from "../fixtures/wait-servers.js";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

const isRestored = (written: string) => written.lastIndexOf(SHOW_CURSOR) > written.lastIndexOf(HIDE_CURSOR);

describe.concurrent("a wait on a terminal", () => {
  test("spins with what is known of the task, and leaves the status and the cursor", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, table: "orders", progressUnits: "bytes" });
      task.reportProgress(256, 1024);
      const terminal = startedOnTerminal([...node, "wait", task.id], { columns: 120 });
      await until(() => terminal.written.includes("0.3/1.0 KiB 25%"));
      task.reportProgress(512, 1024);
      await until(() => /0\.5\/1\.0 KiB 50% {2}[\d.]+ bytes\/s {2}ETA \d+s {2}elapsed \d+s/.test(terminal.written));
      task.finish();
      expect(await terminal.end).toBe(0);
      expect(terminal.written).toContain("major compaction shop.orders  [█████");
      expect(terminal.written).toContain(HIDE_CURSOR);
      expect(isRestored(terminal.written)).toBe(true);
      expect(terminal.written).toContain(task.id);
    });
  });

  test("restores the cursor at Ctrl-C, says how to come back, exits with 130", async () => {
    const server = await scriptedServer(silent);
    const terminal = startedOnTerminal(["-h", "127.0.0.1", "-p", String(server.port), "wait", ID], { columns: 60 });
    await until(() => terminal.written.includes(HIDE_CURSOR) && server.requests.length > 0);
    terminal.press("\u0003");
    expect(await terminal.end).toBe(130);
    expect(isRestored(terminal.written)).toBe(true);
    // The command is in one piece, to be copied.
    const said = `the task goes on; to wait for it again:\r\n  tasks -h 127.0.0.1 -p ${server.port} wait ${ID}\r\n`;
    const [, after] = terminal.written.split(said);
    expect(after).toBeDefined();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what wipes out a line
    expect(after).not.toMatch(/\u001b\[[0-9]*[KJ]/);
    await server.stop();
  });

  test.each([
    [["--progress", "none"], {}],
    [[], { TERM: "dumb" }],
  ])("spins not with %j %j, and asks no more than the contract", async (args, env) => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const terminal = startedOnTerminal([...node, "wait", task.id, "-q", ...args], {
        env: env as Record<string, string>,
      });
      await until(() => mock.requests.length > 0);
      task.finish();
      expect(await terminal.end).toBe(0);
      expect(terminal.written).toBe("");
      expect(mock.requests).toHaveLength(1);
    });
  });

  test("keeps a log in place of a spinner in CI, with a terminal too", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      task.reportProgress(1, 2);
      const terminal = startedOnTerminal([...node, "wait", task.id, "-q"], { env: { CI: "true" }, columns: 120 });
      await until(() => terminal.written.includes("1/2 50%"));
      task.finish();
      expect(await terminal.end).toBe(0);
      expect(terminal.written).toMatch(/^[ -~]*50%[ -~]*\r\n$/);
    });
  });

  test("spins not, and ends, where the terminal has no width", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      const terminal = startedOnTerminal([...node, "wait", task.id, "-q"], { columns: 0 });
      await until(() => mock.requests.length > 0);
      task.finish();
      expect(await terminal.end).toBe(0);
      expect(terminal.written).toBe("");
    });
  });

  test("keeps to ASCII and to no colour where it should", async () => {
    await withMock(async (mock, node) => {
      const task = mock.create(COMPACTION);
      task.reportProgress(1, 2);
      const terminal = startedOnTerminal([...node, "wait", task.id, "-q"], { env: { LC_ALL: "C", NO_COLOR: "1" } });
      await until(() => terminal.written.includes("1/2 50%"));
      task.finish();
      expect(await terminal.end).toBe(0);
      expect(terminal.written).not.toMatch(/[^ -~\s\p{Control}]/u);
      expect(terminal.written).not.toContain("\u001b[36m");
    });
  });
});
