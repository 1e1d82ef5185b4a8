import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManualClock, type MockCluster, startMockCluster, type Task } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectValid } from "../fixtures/schemas.js";

const clock = new ManualClock(Date.parse("2026-11-23T22:00:00Z"));
let mock: MockCluster;
let port: string;
let root: Task;

/** A repair on two nodes; of the second a shard fails after an hour. */
beforeAll(async () => {
  mock = await startMockCluster({ scenario: "idle", nodes: 2, shards: 4, clock });
  port = new URL(mock.urls[0] as string).port;
  await all("ttl", "--set", "864000");
  const repair = { module: "repair", type: "repair", keyspace: "shop" } as const;
  root = mock.create({
    ...repair,
    module: "tablets",
    type: "user_repair",
    kind: "cluster",
    scope: "table",
    table: "orders",
  });
  const [one, two] = [0, 1].map((node) => mock.create({ ...repair, scope: "keyspace", node, parent: root })) as [
    Task,
    Task,
  ];
  const shards = [0, 1].map((shard) => mock.create({ ...repair, scope: "shard", node: 1, shard, parent: two })) as [
    Task,
    Task,
  ];
  clock.advance(1_800_000);
  one.finish();
  shards[0].finish();
  clock.advance(1_800_000);
  shards[1].fail("disk full");
  two.fail("a part failed");
});
afterAll(() => mock.stop());

const all = (...args: string[]) => runInProcess(["-a", "-h", "127.0.0.1", "-p", port, ...args]);

describe("timeline", () => {
  test("a row for each node, in a pipe", async () => {
    const { stdout, code, stderr } = await all("timeline", root.id, "--no-header");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").map((line) => line.split(/ +/).slice(0, 6).join(" "))).toEqual([
      expect.stringMatching(/^cluster 1 0 2026-11-23T22:00:00Z/),
      "127.0.0.1 1 0 2026-11-23T22:00:00Z 2026-11-23T22:30:00Z 30m00s",
      "127.0.0.2 3 2 2026-11-23T22:00:00Z 2026-11-23T23:00:00Z 1h00m",
      "",
    ]);
  });

  test("in JSON as the schema has it, by whatever it is divided", async () => {
    for (const by of ["node", "shard", "table", "type", "task"]) {
      const run = await all("timeline", root.id, "--by", by, "--json");
      expect(run.code).toBe(0);
      const found = JSON.parse(run.stdout);
      expectValid("timeline", found);
      expect(found).toMatchObject({ id: root.id, by, errors: [] });
    }
    const one = await runInProcess(["-h", "127.0.0.1", "-p", port, "timeline", root.id, "--json"]);
    expectValid("timeline", JSON.parse(one.stdout));
  });

  test("of a task that is named by the beginning of its id, or on stdin", async () => {
    const short = await all("timeline", root.id.slice(0, 12), "--by", "task", "--fields", "id", "-o", "csv");
    expect(short.stdout).toMatch(`id\r\n${root.id}\r\n`);
    const read = await runInProcess(
      ["-a", "-h", "127.0.0.1", "-p", port, "timeline", "-", "--json"],
      {},
      { input: root.id },
    );
    expect(JSON.parse(read.stdout)).toMatchObject({ id: root.id });
  });

  test("looks, and destroys nothing", async () => {
    await all("timeline", root.id);
    expect(await all("timeline", root.id)).toMatchObject({ code: 0, stdout: expect.stringContaining("127.0.0.2") });
  });

  test("what cannot be is one clear message", async () => {
    expect(await all("timeline")).toMatchObject({ code: 1, stderr: expect.stringContaining("missing: id") });
    expect(await all("timeline", root.id, "--by", "rack")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("node"),
    });
    expect(await all("timeline", root.id, "--max-lanes", "0")).toMatchObject({ code: 1 });
    expect(await all("timeline", root.id, "--fields", "id")).toMatchObject({ code: 1, stdout: "" });
    expect(await all("timeline", "00000000-0000-4000-8000-000000000000")).toMatchObject({ code: 4, stdout: "" });
  });
});
