import { describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import type { TaskManagerClient } from "../../src/client/task-manager.js";
import { startMockCluster } from "../../src/mock/index.js";
import { lookOf, looksAt } from "../../src/nodes/look.js";
import { COMPACTION } from "../fixtures/wait-servers.js";

async function onRelease<T>(
  release: string,
  body: (mock: Awaited<ReturnType<typeof startMockCluster>>, client: TaskManagerClient) => Promise<T>,
): Promise<T> {
  const mock = await startMockCluster({ scenario: "idle", release });
  const client = await connectOver(createHttpEngine, { url: mock.urls[0] as string });
  try {
    return await body(mock, client);
  } finally {
    await client.close();
    await mock.stop();
  }
}

describe.each(["6.2", "seed", "2025.1", "2026.3"])("a look on %s", (release) => {
  test("sees how far a task is and how it ended, and destroys nothing", () =>
    onRelease(release, async (mock, client) => {
      await client.setTtl(3600);
      const look = lookOf(client);
      const task = mock.create(COMPACTION);
      const child = mock.create({ ...COMPACTION, scope: "shard", parent: task });
      child.reportProgress(1, 4);
      expect(await look(task.id)).toMatchObject({ id: task.id, state: "running", progress_completed: 1 });
      expect(await look(child.id)).toMatchObject({ id: child.id, state: "running" });
      child.finish();
      task.fail("disk full");
      for (let count = 0; count < 3; count++) {
        expect(await look(task.id)).toMatchObject({ state: "failed", error: expect.stringContaining("disk full") });
      }
      expect(await look("00000000-0000-1000-8000-000000000000")).toBeUndefined();
      expect(await client.listModuleTasks("compaction")).toMatchObject([{ task_id: task.id, state: "failed" }]);
    }));
});

test("to find a task on an old release takes no more than a list: one that ends meanwhile is kept", () =>
  onRelease("seed", async (mock, client) => {
    const { id } = mock.create(COMPACTION);
    mock.clearRequests();
    await looksAt(client).find(id);
    expect(mock.requests.filter(({ url }) => /task_status|wait_task/.test(url))).toEqual([]);
    await expect(looksAt(client).find("00000000-0000-1000-8000-000000000000")).rejects.toMatchObject({ status: 400 });
  }));

test("a look asks for the release once, and from 2025.1 on for nothing but the status", () =>
  onRelease("2025.1", async (mock, client) => {
    const look = lookOf(client);
    const { id } = mock.create(COMPACTION);
    await look(id);
    await look(id);
    expect(mock.requests.map(({ url }) => url)).toEqual([
      "/storage_service/scylla_release_version",
      `/task_manager/task_status/${id}`,
      `/task_manager/task_status/${id}`,
    ]);
  }));

test("a server that does not say its release is looked at with care", () =>
  onRelease("seed", async (mock, client) => {
    mock.addFault({ path: "/storage_service/scylla_release_version", status: 404 });
    const look = lookOf(client);
    const task = mock.create({ ...COMPACTION, isUserTask: true });
    task.finish();
    expect(await look(task.id)).toMatchObject({ state: "done" });
    expect(await look(task.id)).toMatchObject({ state: "done" });
    expect(mock.requests.some(({ url }) => url.includes("task_status"))).toBe(false);
  }));

test("where nothing is listed a wait of a second tells what is known, and destroys nothing", () =>
  onRelease("seed", async (mock, client) => {
    mock.addFault({ path: "/task_manager/list_modules", status: 404 });
    await client.setTtl(3600);
    const looks = looksAt(client);
    const [running, ended] = [mock.create(COMPACTION), mock.create(COMPACTION)];
    ended.fail("disk full");
    for (let count = 0; count < 2; count++) {
      expect(await looks.status(ended.id)).toMatchObject({ state: "failed" });
      await looks.find(ended.id);
    }
    const [status] = await Promise.all([looks.status(running.id), looks.find(running.id)]);
    expect(status).toMatchObject({ state: "running" });
    await expect(looks.find("00000000-0000-1000-8000-000000000000")).rejects.toMatchObject({ status: 400 });
  }));
