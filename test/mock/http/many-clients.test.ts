import { Agent, get } from "node:http";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve } from "./served.js";

const WAITERS = 1_000;

function waitOn(cluster: MockCluster, id: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(`${cluster.urls[0]}/task_manager/wait_task/${id}?timeout=3600`, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
    }).on("error", reject);
  });
}

async function untilReceived(cluster: MockCluster, count: number): Promise<void> {
  while (cluster.requests.length < count) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

it("1,000 waiters on one task, with a ttl of 0, are all answered and leave nothing behind", async () => {
  const clock = new ManualClock();
  const cluster = await serve({ clock });
  const agent = new Agent({ keepAlive: false });
  const task = cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
  const waits = Array.from({ length: WAITERS }, () => waitOn(cluster, task.id, agent));
  await untilReceived(cluster, WAITERS);
  expect(clock.scheduledCount).toBe(WAITERS);
  task.fail("a replica is down");
  const answers = await Promise.all(waits);
  expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 200 });
  expect(JSON.parse(answers[0]?.text ?? "")).toMatchObject({
    id: task.id,
    state: "failed",
    error: "a replica is down",
  });
  expect(clock.scheduledCount).toBe(0);
  expect(await ask(cluster, `GET /task_manager/task_status/${task.id}`)).toMatchObject({ status: 400 });
});

it("1,000 waiters who go away leave nothing behind", async () => {
  const clock = new ManualClock();
  const cluster = await serve({ clock });
  const agent = new Agent({ keepAlive: false });
  const task = cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
  const waits = Array.from({ length: WAITERS }, () => waitOn(cluster, task.id, agent).catch(() => "gone"));
  await untilReceived(cluster, WAITERS);
  agent.destroy();
  expect(new Set(await Promise.all(waits))).toEqual(new Set(["gone"]));
  while (clock.scheduledCount > 0) await new Promise((resolve) => setImmediate(resolve));
});

it("waits that were sent ahead on one connection end with it", async () => {
  const clock = new ManualClock();
  const cluster = await serve({ clock });
  const task = cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
  const { hostname, port } = new URL(cluster.urls[0] ?? "");
  const socket = connect(Number(port), hostname);
  const request = `GET /task_manager/wait_task/${task.id}?timeout=3600 HTTP/1.1\r\nHost: mock\r\n\r\n`;
  socket.write(request.repeat(20));
  await untilReceived(cluster, 20);
  expect(clock.scheduledCount).toBe(20);
  socket.destroy();
  while (clock.scheduledCount > 0) await new Promise((resolve) => setImmediate(resolve));
});

it("1,000 nodes listen, at addresses that roll over", async () => {
  const cluster = await serve({ nodes: 1_000 });
  const hosts = cluster.urls.map((url) => new URL(url).hostname);
  expect([hosts[253], hosts[254], hosts[999]]).toEqual(["127.0.0.254", "127.0.1.1", "127.0.3.238"]);
  expect(new Set(hosts).size).toBe(1_000);
  expect(JSON.parse((await ask(cluster, "GET /gossiper/endpoint/live", 999)).text)).toHaveLength(1_000);
});
