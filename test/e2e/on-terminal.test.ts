import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTasks } from "../fixtures/run-tasks.js";
import type { ScriptedServer } from "../fixtures/scripted-server.js";
import { runOnTerminal } from "../fixtures/terminal-run.js";
import { ID, viewServer } from "../fixtures/view-server.js";

const ESCAPE = "\u001b";

let server: ScriptedServer;
let at: string[];

beforeAll(async () => {
  server = await viewServer();
  at = ["-h", "127.0.0.1", "-p", String(server.port)];
});

afterAll(() => server.stop());

describe.concurrent("on a terminal", () => {
  test("a list has colours, fits, and tells times from now", async () => {
    const { code, lines, hasWrapped, written } = await runOnTerminal([...at, "list", "compaction"], { columns: 120 });
    expect(code).toBe(0);
    expect(hasWrapped).toBe(false);
    expect(lines[0]).toMatch(/^task_id +state +type .* duration$/);
    expect(lines.some((line) => line.includes("22222222-2222-4222-8222-222222222222  ✘ failed"))).toBe(true);
    expect(written).toContain(`${ESCAPE}[31m`);
    expect(written).toContain("\\x1b[31m\\u202e");
  });

  test("a tree is drawn, without colours where NO_COLOR says so", async () => {
    const { lines, hasWrapped, written } = await runOnTerminal([...at, "tree", ID], {
      columns: 60,
      env: { NO_COLOR: "1" },
    });
    expect(written).not.toContain(ESCAPE);
    expect(hasWrapped).toBe(false);
    expect(lines.slice(0, 6)).toEqual([
      ID,
      expect.stringMatching(/^✘ failed {2}major compaction/),
      "┃ No space left on device",
      expect.stringMatching(/^┠─ ✔ done {2}shard 1, accounts/),
      expect.stringMatching(/^┡━ ✘ failed {2}shard 0, accounts/),
      expect.stringMatching(/^│ {2}┗━ ✘ failed {2}table accoun/),
    ]);
  });

  test("TERM=dumb and a locale without UTF-8 get ASCII", async () => {
    for (const env of [{ TERM: "dumb" }, { LC_ALL: "C" }]) {
      const { written } = await runOnTerminal([...at, "tree", ID, "--color", "never"], { env: env as never });
      expect(written).toMatch(/^[\u0020-\u007e\r\n]*$/);
      expect((await runOnTerminal([...at, "ttl"], { env: env as never })).lines).toEqual(["Current ttl: \\u5728"]);
    }
  });

  test("a repeated list is drawn in place, with marks at what changed", async () => {
    const args = [...at, "list", "changing", "--interval", "0", "--iterations", "1", "--color", "never"];
    const { code, lines, written } = await runOnTerminal(args, { columns: 120 });
    expect(code).toBe(0);
    expect(lines.map((line) => line.slice(0, 50).trimEnd())).toEqual([
      "   task_id                               state",
      "*  11111111-1111-4111-8111-111111111111  ✔ done",
      "   22222222-2222-4222-8222-222222222222  ✘ failed",
      "+  44444444-4444-4444-8444-444444444444  ○ created",
      "(the same in every row: kind node)",
      "(--wide shows scope, shard, seq too)",
    ]);
    expect(written).toContain(`${ESCAPE}[6A`);
  });

  test("what a repeated list leaves out is said once, below the last", async () => {
    const args = [...at, "list", "old", "--older-than", "1s", "--interval", "0", "--iterations", "2"];
    const { lines } = await runOnTerminal([...args, "--color", "never"], { columns: 120 });
    expect(lines).toEqual(["no tasks", expect.stringMatching(/^warning: 1 task left out/)]);
  });

  test("a repeated list of many nodes shows above it who did not answer, while it runs", async () => {
    const hosts = ["-h", "127.0.0.1,127.0.0.98", "-p", String(server.port)];
    const args = [...hosts, "list", "old", "--interval", "0", "--iterations", "1", "--color", "never"];
    const { code, written } = await runOnTerminal(args, { columns: 120 });
    expect(code).toBe(3);
    expect(written.split("\u001b[?7h")[0]).toMatch(/no answer from node 127\.0\.0\.98:\d+: cannot reach/);
  });

  test("--flat is the text of a pipe, byte for byte", async () => {
    const [shown, piped] = await Promise.all([
      runOnTerminal([...at, "tree", ID, "--flat"], { columns: 400 }),
      runTasks([...at, "tree", ID]),
    ]);
    expect(shown.written).toBe(piped.stdout.replaceAll("\n", "\r\n"));
  });
});
