import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;

let mock: MockCluster;
let port: string;
let id: string;
beforeAll(async () => {
  mock = await startMockCluster({ scenario: "idle", release: "2026.3", nodes: 2 });
  port = new URL(mock.urls[0] as string).port;
  const failed = mock.create({ ...COMPACTION, node: 1, isUserTask: true });
  failed.fail("disk full");
  id = failed.id;
});
afterAll(() => mock.stop());

const one = (...args: string[]) => runInProcess(["-h", "127.0.0.1", "-p", port, ...args]);
const all = (...args: string[]) => one("-a", ...args);

describe("every command, of one node and of all", () => {
  test("modules", async () => {
    expect((await one("modules")).stdout).toMatch(/^\w+\n(\w+\n)+$/);
    const { nodes, errors } = JSON.parse((await all("modules", "--json")).stdout);
    expect(errors).toEqual([]);
    expect(nodes).toContainEqual({ node: "127.0.0.2", module: "compaction" });
  });

  test.each(["ttl", "user-ttl"])("%s is shown, and set in silence", async (command) => {
    expect(await one(command, "--set", "3601")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await one(command)).stdout).toMatch(/^Current (user )?ttl: 3601\n$/);
    expect((await all(command, "--set", "3602", "-o", "csv")).stdout).toMatch(
      /\r\n127.0.0.1,3602\r\n127.0.0.2,3602\r\n$/,
    );
    expect((await all(command, "-o", "csv")).stdout).toMatch(/\r\n127.0.0.1,3602\r\n127.0.0.2,3602\r\n$/);
  });

  test("list, status, tree and explain", async () => {
    expect(await one("list", "compaction", "-o", "name")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await all("list", "compaction", "-o", "name")).toEqual({ code: 0, stdout: `${id}\n`, stderr: "" });
    expect(await all("list", "--all", "--fields", "node,module", "-o", "csv")).toMatchObject({
      stdout: "node,module\r\n127.0.0.2,compaction\r\n",
    });
    expect(await one("status", id)).toMatchObject({ code: 4, stdout: "" });
    for (const command of ["status", "tree", "explain"]) {
      expect(await all(command, id)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("disk full"),
        stderr: "",
      });
    }
    expect((await all("tree", "-o", "name")).stdout).toBe(`${id}\n`);
  });

  test("wait and abort by id and by what is wanted", async () => {
    expect(await all("wait", id, "-q")).toEqual({ code: 123, stdout: "", stderr: "" });
    expect(await all("wait", "--module", "compaction", "--state", "failed", "-q")).toMatchObject({ code: 123 });
    const running = mock.create({ ...COMPACTION, node: 1, isAbortable: true });
    expect(await all("abort", "--module", "compaction", "--yes", "--wait", "-o", "name")).toMatchObject({
      code: 0,
      stdout: `${running.id}\n`,
    });
    expect(running.state).toBe("failed");
  });

  test("start", async () => {
    expect(await one("start", "cleanup", "shop")).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/),
      stderr: "",
    });
  });

  test("version", async () => {
    const client = packageJson.version;
    expect(await one("version")).toEqual({ code: 0, stdout: `Client: ${client}\nServer: 2026.3.0-rc2\n`, stderr: "" });
    expect(JSON.parse((await one("version", "--json")).stdout)).toEqual({ client, server: "2026.3.0-rc2" });
    expect(await all("version", "-o", "csv")).toMatchObject({
      code: 0,
      stdout: "node,server\r\n127.0.0.1,2026.3.0-rc2\r\n127.0.0.2,2026.3.0-rc2\r\n",
    });
  });

  test("doctor", async () => {
    const run = await one("doctor", "--json");
    expect(JSON.parse(run.stdout)).toContainEqual(
      expect.objectContaining({ check: "node", detail: "127.0.0.2 answers" }),
    );
  });

  test("drain", async () => {
    expect(await all("drain", "--module", "compaction", "-o", "csv")).toMatchObject({
      code: 0,
      stdout: "node,drained\r\n127.0.0.1,compaction\r\n127.0.0.2,compaction\r\n",
    });
    expect(await one("drain")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await all("list", "compaction", "--state", "failed", "-o", "name")).toMatchObject({ stdout: "" });
    expect(await all("drain", "--module", "nonsense")).toMatchObject({ code: 4, stdout: "" });
  });
});

test("of very many nodes that are down a few are named, and the rest counted", async () => {
  const down = Array.from({ length: 100_000 }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
  const server = await scriptedServer({
    "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1"]),
    "/gossiper/endpoint/down/": jsonAnswer(down),
    "/task_manager/ttl": jsonAnswer(7),
  });
  try {
    const run = await runInProcess([
      ...["-a", "-h", "127.0.0.1", "-p", String(server.port)],
      ...["--node-url", `http://%h:${server.port}`, "ttl", "-o", "csv"],
    ]);
    expect(run).toMatchObject({ code: 3, stdout: "node,ttl\r\n127.0.0.1,7\r\n" });
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(11);
    expect(run.stderr).toContain("warning: no answer from 99990 more nodes\n");
  } finally {
    await server.stop();
  }
});
