import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";
import type { ScriptedServer } from "../fixtures/scripted-server.js";
import { DONE_ID, ID, viewServer } from "../fixtures/view-server.js";

const ESCAPE = "\u001b";

let server: ScriptedServer;
let at: string[];

beforeAll(async () => {
  server = await viewServer();
  at = ["-h", "127.0.0.1", "-p", String(server.port)];
});

afterAll(() => server.stop());

describe.concurrent("in a pipe", () => {
  test("a view is as wide as --width says, else as COLUMNS does, else 80", async () => {
    const widest = async (args: string[], env: Record<string, string> = {}) => {
      const { stdout } = await runInProcess([...at, "list", "compaction", "--color", "always", ...args], env);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken away
      return Math.max(...stdout.split("\n").map((line) => line.replace(/\u001b\[\d+m/g, "").length));
    };
    const [unset, columns, width, wrong] = await Promise.all([
      widest([]),
      widest([], { COLUMNS: "200" }),
      widest(["--width", "60"], { COLUMNS: "200" }),
      widest([], { COLUMNS: "0" }),
    ]);
    expect([unset, wrong].every((cells) => cells > 60 && cells <= 80)).toBe(true);
    expect(columns).toBeGreaterThan(100);
    expect(width).toBeLessThanOrEqual(60);
  });

  test("FORCE_COLOR changes no byte, --color always shows the terminal's view", async () => {
    const [plain, forced, always] = await Promise.all([
      runInProcess([...at, "tree", ID]),
      runInProcess([...at, "tree", ID], { FORCE_COLOR: "1" }),
      runInProcess([...at, "tree", ID, "--color", "always"], { LC_ALL: "C.UTF-8" }),
    ]);
    expect(forced.stdout).toBe(plain.stdout);
    expect(always.stdout).toContain("┗━ ");
    expect(always.stdout).toContain(`${ESCAPE}[31m`);
  });

  test("explain says where it began, and why, in one line first", async () => {
    const run = await runInProcess([...at, "explain", ID]);
    expect(run.code).toBe(0);
    expect(run.stdout.split("\n").slice(0, 8)).toEqual([
      `Task ${ID} (major compaction, keyspace accounts) failed: No space left on device: ` +
        "'/var/lib/scylla/data/accounts/sessions-8f2c4b5e-77aa-4d0c-9b1a-0a6d1c7e1b1a/me-3g9f-big-Data.db'",
      "",
      "1. major compaction, table accounts.在庫 sessions, shard 0",
      "   id: 55555555-5555-4555-8555-555555555555",
      expect.stringMatching(/^ {3}error: No space left on device: .*\\x0a\\x09at 0x5f3c1e2 \\x1b\[2J/),
      "   path: keyspace accounts > shard 0, accounts",
      "   start_time: 2026-11-24T08:00:01Z",
      "   end_time: 2026-11-24T08:02:30Z",
    ]);
  });

  test("explain of a task that did not fail exits with 0", async () => {
    const run = await runInProcess([...at, "explain", DONE_ID]);
    expect(run).toEqual({ code: 0, stdout: `Nothing failed: task ${DONE_ID} (repair) is done.\n`, stderr: "" });
  });

  test("explain.json and tree-nested.json describe what is printed", async () => {
    const [explained, healthy, nested] = await Promise.all([
      runInProcess([...at, "explain", ID, "--json"]),
      runInProcess([...at, "explain", DONE_ID, "-o", "json"]),
      runInProcess([...at, "tree", ID, "--json", "--nested"]),
    ]);
    expectValid("explain", JSON.parse(explained.stdout));
    expectValid("explain", JSON.parse(healthy.stdout));
    expectValid("tree-nested", JSON.parse(nested.stdout));
    expect(JSON.parse(nested.stdout)).toMatchObject([{ id: ID, children: [{}, { children: [{ children: [] }] }, {}] }]);
  });

  test.each([
    [["explain"], "required parameter is missing: id"],
    [["explain", ID, "--fields", "eror"], "Did you mean error?"],
    [["tree", ID, "--nested"], "option '--nested' needs --json"],
    [["tree", ID, "--depth", "-1"], "It takes a whole number from 0"],
    [["list", "compaction", "--color", "sometimes"], "auto, always, never"],
  ])("%j is a usage error", async (args, message) => {
    const run = await runInProcess([...at, ...args]);
    expect([run.code, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain(message);
  });
});
