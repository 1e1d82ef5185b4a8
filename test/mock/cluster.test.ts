import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { ManualClock, startMockCluster } from "../../src/mock/index.js";
import { ask, serve, valueFrom } from "./http/served.js";

describe("startMockCluster", () => {
  it("serves each node at its own address, on one port", async () => {
    const cluster = await serve({ nodes: 3 });
    const [first, second, third] = cluster.urls.map((url) => new URL(url));
    expect([first?.hostname, second?.hostname, third?.hostname]).toEqual(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    expect(new Set(cluster.urls.map((url) => new URL(url).port)).size).toBe(1);
    for (const node of [0, 1, 2])
      expect(await ask(cluster, "GET /task_manager/ttl", node)).toMatchObject({ status: 200 });
  });

  it.each([
    [{ nodes: 0 }, "invalid nodes '0': expected a whole number from 1 to 1000"],
    [{ port: 70_000 }, "invalid port '70000': expected a whole number from 0 to 65535"],
    [{ address: "localhost" }, "invalid address 'localhost': expected an IPv4 address"],
    [{ speed: 0 }, "invalid speed '0': expected a number above 0, up to 1000000"],
    [{ speed: 2, clock: new ManualClock() }, "give either speed or clock, not both: a clock has its own speed"],
    [{ generation: "next" as "seed" }, "invalid generation 'next': expected seed or current"],
    [{ generation: "seed" as const, release: "6.2" }, "give either release or generation, not both"],
    [
      { nodes: 3, address: "127.0.255.253" },
      "invalid address '127.0.255.253': expected one that 2 others follow in its",
    ],
    // An address for documentation, which no machine has.
    [{ address: "192.0.2.1", port: 1 }, "cannot listen on 192.0.2.1:1: the machine does not have this address"],
    [{ scenario: "nothing" }, /^unknown scenario 'nothing': expected one of default, idle/],
  ])("refuses %j", async (options, message) => {
    await expect(startMockCluster(options)).rejects.toThrow(message);
  });

  it("refuses a port that is in use, by its name", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await expect(startMockCluster({ port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is in use`);
    await new Promise((resolve) => other.close(resolve));
  });

  it("stops at once, though a client waits", async () => {
    const cluster = await startMockCluster({ scenario: "idle" });
    const task = cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
    const wait = ask(cluster, `GET /task_manager/wait_task/${task.id}`).catch((error: Error) => error.message);
    while (cluster.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([cluster.stop(), cluster.stop()]);
    expect(await wait).toBe("fetch failed");
  });
});

describe("a task driven by hand", () => {
  it("has a parent only where that is possible", async () => {
    const cluster = await serve({ nodes: 2 });
    const repair = { module: "repair", type: "repair", scope: "keyspace" } as const;
    const parent = cluster.create({ ...repair, node: 1 });
    const create = (more: object) => () => cluster.create({ ...repair, parent, ...more });
    expect(create({})().nodeAddress).toBe("127.0.0.2");
    expect(create({ node: 0 })).toThrow("the child of a node task lives on the node of its parent");
    expect(create({ kind: "cluster" })).toThrow("the parent of a cluster task is a cluster task");
    expect(create({ node: 2 })).toThrow("there is no node 2");
    await cluster.takeDown(1);
    expect(create({})).toThrow("the node at 127.0.0.2 is down");
  });

  it("is started, advanced and ended by the test", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    const task = cluster.create({
      module: "backups",
      type: "backup",
      scope: "node",
      progressUnits: "bytes",
      isUserTask: true,
      isQueued: true,
    });
    const status = () => valueFrom<Record<string, unknown>>(cluster, `GET /task_manager/task_status/${task.id}`);
    expect(await status()).toMatchObject({ state: "created" });
    task.start();
    task.reportProgress(10, 100);
    expect(await status()).toMatchObject({ state: "running", progress_completed: 10, progress_total: 100 });
    clock.advance(60_000);
    task.finish();
    expect(await status()).toMatchObject({ state: "done", end_time: "2025-01-01T00:01:00Z" });
    clock.advance(3_600_000);
    expect(await ask(cluster, `GET /task_manager/task_status/${task.id}`)).toMatchObject({ status: 400 });
  });
});
