import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManualClock, type MockCluster, startMockCluster, type Task } from "../../src/mock/index.js";
import { ended, journalDirectory, journalOf, NODE, run, seen, started, status, taskId } from "../fixtures/journals.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const EPOCH = "1970-01-01T00:00:00Z";

describe("of a server", () => {
  const clock = new ManualClock(Date.parse("2026-11-23T22:00:00Z"));
  let mock: MockCluster;
  let port: string;
  let first: Task;
  let second: Task;

  /** Two repairs of a node; of the second one, shard 1 took half an hour longer. */
  beforeAll(async () => {
    mock = await startMockCluster({ scenario: "idle", nodes: 2, shards: 2, clock });
    port = new URL(mock.urls[0] as string).port;
    await all("ttl", "--set", "864000");
    first = repair(0);
    second = repair(1_800_000);
  });
  afterAll(() => mock.stop());

  function repair(moreMs: number): Task {
    const task = { module: "repair", type: "repair", keyspace: "shop" } as const;
    const root = mock.create({ ...task, scope: "keyspace", node: 1 });
    const [one, two] = [0, 1].map((shard) => mock.create({ ...task, scope: "shard", node: 1, shard, parent: root }));
    clock.advance(600_000);
    one?.finish();
    clock.advance(600_000 + moreMs);
    two?.finish();
    root.finish();
    return root;
  }

  const all = (...args: string[]) => runInProcess(["-a", "-h", "127.0.0.1", "-p", port, ...args]);
  /** The node that has the repairs, alone. */
  const other = (...args: string[]) => runInProcess(["--url", mock.urls[1] as string, ...args]);

  test("a row for each shard, and the sentence", async () => {
    const run = await all("compare", first.id, second.id, "--json");
    expect([run.code, run.stderr]).toEqual([0, ""]);
    const found = JSON.parse(run.stdout);
    expectValid("compare", found);
    expect(found).toMatchObject({
      by: "shard",
      summary: "The second took 30m00s longer: 50m00s, the first 20m00s. Shard 1 took 30m00s longer.",
      first: { id: first.id, duration_seconds: 1200 },
      second: { id: second.id, duration_seconds: 3000 },
      difference_seconds: 1800,
      errors: [],
    });
  });

  test("by whatever it is divided, of one node too, it is as the schema has it", async () => {
    for (const by of ["node", "shard", "table", "type"]) {
      const found = JSON.parse((await other("compare", first.id, second.id, "--by", by, "--json")).stdout);
      expectValid("compare", found);
      expect(found.by).toBe(by);
    }
  });

  test("ids may be short, come over stdin, and be the same", async () => {
    const ids = (stdout: string) => {
      const { first, second } = JSON.parse(stdout);
      return [first.id, second.id];
    };
    const [a, b] = [first.id, second.id];
    expect(ids((await all("compare", a.slice(0, 13), b.slice(0, 13), "--json")).stdout)).toEqual([a, b]);
    const at = ["-a", "-h", "127.0.0.1", "-p", port];
    const piped = await runInProcess([...at, "compare", "-", "--json"], {}, { input: `${a}\n${b}\n` });
    expect(ids(piped.stdout)).toEqual([a, b]);
    const same = JSON.parse((await all("compare", a, a.slice(0, 13), "--json")).stdout);
    expect(same).toMatchObject({ summary: expect.stringContaining("Both are the same task."), difference_seconds: 0 });
  });

  test("other numbers of ids, and words that are none, are refused", async () => {
    for (const args of [[], [first.id], [first.id, first.id, second.id]]) {
      expect(await all("compare", ...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`expected the ids of two tasks, got ${args.length}`),
      });
    }
    const single = await runInProcess(["-h", "127.0.0.1", "-p", port, "compare", "-"], {}, { input: first.id });
    expect(single).toMatchObject({ code: 1, stderr: expect.stringContaining("expected the ids of two tasks, got 1") });
    expect(await all("compare", first.id, "nonsense")).toMatchObject({ code: 1 });
    expect(await all("compare", first.id, second.id, "--by", "task")).toMatchObject({ code: 1 });
    expect(await all("compare", first.id, second.id, "--fields", "id")).toMatchObject({ code: 1, stdout: "" });
  });

  test("a task that the server has forgotten may be in a journal", async () => {
    const state = journalDirectory({});
    const env = { XDG_STATE_HOME: state };
    const ask = (id: string) => runInProcess(["-a", "-h", "127.0.0.1", "-p", port, "compare", first.id, id], env);
    const general = "Servers forget finished tasks. If they are in a journal of `tasks record`, give --from DIR";
    expect(await ask(UNKNOWN)).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining(general) });
    const journal = join(state, "scylla-tasks", "journal");
    mkdirSync(journal, { recursive: true });
    const hint = `They may be in the journal: --from ${journal}`;
    expect(await ask(UNKNOWN)).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining(hint) });
    expect(await ask("0000000")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(hint) });
  });
});

describe("of a journal", () => {
  const UNTIMED = status(3, { start_time: EPOCH });
  const journal = () =>
    journalOf([
      started(0),
      ...run(1, 0, 60),
      ...run(2, 100, 220, { progress_total: 300 }),
      seen(300, UNTIMED),
      ended(400, { ...UNTIMED, state: "done" }, { within_ms: 5000 }),
      seen(500, status(4, { start_time: "2026-11-20T10:08:20Z" })),
      { at: "2026-11-20T10:09:00.000Z", event: "task_gone", node: NODE, id: taskId(4), within_ms: 10_000 },
    ]);
  const json = async (...ids: number[]) => {
    const { code, stdout } = await runInProcess(["--from", journal(), "compare", ...ids.map(taskId), "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expectValid("compare", found);
    return found;
  };

  test("durations, amounts and rates", async () => {
    expect(await json(1, 2)).toMatchObject({
      summary: "The second took 1m00s longer: 2m00s, the first 1m00s. It did 200 ranges more.",
      first: { duration_seconds: 60, within_ms: 0, amount: 100, units: "ranges", rate_per_second: 1.667 },
      second: { duration_seconds: 120, amount: 300, rate_per_second: 2.5 },
      lanes: [{ node: NODE, difference_seconds: 60, within_ms: 0, first_amount: 100, second_amount: 300 }],
    });
  });

  test("times that were only seen are known within a span, also of one that is gone", async () => {
    expect(await json(1, 3)).toMatchObject({
      second: { duration_seconds: 100, within_ms: 15_000, start_time: "2026-11-20T10:05:00Z" },
      difference_seconds: 40,
      within_ms: 15_000,
      lanes: [{ difference_seconds: 40, within_ms: 15_000 }],
    });
    expect(await json(1, 4)).toMatchObject({
      summary: expect.stringContaining("The second is gone: its outcome is unknown."),
      second: { duration_seconds: 40, within_ms: 10_000, state: "gone" },
    });
  });

  test("a task that is in no journal is said, without a hint at one", async () => {
    const found = await runInProcess(["--from", journal(), "compare", taskId(1), UNKNOWN]);
    expect(found).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining(`has no task ${UNKNOWN}`) });
    expect(found.stderr).not.toContain("--from DIR");
  });
});
