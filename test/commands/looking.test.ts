import { afterAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

/** Three nodes of a release that keep what has ended. */
async function cluster(release: string): Promise<{ mock: MockCluster; all: (...args: string[]) => Promise<unknown> }> {
  const mock = await startMockCluster({ scenario: "idle", release, nodes: 3 });
  ends.push(() => mock.stop());
  const { port } = new URL(mock.urls[0] as string);
  const all = (...args: string[]) => runInProcess(["-a", "-h", "127.0.0.1", "-p", port, ...args]);
  await all("ttl", "--set", "3600");
  return { mock, all };
}

describe.each(["6.2", "seed", "2025.1", "2026.3"])("on %s, with -a", (release) => {
  test("a running task of the second node is found, and aborted there", async () => {
    const { mock, all } = await cluster(release);
    const { id } = mock.create({ ...COMPACTION, node: 1, isAbortable: true });
    expect(await all("status", id, "--json")).toMatchObject({ code: 0, stdout: expect.stringContaining("127.0.0.2") });
    expect(await all("explain", id)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Nothing failed so far"),
    });
    expect(await all("abort", id)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await all("wait", id, "--quiet")).toEqual({ code: 123, stdout: "", stderr: "" });
  });

  test("a finished task of the second node is found by all, and kept", async () => {
    const { mock, all } = await cluster(release);
    const task = mock.create({ ...COMPACTION, node: 1 });
    task.fail("disk full");
    mock.clearRequests();
    expect(await all("status", task.id, "-o", "csv", "--fields", "node,state")).toMatchObject({
      code: 0,
      stdout: "node,state\r\n127.0.0.2,failed\r\n",
      stderr: "",
    });
    expect(await all("explain", task.id)).toMatchObject({ code: 0, stdout: expect.stringContaining("disk full") });
    expect(await all("abort", task.id)).toMatchObject({ code: expect.any(Number) });
    expect(await all("wait", task.id, "--quiet")).toEqual({ code: 123, stdout: "", stderr: "" });
    expect(mock.requests.filter(({ url }) => url.endsWith("timeout=0"))).toEqual([]);
    expect(await all("list", "compaction", "-o", "name")).toMatchObject({ stdout: `${task.id}\n` });
  });
});

test("explain of a finished task on an older server says that its parts were not looked at", async () => {
  const { mock, all } = await cluster("seed");
  const root = mock.create({ ...COMPACTION, node: 1 });
  const child = mock.create({ ...COMPACTION, node: 1, scope: "table", parent: root });
  child.fail("disk full");
  root.fail("a part failed");
  const run = await all("explain", root.id);
  expect(run).toMatchObject({
    code: 3,
    stdout: expect.stringContaining("a part failed"),
    stderr: expect.stringContaining("warning: only the task itself was read"),
  });
  expect(await all("tree", root.id)).toMatchObject({ code: 0, stdout: expect.stringContaining("disk full") });
});
