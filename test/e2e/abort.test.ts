import { describe, expect, test } from "vitest";
import { started } from "../fixtures/run-tasks.js";
import { scriptedServer } from "../fixtures/scripted-server.js";
import { startedOnTerminal } from "../fixtures/terminal-run.js";
import { A, B, COMPACTION, NOT_ABORTABLE, until, withMock } from "../fixtures/wait-servers.js";

describe.concurrent("abort by selection", () => {
  const selection = ["abort", "--module", "compaction", "--keyspace", "shop"];

  /** Answers the question on a terminal with keys. */
  async function answered(keys: string) {
    return await withMock(async (mock, node) => {
      const task = mock.create({ ...COMPACTION, isAbortable: true });
      const terminal = startedOnTerminal([...node, ...selection, "--wait"]);
      await until(() => terminal.written.includes("Abort this task? [y/N] "));
      terminal.press(keys);
      const code = await terminal.end;
      return { code, state: task.state, written: terminal.written };
    });
  }

  test.each([
    ["y\r", 0, "failed"],
    ["\u0004", 0, "running"],
    ["\u0003", 130, "running"],
  ])("on a terminal asks, and %j exits with %i", async (keys, code, state) => {
    const run = await answered(keys);
    expect(run).toMatchObject({ code, state });
    if (state === "failed") expect(run.written).toContain("asked 1 task to stop");
    if (state === "running" && code === 0) expect(run.written).toContain("nothing was aborted");
  });
});

test("an abort whose output nobody reads still aborts all", async () => {
  let answer = () => {};
  const server = await scriptedServer((request, response) => {
    if (request.url?.endsWith(A)) answer = () => NOT_ABORTABLE(request, response);
    else NOT_ABORTABLE(request, response);
  });
  const run = started(["-h", "127.0.0.1", "-p", String(server.port), "abort", A, B, "--strict"]);
  await until(() => server.requests.length === 1);
  run.child.stdout?.destroy();
  answer();
  expect(await run.end).toEqual({ code: 1, signal: null });
  expect(server.requests).toHaveLength(2);
  await server.stop();
});
