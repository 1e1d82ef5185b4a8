import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.js";
import { COMMANDS } from "../../src/commands.js";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const REPAIR = { module: "repair", type: "repair", scope: "keyspace", keyspace: "shop" } as const;
const ends: (() => Promise<void>)[] = [];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-"));
  ends.push(() => rm(folder, { recursive: true }));
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** One line, with performance data by the guidelines where there is any. */
const LINE = /^TASKS (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]*( \|( '\w+'=[\d.]+s?;[@~\d.:]*;[@~\d.:]*;0;)+)?\n$/;

test("if stdout is full, the state is UNKNOWN on stderr, whatever was found", async () => {
  const { runtime, written } = fakeRuntime();
  const full = async () => {
    throw new Error("ENOSPC: no space left on device, write");
  };
  const stdout = { value: { ...runtime.stdout, write: full } };
  const code = await run(["--mock", "check", "--failed-within", "1h"], Object.create(runtime, { stdout }), COMMANDS);
  expect(code).toBe(3);
  expect(written.stderr).toMatch(/^error: .*no space left on device.*\n$/);
});

async function stage(options: Parameters<typeof startMockCluster>[0] = {}) {
  const mock = await startMockCluster({ scenario: "idle", nodes: 2, ...options });
  ends.push(() => mock.stop());
  const { port } = new URL(mock.urls[0] as string);
  const tasks = (...args: string[]) => runInProcess(["-h", "127.0.0.1", "-p", port, ...args]);
  await tasks("-a", "ttl", "--set", "3600");
  const check = async (...args: string[]) => {
    const checked = await tasks("check", ...args);
    expect(checked.stdout).toMatch(LINE);
    expect(checked.stderr).toBe("");
    return checked;
  };
  return { mock, check };
}

function journalOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

const DAY_MS = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const wire = (ms: number) => `${iso(ms).slice(0, 19)}Z`;

/** A journal that began so many days ago; its repairs by table, and how long ago each ended. */
async function journal(name: string, beganDaysAgo: number, repairs: Readonly<Record<string, number>>): Promise<string> {
  const now = Date.now();
  const began = iso(now - beganDaysAgo * DAY_MS);
  const lines: object[] = [
    { at: began, event: "segment_started", version: 1, recorder: "0", nodes: [], all_nodes: true, tick_seconds: 1 },
  ];
  for (const [index, [table, daysAgo]] of Object.entries(repairs).entries()) {
    const id = `00000000-0000-1000-8000-${String(index).padStart(12, "0")}`;
    const endMs = now - daysAgo * DAY_MS;
    const task = {
      id,
      type: "user_repair",
      kind: "cluster",
      scope: "table",
      keyspace: "shop",
      table,
      state: "running",
    };
    const [start_time, end_time] = [wire(endMs - 60_000), wire(endMs)];
    lines.push({
      at: iso(endMs - 60_000),
      event: "task_seen",
      node: null,
      id,
      module: "tablets",
      task: { ...task, start_time },
    });
    lines.push({
      at: iso(endMs),
      event: "task_ended",
      node: null,
      id,
      within_ms: 0,
      task: { ...task, state: "done", start_time, end_time },
    });
  }
  const file = join(folder, name);
  await writeFile(file, journalOf(lines));
  return file;
}

const FAILED = ["--failed-within", "1h"];

async function withFailure(isPartial: boolean) {
  const { mock, check } = await stage();
  mock.create(COMPACTION).fail("disk full");
  if (isPartial) mock.addFault({ node: 1, path: "/task_manager/**", status: 502 });
  return { mock, check };
}

/** Each row of the table of docs/checks.md. */
const ROWS: Readonly<Record<string, readonly [number, () => Promise<{ code: number | null; stdout: string }>]>> = {
  "nothing is bad, or no more than the ranges allow": [
    0,
    async () => (await withFailure(false)).check(...FAILED, "--warning", "1", "--critical", "2"),
  ],
  "the number is outside `--warning`": [
    1,
    async () => (await withFailure(false)).check(...FAILED, "--warning", "0", "--critical", "1"),
  ],
  "the number is outside `--critical`": [2, async () => (await withFailure(false)).check(...FAILED)],
  "the number is outside `--critical`, and a node did not answer": [
    2,
    async () => (await withFailure(true)).check("-a", ...FAILED),
  ],
  "nothing is bad, and a node did not answer": [
    3,
    async () => (await withFailure(true)).check("-a", ...FAILED, "--critical", "1"),
  ],
  "the number is outside `--warning`, and a node did not answer": [
    3,
    async () => (await withFailure(true)).check("-a", ...FAILED, "--warning", "0"),
  ],
  "no node can be reached": [3, () => runInProcess(["-h", "127.0.0.1", "-p", "1", "check", "--idle"])],
  "a wrong option, also one of those that all commands have": [
    3,
    () => runInProcess(["-p", "none", "check", "--idle"]),
  ],
  "nothing to check": [3, () => runInProcess(["check"])],
  "a module that no node has": [3, async () => (await stage()).check(...FAILED, "--module", "nonsense")],
  "there is no journal": [
    3,
    async () => (await stage()).check("--not-succeeded-within", "10d", "--type", "x", "--journal", "/nonexistent"),
  ],
  "the journal begins too late, and knows of no success": [
    3,
    async () => {
      const file = await journal("late.ndjson", 2, {});
      return (await stage()).check("--not-succeeded-within", "10d", "--type", "user_repair", "--journal", file);
    },
  ],
  "`--deadline` has passed": [
    3,
    async () => {
      const silent = await scriptedServer(() => {});
      ends.push(silent.stop);
      return await runInProcess(["--url", silent.url, "--deadline", "50ms", "check", "--older-than", "1h"]);
    },
  ],
};

describe("exit codes, by docs/checks.md", () => {
  test("are all tested, and all documented", async () => {
    const [, table = ""] = (await readFile("docs/checks.md", "utf8")).split("## Exit codes");
    const rows = [...table.matchAll(/^\| (.*) \| (\d) \w+ \|$/gm)].map(([, what, code]) => [what, Number(code)]);
    expect(rows).toEqual(Object.entries(ROWS).map(([what, [code]]) => [what, code]));
  });

  test.each(Object.entries(ROWS))("%s", async (_, [code, check]) => {
    const { stdout, ...rest } = await check();
    expect(rest).toEqual({ code, stderr: "" });
    expect(stdout).toMatch(LINE);
    expect(stdout).toMatch(new RegExp(`^TASKS ${["OK", "WARNING", "CRITICAL", "UNKNOWN"][code]} - `));
  });
});

test.each([
  [["check", "--idle", "--nope"]],
  [["check", "--idle", "surplus"]],
  [["--concurrency", "0", "check", "--idle"]],
  [["check", "--older-than"]],
  [["check", "--older-than", "soon"]],
  [["check", "--idle", "--warning", "5:1"]],
  [["check", "--idle", "--by", "table"]],
  [["check", "--not-succeeded-within", "1d"]],
  [["check", "--idle", "--json"]],
  [["-o", "csv", "check", "--idle"]],
  [["--context", "none", "check", "--idle"]],
  [["--token-file", "/nonexistent", "check", "--idle"]],
  [["check", "--stalled-for", "1h", "--deadline", "50s"]],
])("%j is UNKNOWN, in one line on stdout", async (args) => {
  const { code, stdout, stderr } = await runInProcess(args);
  expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
  expect(stdout).toMatch(LINE);
});

test.each([[["-h", "check", "list", "--nope"]], [["list", "check", "--nope"]]])(
  "%j is no check, and its failure is none",
  async (args) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: /);
  },
);

describe.each(["6.2", "seed", "2025.1", "2026.3"])("check on %s", (release) => {
  test("counts old, failed and stalled tasks, and those that a restart would harm", async () => {
    const { mock, check } = await stage({ release });
    const [, moving] = [mock.create({ ...REPAIR, table: "orders" }), mock.create(COMPACTION)];
    const [still] = [mock.create(COMPACTION)];
    mock.create({ ...COMPACTION, scope: "shard", parent: moving }).reportProgress(1, 4);
    mock.create({ ...COMPACTION, scope: "shard", parent: still }).reportProgress(1, 4);
    mock.create(COMPACTION).fail("disk full");
    expect(await check("--older-than", "1h")).toMatchObject({ code: 0 });
    expect((await check("--older-than", "0s", "--module", "compaction")).stdout).toContain(
      "2 tasks older than 0s: major compaction shop on 127.0.0.1",
    );
    expect((await check("--idle")).stdout).toMatch(
      /^TASKS CRITICAL - 1 task that a restart would harm: repair shop\.orders \| 'running'=1;;0;0;\n$/,
    );
    for (const _ of [1, 2]) {
      expect((await check(...FAILED, "--keyspace", "shop")).stdout).toContain(
        "1 task failed within 1h00m: major compaction shop on 127.0.0.1 | 'failed'=1;;0;0;\n",
      );
    }
    expect(await check(...FAILED, "--keyspace", "accounts")).toMatchObject({ code: 0 });
    expect((await check("--stalled-for", "1m", "--type", "major*")).stdout).toContain(
      "2 tasks without progress for 1m00s",
    );
  });
});

test("a task with progress between the two looks is not stalled", async () => {
  const { mock } = await stage();
  const part = mock.create({ ...COMPACTION, scope: "shard", parent: mock.create(COMPACTION) });
  part.reportProgress(1, 4);
  const { runtime, written } = fakeRuntime();
  const clock = { ...runtime.clock, sleep: async () => part.reportProgress(2, 4) };
  const check = ["--url", mock.urls[0] as string, "check", "--stalled-for", "1m"];
  expect(await run(check, { ...runtime, clock }, COMMANDS)).toBe(0);
  expect(written.stdout).toContain("0 tasks without progress");
});

describe("--not-succeeded-within", () => {
  let shop: { mock: MockCluster; check: (...args: string[]) => Promise<{ code: number | null; stdout: string }> };
  beforeAll(async () => {
    shop = await stage();
  });
  const late = (file: string, ...args: string[]) =>
    shop.check("--not-succeeded-within", "10d", "--type", "*repair", "--keyspace", "shop", "--journal", file, ...args);

  test("counts existing tables whose last success is too long ago, and those that never had one", async () => {
    const file = await journal("long.ndjson", 30, { orders: 12, dropped: 20 });
    const { code, stdout } = await late(file);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^TASKS CRITICAL - 4 tables without success for 10d00h: shop/);
    expect(stdout).toContain("(none in the journal)");
    expect(stdout).not.toContain("dropped");
    expect((await late(file, "--table", "orders")).stdout).toContain("shop.orders (12d00h ago)");
    expect(await late(file, "--table", "orders", "--critical", "1")).toMatchObject({ code: 0 });
    expect((await late(file, "--by", "keyspace")).stdout).toContain(
      "1 keyspace without success for 10d00h: shop (none in the journal)",
    );
  });

  test("is OK if each table had one", async () => {
    const file = await journal("fresh.ndjson", 30, { orders: 1 });
    expect(await late(file, "--table", "orders")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^TASKS OK - 0 tables without success for 10d00h \| 'not_succeeded'=0;;0;0; 'longest_ago'=86\d{3}(\.\d+)?s;;;0;\n$/,
      ),
    });
  });

  test("knows that an old success is too old, however new the journal", async () => {
    const file = await journal("young.ndjson", 11, { orders: 10.5 });
    expect(await late(file, "--table", "orders")).toMatchObject({ code: 2 });
  });
});

test("names from a server stay within the text of the line", async () => {
  const { mock, check } = await stage();
  for (const keyspace of ["a|'x'=1", "line\nTASKS OK", "\u001b[31m", "n".repeat(50_000)]) {
    mock.create({ ...COMPACTION, keyspace }).fail("disk full");
  }
  const { stdout, code } = await check(...FAILED);
  expect(code).toBe(2);
  expect(stdout).toContain("'failed'=4;;0;0;\n");
  expect(stdout.length).toBeLessThan(1200);
});

test("if a server does not say when a task failed, the state is unknown", async () => {
  const server = await scriptedServer({
    "/storage_service/scylla_release_version": jsonAnswer("2025.1.3"),
    "/task_manager/list_modules": jsonAnswer(["m"]),
    "/task_manager/list_module_tasks/m": jsonAnswer([{ task_id: "a", state: "failed" }]),
    "/task_manager/task_status/a": jsonAnswer({ message: "no", code: 500 }, 500),
  });
  ends.push(server.stop);
  expect(await runInProcess(["--url", server.url, "check", ...FAILED])).toEqual({
    code: 3,
    stdout: "TASKS UNKNOWN - end time of 1 task unknown; 0 tasks failed within 1h00m | 'failed'=0;;0;0;\n",
    stderr: "",
  });
});
