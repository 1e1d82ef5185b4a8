import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

const UNKNOWN = "99999999-9999-4999-8999-999999999999";
const LIST = "GET /task_manager/list_module_tasks";
const WAIT = "GET /task_manager/wait_task";

const BAD_CAST =
  "boost::wrapexcept<boost::bad_lexical_cast> (bad lexical cast: source type value could not be interpreted as target)";
const sizeMismatch = (text: string) => `marshal_exception (marshaling error: UUID string size mismatch: '${text}')`;

const anyTask = { module: "repair", type: "repair", scope: "keyspace" };

/** Resolves when the mock has received this many requests, so that what the test does next happens after them. */
async function untilReceived(cluster: MockCluster, count: number): Promise<void> {
  while (cluster.requests.length < count) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

describe("errors have the server's status and body", () => {
  it.each([
    [`GET /task_manager/task_status/${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
    [`GET /task_manager/task_status_recursive/${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
    [`${WAIT}/${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
    [`POST /task_manager/abort_task/${UNKNOWN}`, 400, `task with id ${UNKNOWN} not found`],
    [`${LIST}/nothing`, 400, "std::runtime_error (module nothing not found)"],
    ["POST /task_manager/drain/nothing", 400, "std::runtime_error (module nothing not found)"],
    ["POST /task_manager/ttl", 400, "Missing mandatory parameter 'ttl'"],
    ["POST /task_manager/user_ttl?ttl=1", 400, "Missing mandatory parameter 'user_ttl'"],
    ["GET /task_manager/nothing", 404, "Not found"],
    ["DELETE /task_manager/ttl", 404, "Not found"],
    ["GET /%zz", 404, "Not found"],
    ["POST /task_manager_test/test_module", 404, "Not found"],
    ["POST /task_manager/ttl?ttl=", 400, "Missing mandatory parameter 'ttl'"],
    ["POST /task_manager/ttl?ttl=abc", 400, BAD_CAST],
    [`${LIST}/repair?internal=Maybe`, 400, "internal (maybe): type error - should be bool"],
    [`${WAIT}/${UNKNOWN}?timeout=abc`, 500, BAD_CAST],
    [`${WAIT}/${UNKNOWN}?timeout=0`, 408, "timedout"],
    [`${WAIT}/nonsense?timeout=abc`, 500, sizeMismatch("nonsense")],
    ["GET /task_manager/task_status/nonsense", 500, sizeMismatch("nonsense")],
    [`GET /task_manager/task_status/${UNKNOWN}0`, 500, sizeMismatch(`${UNKNOWN}0`)],
    [
      `GET /task_manager/task_status/G${UNKNOWN.slice(1)}`,
      500,
      `marshal_exception (marshaling error: invalid UUID: 'G${UNKNOWN.slice(1)}')`,
    ],
    [`POST /task_manager/abort_task/9999999999994999899999999999----9999`, 400, `task with id ${UNKNOWN} not found`],
  ])("%s: %i %s", async (request, code, message) => {
    const cluster = await serve({ generation: "current" });
    expect(await ask(cluster, request)).toEqual({
      status: code,
      contentType: "application/json",
      text: `{"message": ${JSON.stringify(message)}, "code": ${code}}`,
    });
  });

  it("403 for the abort of a task that is not abortable", async () => {
    const cluster = await serve();
    const task = cluster.create(anyTask);
    expect(await ask(cluster, `POST /task_manager/abort_task/${task.id}`)).toMatchObject({
      status: 403,
      text: `{"message": "task with id ${task.id} cannot be aborted", "code": 403}`,
    });
  });

  it("404 for drain on servers that have none", async () => {
    const cluster = await serve({ generation: "seed" });
    expect(await ask(cluster, "POST /task_manager/drain/repair")).toMatchObject({ status: 404 });
  });

  it.each(["4294967296", "-4294967296", "1.5", "abc", "%205", "5%20", "+5", "0x5", "%2B-5"])(
    "400 for a ttl of %s",
    async (ttl) => {
      const cluster = await serve();
      expect(await ask(cluster, `POST /task_manager/ttl?ttl=${ttl}`)).toMatchObject({ status: 400 });
      expect(await valueFrom(cluster, "GET /task_manager/ttl")).toBe(0);
    },
  );

  it("a ttl may have a sign", async () => {
    const cluster = await serve();
    const set = async (text: string) => {
      await valueFrom(cluster, `POST /task_manager/ttl?ttl=${text}`);
      return valueFrom(cluster, "GET /task_manager/ttl");
    };
    expect([await set("%2B5"), await set("007"), await set("-1"), await set("-2"), await set("-0")]).toEqual([
      5,
      7,
      2 ** 32 - 1,
      2 ** 32 - 2,
      0,
    ]);
  });
});

describe("requests", () => {
  it.each(["application/json", "nonsense", ""])(
    "may end in a slash, and carry a body of any kind: '%s'",
    async (type) => {
      const cluster = await serve();
      expect(await valueFrom(cluster, "GET /task_manager/list_modules/")).toContain("repair");
      const response = await fetch(`${cluster.urls[0]}/task_manager/ttl/?ttl=3`, {
        method: "POST",
        body: "not json",
        headers: { "content-type": type },
      });
      expect([response.status, await response.text()]).toEqual([200, "0"]);
    },
  );

  it("may write booleans in any way that the server accepts", async () => {
    const cluster = await serve();
    cluster.create({ ...anyTask, isStartedInternally: true });
    const countWith = async (internal: string) =>
      (await valueFrom<unknown[]>(cluster, `${LIST}/repair?internal=${internal}`)).length;
    expect(await Promise.all(["true", "True", "tRUE", "1"].map(countWith))).toEqual([1, 1, 1, 1]);
    expect(await Promise.all(["false", "False", "0", ""].map(countWith))).toEqual([0, 0, 0, 0]);
    expect(await ask(cluster, `${LIST}/repair?internal=yes`)).toMatchObject({ status: 400 });
    expect(await ask(cluster, `${LIST}/repair?nothing=yes`)).toMatchObject({ status: 200 });
  });

  it("are kept, so that tests can see what was sent", async () => {
    const cluster = await serve();
    await ask(cluster, `${LIST}/repair?internal=true`);
    expect(cluster.requests).toEqual([
      { method: "GET", url: "/task_manager/list_module_tasks/repair?internal=true", node: "127.0.0.1" },
    ]);
  });
});

describe("ttl and user_ttl", () => {
  it.each([
    ["ttl", 0],
    ["user_ttl", 3600],
  ])("setting %s answers the previous value", async (name, initial) => {
    const cluster = await serve();
    expect(await valueFrom(cluster, `GET /task_manager/${name}`)).toBe(initial);
    expect(await valueFrom(cluster, `POST /task_manager/${name}?${name}=4294967295`)).toBe(initial);
    expect(await valueFrom(cluster, `GET /task_manager/${name}`)).toBe(4294967295);
  });
});

describe("wait_task", () => {
  it("answers every waiter with the status once the task has ended, though it is gone by then", async () => {
    const cluster = await serve();
    const task = cluster.create(anyTask);
    const waits = Array.from({ length: 200 }, () => valueFrom(cluster, `${WAIT}/${task.id}`));
    await untilReceived(cluster, 200);
    task.fail("broken");
    const statuses = await Promise.all(waits);
    expect(statuses).toHaveLength(200);
    for (const status of statuses) expect(status).toMatchObject({ id: task.id, state: "failed", error: "broken" });
    expect(await ask(cluster, `${WAIT}/${task.id}`)).toMatchObject({ status: 400 });
  });

  it("answers 408 when the timeout runs out", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    const task = cluster.create(anyTask);
    const wait = ask(cluster, `${WAIT}/${task.id}?timeout=5`);
    await untilReceived(cluster, 1);
    clock.advance(5_000);
    expect(await wait).toMatchObject({ status: 408, text: '{"message": "timedout", "code": 408}' });
  });

  it.each([
    [2, [408, 408, 408, 408, 408]],
    [1, [408, 200, 408, 408, 408]],
  ])(
    "with a timeout of 0 is no look: on %i shards %j for running, finished, running and finished cluster, unknown",
    async (shards, statuses) => {
      const cluster = await serve({ release: "seed", shards });
      const [running, finished] = [1, 2].map(() => cluster.create({ ...anyTask, isUserTask: true }));
      const [clusterRunning, clusterFinished] = [1, 2].map(() => cluster.create({ ...anyTask, kind: "cluster" }));
      finished?.finish();
      clusterFinished?.finish();
      const answers = [running, finished, clusterRunning, clusterFinished, { id: UNKNOWN }].map(
        async (task) => (await ask(cluster, `${WAIT}/${task?.id}?timeout=0`)).status,
      );
      expect(await Promise.all(answers)).toEqual(statuses);
    },
  );

  it("keeps a finished task, also where a status destroys it", async () => {
    const cluster = await serve({ release: "seed" });
    const task = cluster.create({ ...anyTask, isUserTask: true });
    task.finish();
    expect(await valueFrom(cluster, `${WAIT}/${task.id}?timeout=1`)).toMatchObject({ state: "done" });
    expect(await valueFrom(cluster, `GET /task_manager/task_status/${task.id}`)).toMatchObject({ state: "done" });
    expect(await ask(cluster, `GET /task_manager/task_status/${task.id}`)).toMatchObject({ status: 400 });
  });

  it("leaves nothing behind when the client goes away", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    const task = cluster.create(anyTask);
    const request = httpRequest(`${cluster.urls[0]}/task_manager/wait_task/${task.id}?timeout=60`);
    request.on("error", () => {});
    request.end();
    await untilReceived(cluster, 1);
    expect(clock.scheduledCount).toBe(1);
    request.destroy();
    while (clock.scheduledCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("several nodes", () => {
  it("see the same cluster tasks, and each its own children of them", async () => {
    const cluster = await serve({ nodes: 2 });
    const root = cluster.create({ ...anyTask, kind: "cluster" });
    const child = cluster.create({ ...anyTask, node: 1, parent: root });
    const sizes = [0, 1].map(
      async (node) =>
        (await valueFrom<unknown[]>(cluster, `GET /task_manager/task_status_recursive/${root.id}`, node)).length,
    );
    expect(await Promise.all(sizes)).toEqual([1, 2]);
    expect(await ask(cluster, `GET /task_manager/task_status/${child.id}`, 0)).toMatchObject({ status: 400 });
    expect(await valueFrom(cluster, `GET /task_manager/task_status/${root.id}`, 0)).toMatchObject({
      children_ids: [{ task_id: child.id, node: "127.0.0.2" }],
    });
  });

  it("describe the cluster", async () => {
    const cluster = await serve({ nodes: 2 });
    expect(await valueFrom(cluster, "GET /gossiper/endpoint/live/")).toEqual(["127.0.0.1", "127.0.0.2"]);
    expect(await valueFrom(cluster, "GET /gossiper/endpoint/down/")).toEqual([]);
    const { text } = await ask(cluster, "GET /storage_service/host_id", 1);
    expect(text).toMatch(
      /^\[\{"key": "127\.0\.0\.1", "value": "[0-9a-f-]{36}"\},\{"key": "127\.0\.0\.2", "value": "[0-9a-f-]{36}"\}\]$/,
    );
    expect(await valueFrom(cluster, "GET /snitch/rack?host=127.0.0.2")).toBe("rack2");
    expect(await valueFrom(cluster, "GET /snitch/rack", 1)).toBe("rack2");
    expect(await valueFrom(cluster, "GET /snitch/datacenter/?host=", 1)).toBe("datacenter1");
    expect(await valueFrom(cluster, "GET /snitch/datacenter?host=10.9.8.7")).toBe("UNKNOWN_DC");
    expect(await valueFrom(cluster, "GET /snitch/rack?host=10.9.8.7")).toBe("UNKNOWN_RACK");
    expect(await ask(cluster, "GET /snitch/rack?host=here")).toMatchObject({ status: 500 });
    expect(await valueFrom(cluster, "GET /storage_service/cluster_name")).toBe("mock cluster");
    expect(await valueFrom(cluster, "GET /storage_service/keyspaces")).toContain("shop");
    expect(await valueFrom(cluster, "GET /column_family/")).toContainEqual({
      ks: "shop",
      cf: "orders",
      type: "ColumnFamilies",
    });
  });
});

describe("long answers", () => {
  it("a list and a tree of 20,000 tasks are complete, even if the tree folds while it is sent", async () => {
    const cluster = await serve();
    const root = cluster.create({ ...anyTask, isUserTask: true });
    const children = Array.from({ length: 20_000 }, () => cluster.create({ ...anyTask, parent: root }));
    const list = await valueFrom<unknown[]>(cluster, `${LIST}/repair?internal=true`);
    expect(list).toHaveLength(20_001);
    const response = await fetch(`${cluster.urls[0]}/task_manager/task_status_recursive/${root.id}`);
    for (const child of children) child.finish();
    root.finish();
    const statuses = (await response.json()) as { id: string }[];
    expect(new Set(statuses.map((status) => status.id)).size).toBe(20_001);
  });
});

describe("the tasks API", () => {
  it.each([
    ["POST", "keyspace_compaction", "major compaction"],
    ["POST", "keyspace_cleanup", "cleanup compaction"],
    ["POST", "keyspace_offstrategy_compaction", "offstrategy compaction"],
    ["GET", "keyspace_scrub", "scrub sstables compaction"],
    ["GET", "keyspace_upgrade_sstables", "upgrade sstables compaction"],
  ])("%s %s starts a tree of its type, which ends", async (method, path, type) => {
    const clock = new ManualClock();
    const cluster = await serve({ clock, generation: "current" });
    const id = await valueFrom<string>(cluster, `${method} /tasks/compaction/${path}/shop?cf=orders,customers`);
    clock.advance(2_000);
    const tree = await valueFrom<{ scope: string; type: string; table: string; progress_completed: number }[]>(
      cluster,
      `GET /task_manager/task_status_recursive/${id}`,
    );
    expect(new Set(tree.slice(0, 7).map((status) => status.type))).toEqual(new Set([type]));
    expect(tree.slice(0, 7).map((status) => status.scope)).toEqual([
      "keyspace",
      ...["shard", "shard"],
      ...["table", "table", "table", "table"],
    ]);
    expect(new Set(tree.map((status) => status.table))).toEqual(new Set(["", "orders", "customers"]));
    expect(tree[0]?.progress_completed).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(await valueFrom(cluster, `${WAIT}/${id}?timeout=1`)).toMatchObject({ state: "done", is_abortable: true });
  });

  it.each(["nothing", "shop?cf=nothing"])("answers 400 for %s", async (target) => {
    const cluster = await serve();
    expect(await ask(cluster, `POST /tasks/compaction/keyspace_cleanup/${target}`)).toMatchObject({ status: 400 });
  });
});
