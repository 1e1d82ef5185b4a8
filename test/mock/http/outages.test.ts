import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

const STATUS = "GET /task_manager/task_status";
const RPC_ERROR = '{"message": "seastar::rpc::closed_error (connection is closed)", "code": 500}';

async function serveThree(release = "latest") {
  const clock = new ManualClock();
  const cluster = await serve({ nodes: 3, clock, release });
  const root = cluster.create({ kind: "cluster", module: "node_ops", type: "rebuild", scope: "cluster" });
  const children = [0, 1, 2].map((node) =>
    cluster.create({ module: "node_ops", type: "rebuild: streaming", scope: "node", node, parent: root }),
  );
  return { clock, cluster, root, children };
}

const refusal = async (cluster: MockCluster, node: number): Promise<unknown> => {
  try {
    return (await ask(cluster, "GET /task_manager/ttl", node)).status;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return cause?.code;
  }
};

const gossip = (cluster: MockCluster, list: string, node = 0) =>
  valueFrom<string[]>(cluster, `GET /gossiper/endpoint/${list}/`, node);

describe("a node that is down", () => {
  it("refuses connections, and the others list it as down", async () => {
    const { cluster } = await serveThree();
    await ask(cluster, "GET /task_manager/ttl", 1);
    await cluster.takeDown(1);
    expect(await refusal(cluster, 1)).toBe("ECONNREFUSED");
    expect(await gossip(cluster, "down", 2)).toEqual(["127.0.0.2"]);
    expect(await gossip(cluster, "live", 2)).toEqual(["127.0.0.1", "127.0.0.3"]);
    expect(await valueFrom(cluster, "GET /storage_service/host_id")).toHaveLength(3);
  });

  it("cuts its connections: waits there get no answer", async () => {
    const { cluster, children } = await serveThree();
    const wait = ask(cluster, `GET /task_manager/wait_task/${children[1]?.id}`, 1).catch(() => "cut");
    while (cluster.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await cluster.takeDown(1);
    expect(await wait).toBe("cut");
  });

  it("makes the others answer 500 about cluster tasks for ten seconds, and about no other task, in 2025.3", async () => {
    const { clock, cluster, root, children } = await serveThree("2025.3");
    await cluster.takeDown(1);
    for (const call of ["task_status", "task_status_recursive", "wait_task"]) {
      expect(await ask(cluster, `GET /task_manager/${call}/${root.id}`)).toMatchObject({
        status: 500,
        text: RPC_ERROR,
      });
    }
    expect(await ask(cluster, `${STATUS}/${children[0]?.id}`)).toMatchObject({ status: 200 });
    expect(await valueFrom(cluster, "GET /task_manager/list_module_tasks/node_ops")).toMatchObject([
      {},
      { task_id: root.id },
    ]);
    clock.advance(9_999);
    expect((await ask(cluster, `${STATUS}/${root.id}`)).status).toBe(500);
    clock.advance(1);
    const status = await valueFrom<{ state: string; children_ids: { node: string }[] }>(
      cluster,
      `${STATUS}/${root.id}`,
    );
    expect(status.state).toBe("running");
    expect(status.children_ids.map((child) => child.node)).toEqual(["127.0.0.1", "127.0.0.3"]);
  });

  it.each([
    ["latest", 0, 200],
    ["2025.3", 9_999, 500],
    ["2025.3", 10_000, 200],
  ])(
    "in %s a wait elsewhere for a cluster task that ends %i ms later is answered with %i",
    async (release, ms, code) => {
      const { clock, cluster, root } = await serveThree(release);
      const wait = ask(cluster, `GET /task_manager/wait_task/${root.id}`);
      while (cluster.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      await cluster.takeDown(1);
      clock.advance(ms);
      root.finish();
      expect(await wait).toMatchObject(code === 500 ? { status: 500, text: RPC_ERROR } : { status: code });
    },
  );

  it("takes no tasks", async () => {
    const { cluster } = await serveThree();
    await cluster.takeDown(1);
    expect(() => cluster.create({ module: "repair", type: "repair", scope: "keyspace", node: 1 })).toThrow(
      "the node at 127.0.0.2 is down",
    );
    await expect(cluster.takeDown(7)).rejects.toThrow("there is no node 7");
  });
});

describe("a node that comes back", () => {
  it("listens on the same port, without its tasks, as it was configured", async () => {
    const { cluster, root, children } = await serveThree();
    await ask(cluster, "POST /task_manager/ttl?ttl=99", 1);
    cluster.create({ module: "repair", type: "repair", scope: "keyspace", node: 1 });
    await cluster.takeDown(1);
    await cluster.takeDown(1);
    await cluster.bringUp(1);
    await cluster.bringUp(1);
    expect(await ask(cluster, `${STATUS}/${children[1]?.id}`, 1)).toMatchObject({ status: 400 });
    expect(await valueFrom(cluster, "GET /task_manager/list_module_tasks/repair", 1)).toEqual([]);
    expect(await valueFrom(cluster, "GET /task_manager/ttl", 1)).toBe(0);
    expect(await ask(cluster, `${STATUS}/${root.id}`, 1)).toMatchObject({ status: 200 });
    expect(await gossip(cluster, "down")).toEqual([]);
    const fresh = cluster.create({ module: "repair", type: "repair", scope: "keyspace", node: 1 });
    expect(fresh.sequenceNumber).toBe(1);
  });

  it("may go down and come back many times, also before the last change is done", async () => {
    const { cluster } = await serveThree();
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? cluster.takeDown(2) : cluster.bringUp(2))));
    expect(await refusal(cluster, 2)).toBe(200);
    await cluster.takeDown(2);
    expect(await refusal(cluster, 2)).toBe("ECONNREFUSED");
  });

  it("leaves nothing scheduled of the tasks that it lost", async () => {
    const { clock, cluster } = await serveThree();
    for (let i = 0; i < 10; i++) {
      cluster.create({ module: "repair", type: "repair", scope: "keyspace", node: 1, isUserTask: true }).finish();
    }
    expect(clock.scheduledCount).toBe(10);
    await cluster.takeDown(1);
    expect(clock.scheduledCount).toBe(0);
  });
});

describe("the chaos scenario", () => {
  it("takes a node's port away for 20 seconds, by the clock alone", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ scenario: "chaos", clock });
    expect(await refusal(cluster, 1)).toBe(200);
    clock.advance(20_000);
    expect(await refusal(cluster, 1)).toBe("ECONNREFUSED");
    expect(await gossip(cluster, "down")).toEqual(["127.0.0.2"]);
    clock.advance(20_000);
    while ((await refusal(cluster, 1)) === "ECONNREFUSED") await new Promise((resolve) => setImmediate(resolve));
    expect(await gossip(cluster, "down", 1)).toEqual([]);
  });

  it("lets a proxy answer instead of the third node now and then", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ scenario: "chaos", clock });
    const statuses = async () => {
      const found = new Set<number>();
      for (let i = 0; i < 60; i++) {
        const answer = ask(cluster, "GET /task_manager/no_such_call", 2);
        // Some answers are slow, so the clock is advanced until they come.
        const ticking = setInterval(() => clock.advance(1_000), 1);
        const { status, text, contentType } = await answer;
        clearInterval(ticking);
        if (status === 502) expect([contentType, text.slice(0, 6)]).toEqual(["text/html", "<html>"]);
        found.add(status);
      }
      return found;
    };
    clock.advance(5_000);
    expect(await statuses()).toEqual(new Set([404, 502]));
  });
});
