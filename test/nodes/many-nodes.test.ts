import { afterEach, describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import { type MockCluster, type MockClusterOptions, startMockCluster } from "../../src/mock/index.js";
import { discoverNodes } from "../../src/nodes/discovery.js";
import { ManyNodes } from "../../src/nodes/many-nodes.js";
import { NodePool } from "../../src/nodes/node-pool.js";
import { type Answer, jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** However busy the machine is, a node that answers does so in this time. */
const PATIENT_MS = 60_000;

/** What is waited for the nodes that are known to hang, by their URL: no other answer has to come within so short a time. */
const hanging = new Map<string, number>();

async function hangingNode(answer: Answer = () => {}, limitMs = 300): Promise<ScriptedServer> {
  const server = await scriptedServer(answer);
  ends.push(server.stop);
  hanging.set(server.url, limitMs);
  return server;
}

/** A mock cluster with nothing on it, and all its nodes; `elsewhere` sends an address to another URL. */
async function nodesOf(
  options: MockClusterOptions,
  elsewhere: Readonly<Record<string, string>> = {},
  concurrency = 32,
): Promise<{ mock: MockCluster; nodes: ManyNodes; pool: NodePool }> {
  const mock = await startMockCluster({ scenario: "idle", generation: "current", ...options });
  ends.push(() => mock.stop());
  const contact = await connectOver(createHttpEngine, { url: mock.urls[0] as string });
  ends.push(() => contact.close());
  const pool = new NodePool({
    nodes: await discoverNodes(contact),
    discover: () => discoverNodes(contact),
    open: (address) =>
      connectOver(createHttpEngine, {
        url: elsewhere[address] ?? `http://${address}:${new URL(mock.urls[0] as string).port}`,
        deadlineMs: hanging.get(elsewhere[address] ?? ""),
      }),
    mapped: new Set(Object.keys(elsewhere)),
    maxTasks: 1000,
    concurrency,
    nodeTimeoutMs: PATIENT_MS,
  });
  ends.push(() => pool.close());
  mock.clearRequests();
  return { mock, nodes: new ManyNodes(contact, pool), pool };
}

/** A URL that refuses connections. */
async function closedUrl(): Promise<string> {
  const server = await scriptedServer({});
  await server.stop();
  return server.url;
}

const notFound = (id: string) => jsonAnswer({ message: `task with id ${id} not found`, code: 400 }, 400);
const cluster = (id: string, ...children: [task_id: string, node: string][]) => ({
  id,
  kind: "cluster",
  children_ids: children.map(([task_id, node]) => ({ task_id, node })),
});
const onNode = (id: string, parent_id: string) => ({ id, kind: "node", parent_id });

/** Two nodes that answer for the trees of tasks by this script, and nodes that are these two. */
async function twoNodes(...scripts: [Record<string, unknown>, Record<string, unknown>]) {
  const servers = await Promise.all(
    scripts.map((trees) =>
      scriptedServer((request, response) => {
        const id = request.url?.split("/").at(-1) ?? "";
        (id in trees ? jsonAnswer(trees[id]) : notFound(id))(request, response);
      }),
    ),
  );
  ends.push(...servers.map(({ stop }) => stop));
  const addresses = ["127.0.0.1", "127.0.0.2"];
  const urls = new Map(addresses.map((address, index) => [address, servers[index]?.url as string]));
  const contact = await connectOver(createHttpEngine, { url: servers[0]?.url as string });
  const pool = new NodePool({
    nodes: addresses.map((address) => ({ address, live: true })),
    open: (address) => connectOver(createHttpEngine, { url: urls.get(address) as string }),
    maxTasks: 100,
    concurrency: 4,
    nodeTimeoutMs: PATIENT_MS,
  });
  ends.push(
    () => contact.close(),
    () => pool.close(),
  );
  return { servers, nodes: new ManyNodes(contact, pool) };
}

const treeOf = (nodes: ManyNodes, id: string) => all(nodes.tree(id));

/** The host on which a task is found; `undefined` where it is not. */
async function hostOf(nodes: ManyNodes, id: string): Promise<string | undefined> {
  const [task] = await nodes.locate([id]);
  return task?.reached ? new URL(task.client.origin).hostname : undefined;
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

const REPAIR = { module: "repair", type: "repair", scope: "keyspace", keyspace: "shop" } as const;
const USER_REPAIR = { module: "tablets", type: "user_repair", scope: "table", kind: "cluster" } as const;

describe("discoverNodes", () => {
  test("orders the nodes by address as numbers, and says which are down", async () => {
    const server = await scriptedServer({
      "/gossiper/endpoint/live/": jsonAnswer(["10.0.0.10", "10.0.0.9"]),
      "/gossiper/endpoint/down/": jsonAnswer(["10.0.0.2"]),
    });
    const contact = await connectOver(createHttpEngine, { url: server.url });
    ends.push(server.stop, () => contact.close());
    expect(await discoverNodes(contact)).toEqual([
      { address: "10.0.0.2", live: false },
      { address: "10.0.0.9", live: true },
      { address: "10.0.0.10", live: true },
    ]);
  });
});

describe("discoverNodes, where nobody is alive", () => {
  test("takes it for no answer: not even the asked node would be in the picture", async () => {
    const server = await scriptedServer({
      "/gossiper/endpoint/live/": jsonAnswer([]),
      "/gossiper/endpoint/down/": jsonAnswer([]),
    });
    const contact = await connectOver(createHttpEngine, { url: server.url });
    ends.push(server.stop, () => contact.close());
    await expect(discoverNodes(contact)).rejects.toThrow("it reports no live node, not even itself");
  });
});

describe("tasks", () => {
  test("lists node after node, with a cluster task once", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 3 });
    const shared = mock.create({ ...USER_REPAIR, id: "00000000-0000-4000-8000-000000000001" });
    for (const node of [2, 0, 1]) mock.create({ module: "tablets", type: "repair", scope: "keyspace", node });
    const rows = await all(nodes.tasks({ module: "tablets" }));
    expect(rows.map(({ node }) => node)).toEqual([null, "127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    expect(rows.filter(({ task_id }) => task_id === shared.id)).toHaveLength(1);
    expect(mock.requests.map(({ node }) => node).sort()).toEqual(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    expect(nodes.unanswered).toEqual([]);
  });

  test("gives the rows of the others where nodes are down, refuse, never end or answer garbage", async () => {
    const half = await hangingNode((_request, response) => {
      response.write("[");
    });
    const garbage = await scriptedServer((_request, response) => {
      response.end("\u0000\u001b[2J");
    });
    ends.push(garbage.stop);
    const { mock, nodes } = await nodesOf(
      { nodes: 4 },
      { "127.0.0.2": await closedUrl(), "127.0.0.3": half.url, "127.0.0.4": garbage.url },
    );
    mock.create(REPAIR);
    const rows = await all(nodes.tasks({ module: "repair" }));
    expect(rows.map(({ node, keyspace }) => ({ node, keyspace }))).toEqual([{ node: "127.0.0.1", keyspace: "shop" }]);
    expect(nodes.unanswered).toEqual([
      { node: "127.0.0.2", reason: expect.stringContaining("refused") },
      { node: "127.0.0.3", reason: expect.stringContaining("within 0.3 s") },
      { node: "127.0.0.4", reason: expect.stringContaining("unreadable answer") },
    ]);
  });

  test("asks a node that let its time run out no second time, until the report is a new one", async () => {
    const silent = await hangingNode();
    const { nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.2": silent.url });
    for (const module of ["repair", "tablets"]) await all(nodes.tasks({ module }));
    expect(silent.requests).toEqual(["GET /task_manager/list_module_tasks/repair"]);
    await nodes.startRound();
    expect(nodes.unanswered).toEqual([]);
    await all(nodes.tasks({ module: "repair" }));
    expect(silent.requests).toHaveLength(2);
    expect(nodes.unanswered).toHaveLength(1);
  });

  test("finds a node that was down in the report before, once it is back, and misses one that has gone", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 3 });
    const silent = async () => {
      await nodes.startRound();
      await all(nodes.tasks({ module: "repair" }));
      return nodes.unanswered.map(({ node }) => node);
    };
    expect(await silent()).toEqual([]);
    await mock.takeDown(1);
    expect(await silent()).toEqual(["127.0.0.2"]);
    await mock.bringUp(1);
    await mock.takeDown(2);
    expect(await silent()).toEqual(["127.0.0.3"]);
    expect(nodes.unanswered[0]?.reason).toContain("reports it as down");
    // Nor is a node taken for down that has come back while the one that tells of the others is away.
    await mock.takeDown(0);
    await mock.bringUp(2);
    expect(await silent()).toEqual(["127.0.0.1"]);
  });

  test("throws the refusal where no node knows the module", async () => {
    const { nodes } = await nodesOf({ nodes: 2 });
    await expect(all(nodes.tasks({ module: "nonsense" }))).rejects.toThrow("module nonsense not found");
  });

  test("reads no more tasks than it may", async () => {
    const many = Array.from({ length: 600 }, (_, index) => ({ task_id: `task-${index}`, kind: "node" }));
    const server = await scriptedServer(jsonAnswer(many));
    ends.push(server.stop);
    const { nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.1": server.url, "127.0.0.2": server.url });
    expect(await all(nodes.tasks({ module: "repair" }))).toHaveLength(1000);
    expect([...nodes.leftOut]).toEqual(["only 1000 tasks were read: raise the limit with --max-tasks"]);
  });

  test("merges what nodes with different user_ttl list", async () => {
    const listing = (...ids: string[]) =>
      scriptedServer(jsonAnswer(ids.map((task_id) => ({ task_id, kind: "cluster", state: "done" }))));
    const [short, long] = await Promise.all([listing("b"), listing("a", "b")]);
    ends.push(short.stop, long.stop);
    const { nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.1": short.url, "127.0.0.2": long.url });
    expect((await all(nodes.tasks({ module: "node_ops" }))).map(({ task_id }) => task_id)).toEqual(["b", "a"]);
  });

  test("asks no more nodes at once than it may", async () => {
    let open = 0;
    let most = 0;
    const slow = await scriptedServer((request, response) => {
      open++;
      most = Math.max(most, open);
      setImmediate(() => {
        open--;
        jsonAnswer([])(request, response);
      });
    });
    ends.push(slow.stop);
    const addresses = Array.from({ length: 20 }, (_, index) => `127.0.0.${index + 1}`);
    const { nodes } = await nodesOf(
      { nodes: 20 },
      Object.fromEntries(addresses.map((address) => [address, slow.url])),
      3,
    );
    await Promise.all([1, 2].map(() => all(nodes.tasks({ module: "repair" }))));
    expect(slow.requests).toHaveLength(40);
    expect(most).toBeLessThanOrEqual(3);
  });
});

describe("a task somewhere in the cluster", () => {
  test("is found on the node that has it", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 3 });
    const task = mock.create({ ...REPAIR, node: 2 });
    expect(await nodes.status(task.id)).toMatchObject({ node: "127.0.0.3", id: task.id });
    expect(await hostOf(nodes, task.id)).toBe("127.0.0.3");
  });

  test("is asked of no further node once it is found", async () => {
    const silent = await hangingNode();
    const elsewhere = Object.fromEntries([2, 3, 4].map((node) => [`127.0.0.${node}`, silent.url]));
    const { mock, nodes } = await nodesOf({ nodes: 4 }, elsewhere, 2);
    const task = mock.create(REPAIR);
    for (const _ of [1, 2, 3]) await hostOf(nodes, task.id);
    expect(silent.requests.length).toBeLessThanOrEqual(3);
    expect(nodes.unanswered).toEqual([]);
  });

  test("is located on a seed-generation server without being destroyed", async () => {
    const { mock, nodes, pool } = await nodesOf({ nodes: 2, generation: "seed" });
    const client = await pool.client("127.0.0.2");
    await client.setTtl(600);
    const task = mock.create({ ...REPAIR, node: 1 });
    task.finish();
    expect(await hostOf(nodes, task.id)).toBe("127.0.0.2");
    expect(await nodes.status(task.id)).toMatchObject({ state: "done" });
  });

  test("that no live node knows is the node's own refusal", async () => {
    const { nodes } = await nodesOf({ nodes: 2 });
    expect(await hostOf(nodes, "00000000-0000-4000-8000-00000000000f")).toBeUndefined();
    await expect(nodes.status("00000000-0000-4000-8000-00000000000f")).rejects.toMatchObject({
      status: 400,
    });
    await expect(treeOf(nodes, "00000000-0000-4000-8000-00000000000f")).rejects.toMatchObject({ status: 400 });
  });
});

describe("tree", () => {
  test("joins the children on all nodes and their subtrees into one tree, with a request a node", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 3 });
    const root = mock.create(USER_REPAIR);
    const children = [0, 1, 2].map((node) => mock.create({ ...REPAIR, node, parent: root }));
    const grandchild = mock.create({ ...REPAIR, scope: "shard", node: 2, parent: children[2] });
    const tree = await treeOf(nodes, root.id);
    expect(tree.map(({ id, node }) => [id, node])).toEqual([
      [root.id, null],
      [children[0]?.id, "127.0.0.1"],
      [children[1]?.id, "127.0.0.2"],
      [children[2]?.id, "127.0.0.3"],
      [grandchild.id, "127.0.0.3"],
    ]);
    expect(mock.requests).toHaveLength(3);
  });

  test("a child on a node that does not answer stands there as unreachable", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.2": await closedUrl() });
    const root = mock.create(USER_REPAIR);
    const child = mock.create({ ...REPAIR, node: 1, parent: root });
    const tree = await treeOf(nodes, root.id);
    expect(tree[1]).toEqual({
      node: "127.0.0.2",
      id: child.id,
      state: "unreachable",
      parent_id: root.id,
      children_ids: [],
    });
    expect(nodes.unanswered.map(({ node }) => node)).toEqual(["127.0.0.2"]);
  });

  test("a child that its node no longer knows stands there as gone", async () => {
    const status = {
      id: "a",
      kind: "cluster",
      children_ids: [
        { task_id: "b", node: "127.0.0.1" },
        { task_id: "c", node: "10.9.9.9" },
      ],
    };
    const server = await scriptedServer({
      "/task_manager/task_status_recursive/a": jsonAnswer([status]),
      "/task_manager/task_status_recursive/b": notFound("b"),
      "/task_manager/task_status_recursive/c": notFound("c"),
    });
    ends.push(server.stop);
    const { nodes } = await nodesOf({ nodes: 1 }, { "127.0.0.1": server.url, "10.9.9.9": server.url });
    const tree = await treeOf(nodes, "a");
    expect(tree.slice(1)).toEqual([
      { node: "127.0.0.1", id: "b", state: "gone", parent_id: "a", children_ids: [] },
      { node: "10.9.9.9", id: "c", state: "gone", parent_id: "a", children_ids: [] },
    ]);
    expect(server.requests).toHaveLength(3);
    expect(nodes.unanswered).toEqual([]);
  });

  test("has child tasks of the cluster, with their parts on all nodes, each once", async () => {
    const child = cluster("child", ["a", "127.0.0.1"], ["b", "127.0.0.2"]);
    const { nodes } = await twoNodes(
      { root: [cluster("root", ["child", "127.0.0.1"])], child: [child, onNode("a", "child")] },
      { root: [cluster("root", ["child", "127.0.0.1"])], child: [child, onNode("b", "child")] },
    );
    expect((await treeOf(nodes, "root")).map(({ id, node }) => `${id} ${node}`)).toEqual([
      "root null",
      "child null",
      "a 127.0.0.1",
      "b 127.0.0.2",
    ]);
    expect(nodes.unanswered).toEqual([]);
  });

  test("looks on all nodes for a child whose node has no known address, and asks nobody at an unknown one", async () => {
    const root = cluster("root", ["child", "0.0.0.0"], ["lost", "0.0.0.0"], ["far", "10.9.9.9"]);
    const { nodes } = await twoNodes({ root: [root] }, { root: [root], child: [cluster("child")] });
    expect((await treeOf(nodes, "root")).map(({ id, node, state }) => [id, node, state])).toEqual([
      ["root", null, undefined],
      ["child", null, undefined],
      ["lost", null, "unreachable"],
      ["far", "10.9.9.9", "unreachable"],
    ]);
    expect(nodes.unanswered).toEqual([{ node: "10.9.9.9", reason: "it is not a known node: add it with --node-map" }]);
  });

  test("ends where two nodes name ever new children on each other", async () => {
    let count = 0;
    const addresses = ["127.0.0.1", "127.0.0.2"];
    const naming = addresses.map((_, index) =>
      scriptedServer((request, response) => {
        const id = request.url?.split("/").at(-1) ?? "";
        const next = { task_id: `t${++count}`, node: addresses[1 - index] as string };
        jsonAnswer([{ id, kind: "node", children_ids: [next] }])(request, response);
      }),
    );
    const servers = await Promise.all(naming);
    ends.push(...servers.map(({ stop }) => stop));
    const { nodes } = await nodesOf(
      { nodes: 2 },
      { "127.0.0.1": servers[0]?.url as string, "127.0.0.2": servers[1]?.url as string },
    );
    expect((await treeOf(nodes, "t0")).length).toBeLessThan(200);
    expect([...nodes.leftOut]).toEqual([expect.stringContaining("more than 100 times")]);
  });

  test("ends at the most tasks that may be read, for whoever explains it too", async () => {
    let count = 0;
    const server = await scriptedServer((request, response) => {
      const [, , call, id = ""] = (request.url ?? "").split("/");
      const on = (node: number) => ({ task_id: `${node}-${++count}`, node: `127.0.0.${node}` });
      // Each is on the other node than its parent; whichever node is found to have the root, some are on the other.
      const children_ids = [id.startsWith("1") ? on(2) : on(1), id.startsWith("2") ? on(1) : on(2)];
      const status = { id, kind: "node", state: "failed", children_ids };
      if (call?.startsWith("scylla_release")) return jsonAnswer("2026.1.0")(request, response);
      jsonAnswer(call === "task_status" ? status : [status])(request, response);
    });
    ends.push(server.stop);
    for (const read of [treeOf, (nodes: ManyNodes, id: string) => nodes.lookAtTree(id)]) {
      const both = { "127.0.0.1": server.url, "127.0.0.2": server.url };
      const { nodes } = await nodesOf({ nodes: 2 }, both);
      server.requests.length = 0;
      await read(nodes, "t0");
      expect(server.requests.length).toBeLessThan(1100);
      expect([...nodes.leftOut]).toEqual(["only 1000 tasks were read: raise the limit with --max-tasks"]);
    }
  });

  test("of all tasks shows what is a child of another once, and no failing task keeps the others", async () => {
    const { mock, nodes } = await nodesOf({ nodes: 2 });
    const root = mock.create(USER_REPAIR);
    const children = [0, 1].map((node) => mock.create({ ...REPAIR, module: "tablets", node, parent: root }));
    const alone = mock.create({ ...REPAIR, node: 1 });
    const broken = mock.create(USER_REPAIR);
    mock.addFault({
      path: `/task_manager/task_status_recursive/${broken.id}`,
      status: 500,
      message: "seastar::rpc::closed_error (connection is closed)",
    });
    const ids = (await all(nodes.trees(undefined))).map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(new Set(ids)).toEqual(new Set([root, ...children, alone, broken].map(({ id }) => id)));
    expect(nodes.unanswered.map(({ reason }) => reason)).toEqual(
      [1, 2].map(() => expect.stringContaining("closed_error")),
    );
  });

  test("of many tasks takes the time of the slowest node once", async () => {
    // It answers once all three have asked.
    const held: (() => void)[] = [];
    const slow = await scriptedServer((request, response) => {
      if (request.url?.includes("list_module_tasks")) return jsonAnswer([])(request, response);
      held.push(() => jsonAnswer({ message: "task with id x not found", code: 400 }, 400)(request, response));
      if (held.length === 3) for (const answer of held) answer();
    });
    ends.push(slow.stop);
    const { mock, nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.2": slow.url });
    for (const _ of [1, 2, 3]) mock.create(USER_REPAIR);
    expect(await all(nodes.trees(undefined))).toHaveLength(3);
    expect(nodes.unanswered).toEqual([]);
  });

  test("of many tasks of a node that does not answer takes its time limit once", async () => {
    const tasks = Array.from({ length: 20 }, (_, index) => ({ task_id: `task-${index}`, kind: "node" }));
    const answer: Answer = (request, response) => {
      if (!request.url?.includes("list_module_tasks")) return;
      jsonAnswer(request.url.endsWith("/repair") ? tasks : [])(request, response);
    };
    const half = await hangingNode(answer, 2000);
    const { nodes } = await nodesOf({ nodes: 2 }, { "127.0.0.2": half.url }, 2);
    expect(await all(nodes.trees(undefined))).toEqual([]);
    expect(half.requests.filter((line) => line.includes("recursive"))).toHaveLength(2);
    expect(nodes.unanswered).toHaveLength(1);
  });

  test("does not invent what a finished node task has folded away", async () => {
    const { mock, nodes, pool } = await nodesOf({ nodes: 2 });
    await (await pool.client("127.0.0.2")).setTtl(600);
    const root = mock.create({ ...REPAIR, node: 1 });
    const child = mock.create({ ...REPAIR, scope: "shard", node: 1, parent: root });
    const grandchild = mock.create({ ...REPAIR, scope: "range", node: 1, parent: child });
    for (const task of [grandchild, child, root]) task.finish();
    const tree = await treeOf(nodes, root.id);
    expect(tree.map(({ id }) => id)).toEqual([root.id, child.id]);
  });
});
