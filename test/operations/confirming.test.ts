import { expect, test } from "vitest";
import type { MockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { startsOf, withMock } from "./stage.js";

const REMOVED = { nodes: 3, release: "2026.3" };

/** What a user at a terminal types, or nobody who has none. */
const start = (mock: MockCluster, args: readonly string[], input?: string) =>
  runInProcess(
    ["--url", mock.urls[0] as string, "start", ...args],
    {},
    input === undefined ? {} : { isTerminal: true, input },
  );

const hostIdOf = async (mock: MockCluster, address: string): Promise<string> => {
  const answer = await fetch(new URL("/storage_service/host_id", mock.urls[0]));
  const hosts = (await answer.json()) as { readonly key: string; readonly value: string }[];
  return hosts.find(({ key }) => key === address)?.value as string;
};

test("a dangerous operation starts when its address is typed", async () => {
  await withMock(async (mock) => {
    const run = await start(mock, ["rebuild"], "127.0.0.1\n");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain("node 127.0.0.1 will stream all of its data again. To confirm, type 127.0.0.1: ");
    expect(startsOf(mock)).toEqual(["POST /storage_service/rebuild"]);
  }, REMOVED);
});

test.each(["yes\n", "127.0.0.2\n", "\n", ""])("and not when %j is typed in its place", async (input) => {
  await withMock(async (mock) => {
    const run = await start(mock, ["rebuild"], input);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("the answer is not '127.0.0.1': nothing was started");
    expect(startsOf(mock)).toEqual([]);
  }, REMOVED);
});

test("a dead node is removed by its host id, and the question names its address", async () => {
  await withMock(async (mock) => {
    const hostId = await hostIdOf(mock, "127.0.0.3");
    await mock.takeDown(2);
    const asked = await start(mock, ["removenode", hostId]);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain(`node 127.0.0.3 (${hostId}) will be removed from the cluster for good`);
    expect(startsOf(mock)).toEqual([]);
    const run = await start(mock, ["removenode", hostId, "--yes"]);
    expect(run.code, run.stderr).toBe(0);
    expect(startsOf(mock)).toEqual([`POST /storage_service/remove_node?host_id=${hostId}`]);
  }, REMOVED);
});

test("a host id that no node has is refused", async () => {
  await withMock(async (mock) => {
    const run = await start(mock, ["removenode", "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f", "--yes"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("no node of the cluster has the host id 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f");
    expect(startsOf(mock)).toEqual([]);
  }, REMOVED);
});

test("a dry run over all nodes has a request for each of them", async () => {
  await withMock(async (mock) => {
    const run = await start(mock, ["cleanup", "shop", "--all-nodes", "--dry-run", "--json"]);
    expect(run.code, run.stderr).toBe(0);
    const request = { method: "POST", path: "/tasks/compaction/keyspace_cleanup/shop" };
    expect(JSON.parse(run.stdout)).toMatchObject([1, 2, 3].map((node) => ({ node: `127.0.0.${node}`, ...request })));
    expect(startsOf(mock)).toEqual([]);
  }, REMOVED);
});

test("a cleanup of the whole cluster is done when its call ends", async () => {
  await withMock(async (mock) => {
    const run = await start(mock, ["cleanup", "--global", "--wait"]);
    expect(run.code, run.stderr).toBe(0);
    expect(startsOf(mock)).toEqual(["POST /storage_service/cleanup_all/?global=true"]);
    const twice = await start(mock, ["cleanup", "--global", "--all-keyspaces", "--wait"]);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain("give either --all-keyspaces or --global, not both");
  }, REMOVED);
});

test("tables that were repaired recently are left out, and named", async () => {
  await withMock(
    async (mock) => {
      const repair = ["repair", "telemetry", "readings", "--wait", "-q"];
      await runInProcess(["--url", mock.urls[0] as string, "-a", "user-ttl", "--set", "3600000"]);
      expect(await start(mock, repair)).toMatchObject({ code: 0 });
      const before = startsOf(mock).length;
      const again = await start(mock, [...repair, "--skip-done-since", "1d"]);
      expect(again.stderr).toContain("telemetry.readings skipped: repaired recently");
      expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing to do: no table matches") });
      const json = await start(mock, [...repair.slice(0, -1), "--skip-done-since", "1d", "--json"]);
      expect([json.code, JSON.parse(json.stdout)]).toEqual([0, { task_id: null }]);
      expect(startsOf(mock)).toHaveLength(before);
    },
    { release: "2026.4" },
  );
});

test("if a server forgets repairs as they end, none is left out, and a message says so", async () => {
  await withMock(
    async (mock) => {
      const run = await start(mock, ["repair", "telemetry", "readings", "--wait", "-q", "--skip-done-since", "1d"]);
      expect(run.stderr).toContain("forgets tablet repairs when they end: --skip-done-since skips none");
      expect(startsOf(mock)).toHaveLength(1);
    },
    { release: "2025.2" },
  );
});
