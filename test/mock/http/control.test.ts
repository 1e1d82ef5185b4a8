import { type IncomingMessage, request } from "node:http";
import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

async function control(cluster: MockCluster, request: string, body?: unknown) {
  const [method = "", path = ""] = request.split(" ");
  const response = await fetch(`${cluster.urls[0]}/_mock${path}`, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { "content-type": "application/json" },
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
  });
  const text = await response.text();
  return { status: response.status, value: text === "" ? undefined : JSON.parse(text) };
}

const repair = { module: "repair", type: "repair", scope: "keyspace" };

describe("the control routes", () => {
  it("are off unless asked for", async () => {
    const cluster = await serve();
    for (const path of ["/_mock", "/_mock/faults"]) {
      expect(await ask(cluster, `GET ${path}`)).toMatchObject({ status: 404 });
    }
  });

  it("tell what is played", async () => {
    const cluster = await serve({ controlApi: true, nodes: 2, clock: new ManualClock(), seed: 3 });
    expect(await control(cluster, "GET ")).toMatchObject({
      status: 200,
      value: {
        scenario: "idle",
        release: "2026.3",
        seed: 3,
        time: "2025-01-01T00:00:00.000Z",
        nodes: [{ address: "127.0.0.1", shards: 2, isUp: true }, { address: "127.0.0.2" }],
        faults: [],
      },
    });
  });

  it("add, count and remove faults, and are never faulty themselves", async () => {
    const cluster = await serve({ controlApi: true });
    expect(await control(cluster, "POST /faults", { status: 503 })).toEqual({ status: 200, value: 1 });
    expect(await control(cluster, "POST /faults", { path: "/x", isReset: true })).toEqual({ status: 200, value: 2 });
    expect(await ask(cluster, "GET /task_manager/ttl")).toMatchObject({ status: 503 });
    expect((await control(cluster, "GET /faults")).value).toEqual([
      { id: 1, fault: { status: 503 }, happened: 1 },
      { id: 2, fault: { path: "/x", isReset: true }, happened: 0 },
    ]);
    expect(await control(cluster, "DELETE /faults/1")).toEqual({ status: 200, value: undefined });
    expect(await ask(cluster, "GET /task_manager/ttl")).toMatchObject({ status: 200 });
    await control(cluster, "DELETE /faults");
    expect((await control(cluster, "GET /faults")).value).toEqual([]);
    expect(cluster.requests.map((request) => request.url)).toEqual(["/task_manager/ttl", "/task_manager/ttl"]);
  });

  it("refuse a fault whose content type would end its header", async () => {
    const cluster = await serve({ controlApi: true });
    const fault = { body: "x", contentType: "text/html\nx: y" };
    expect(await control(cluster, "POST /faults", fault)).toMatchObject({
      status: 400,
      value: { message: expect.stringContaining("contentType: ") },
    });
    expect(await ask(cluster, "GET /task_manager/ttl")).toMatchObject({ status: 200 });
  });

  it.each([
    [403, { host: "evil.example" }],
    [403, { host: "127.0.0.1.evil.example:10000" }],
    [403, { origin: "http://evil.example" }],
    [403, { origin: "null" }],
    [415, { "content-type": "text/plain" }],
    [415, { "content-type": "application/x-www-form-urlencoded" }],
    [200, { "content-type": "application/json; charset=utf-8", host: "localhost:10000" }],
    [200, { "content-type": "application/json", host: "mock:10000", origin: "http://mock:10000" }],
    [200, { "content-type": "application/json", host: "[::1]" }],
  ])("answer %i to a request with %j", async (status, headers) => {
    const cluster = await serve({ controlApi: true });
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const url = `${cluster.urls[0]}/_mock/faults`;
      const post = request(url, { method: "POST", headers }, resolve).on("error", reject);
      post.end(JSON.stringify({ status: 503 }));
    });
    answered.resume();
    expect(answered.statusCode).toBe(status);
    expect((await control(cluster, "GET /faults")).value).toHaveLength(status === 200 ? 1 : 0);
  });

  it("create a task for which an abort comes too late", async () => {
    const cluster = await serve({ controlApi: true });
    const late = { ...repair, isAbortable: true, isUserTask: true, ignoresAbort: true };
    const { value: id } = await control(cluster, "POST /tasks", late);
    expect(await ask(cluster, `POST /task_manager/abort_task/${id}`)).toMatchObject({ status: 200 });
    await control(cluster, `POST /tasks/${id}/finish`);
    expect(await valueFrom(cluster, `GET /task_manager/task_status/${id}`)).toMatchObject({ state: "done" });
  });

  it("drive tasks", async () => {
    const cluster = await serve({ controlApi: true, generation: "current", nodes: 2 });
    const { value: root } = await control(cluster, "POST /tasks", {
      ...repair,
      progressUnits: "ranges",
      isQueued: true,
      isUserTask: true,
    });
    const { value: child } = await control(cluster, "POST /tasks", {
      ...repair,
      scope: "shard",
      shard: 1,
      progressUnits: "ranges",
      parent: root,
    });
    const status = () => valueFrom<Record<string, unknown>>(cluster, `GET /task_manager/task_status/${root}`);
    expect(await status()).toMatchObject({ state: "created", children_ids: [{ task_id: child, node: "127.0.0.1" }] });
    await control(cluster, `POST /tasks/${root}/start`);
    await control(cluster, `POST /tasks/${child}/progress`, { completed: 3, total: 7 });
    expect(await status()).toMatchObject({ state: "running", progress_completed: 3, progress_total: 7 });
    await control(cluster, `POST /tasks/${root}/progress`, { expectedTotal: 20 });
    expect(await status()).toMatchObject({ progress_total: 20 });
    await control(cluster, `POST /tasks/${child}/finish`);
    await control(cluster, `POST /tasks/${root}/fail`, { error: "a replica\nis down" });
    expect(await status()).toMatchObject({ state: "failed", error: "a replica\nis down", progress_total: 7 });
    const split = { module: "tablets", type: "split", scope: "table", kind: "cluster" };
    const { value: other } = await control(cluster, "POST /tasks", split);
    const wait = valueFrom(cluster, `GET /task_manager/wait_task/${other}`, 1);
    while (!cluster.requests.some(({ url }) => url.includes("wait_task")))
      await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await control(cluster, `POST /tasks/${other}/suspend`);
    expect(await wait).toMatchObject({ state: "suspended" });
  });

  it("drop a table, and with it the work on its tablets", async () => {
    const cluster = await serve({ controlApi: true });
    const repair = {
      module: "tablets",
      type: "user_repair",
      scope: "table",
      kind: "cluster",
      keyspace: "shop",
      table: "orders",
    };
    const { value: id } = await control(cluster, "POST /tasks", repair);
    expect(await control(cluster, "DELETE /tables/shop/orders")).toEqual({ status: 200, value: undefined });
    expect(await valueFrom(cluster, `GET /task_manager/task_status/${id}`)).toMatchObject({
      state: "created",
      keyspace: "",
    });
    expect(JSON.stringify(await valueFrom(cluster, "GET /column_family/"))).not.toContain('"orders"');
    expect(await control(cluster, "DELETE /tables/shop/orders")).toMatchObject({ status: 400 });
  });

  it("take nodes down and bring them up", async () => {
    const cluster = await serve({ controlApi: true, nodes: 2 });
    expect(await control(cluster, "POST /nodes/1/down")).toEqual({ status: 200, value: undefined });
    await expect(ask(cluster, "GET /task_manager/ttl", 1)).rejects.toThrow();
    expect(await control(cluster, "POST /nodes/1/up")).toEqual({ status: 200, value: undefined });
    expect(await ask(cluster, "GET /task_manager/ttl", 1)).toMatchObject({ status: 200 });
    expect(await control(cluster, "POST /nodes/0/down")).toEqual({ status: 200, value: undefined });
    await expect(ask(cluster, "GET /task_manager/ttl", 0)).rejects.toThrow();
  });

  it.each(["manual", "system"])("advance the clock: %s clock", async (kind) => {
    const cluster = await serve({ controlApi: true, ...(kind === "manual" ? { clock: new ManualClock() } : {}) });
    const task = cluster.create({ ...repair, isUserTask: true });
    task.finish();
    await control(cluster, "POST /clock/advance", { seconds: 3_590 });
    expect(task.isRegistered).toBe(true);
    await control(cluster, "POST /clock/advance", { seconds: 10 });
    expect(task.isRegistered).toBe(false);
  });

  it.each([
    [
      "POST /faults",
      {},
      "body: needs one of latencyMs, status, message, body, isReset, isAnswerLost, truncatedAtBytes, task",
    ],
    ["POST /faults", { status: "x" }, 'status: expected number, not "x"'],
    ["POST /faults", "{", /JSON/],
    ["DELETE /faults/9", undefined, "fault with id 9 not found"],
    ["POST /nodes/7/down", undefined, "there is no node 7"],
    ["POST /nodes/x/up", undefined, "there is no node x"],
    ["POST /tasks", { module: "m", type: "t" }, "scope: is missing"],
    ["POST /tasks", { ...repair, colour: "red" }, "colour: unknown field"],
    ["POST /tasks", { ...repair, node: 5 }, "there is no node 5"],
    ["POST /tasks", { ...repair, shard: 2 }, "there is no shard 2"],
    [
      "POST /tasks",
      { ...repair, parent: "99999999-9999-4999-8999-999999999999" },
      "task with id 99999999-9999-4999-8999-999999999999 not found",
    ],
    ["POST /tasks/nonsense/finish", undefined, "task with id nonsense not found"],
    ["POST /clock/advance", { seconds: -1 }, "seconds: expected >=0, not -1"],
  ])("%s %j: 400, %s", async (request, body, message) => {
    const cluster = await serve({ controlApi: true });
    const answer = await control(cluster, request, body);
    expect(answer).toMatchObject({ status: 400, value: { code: 400 } });
    expect(answer.value.message).toMatch(message);
  });

  it("refuse an id that is taken, and bodies without effect", async () => {
    const cluster = await serve({ controlApi: true });
    const id = "aaaaaaaa-1111-4111-8111-111111111111";
    expect(await control(cluster, "POST /tasks", { ...repair, id: id.toUpperCase() })).toEqual({
      status: 200,
      value: id,
    });
    expect(await control(cluster, "POST /tasks", { ...repair, id })).toMatchObject({ status: 400 });
    expect(() => cluster.create({ ...repair, id })).toThrow(`task with id ${id} already exists`);
    expect(await control(cluster, `POST /tasks/${id}/fail`)).toMatchObject({
      status: 400,
      value: { message: "error: is missing" },
    });
  });
});
