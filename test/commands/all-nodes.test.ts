import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import type { Run } from "../fixtures/run-tasks.js";
import { jsonAnswer, type ScriptedServer, scriptedServer } from "../fixtures/scripted-server.js";

const NOBODYS = "00000000-0000-4000-8000-000000000000";
const notFound = jsonAnswer({ message: `task with id ${NOBODYS} not found`, code: 400 }, 400);
const REPAIR = { module: "tablets", type: "repair", scope: "keyspace", keyspace: "shop" } as const;

let mock: MockCluster;
let port: string;
let root: string;
let child: string;
/** Five nodes as their first sees them: one more that is down, and one that never ends its answer. */
let slow: ScriptedServer;
let seer: ScriptedServer;

beforeAll(async () => {
  mock = await startMockCluster({ nodes: 5, scenario: "idle", generation: "current" });
  port = new URL(mock.urls[0] as string).port;
  const task = mock.create({
    module: "tablets",
    type: "user_repair",
    scope: "table",
    kind: "cluster",
    keyspace: "shop",
  });
  root = task.id;
  const children = [0, 1, 2, 3, 4].map((node) => mock.create({ ...REPAIR, node, parent: task }));
  child = children[3]?.id as string;
  slow = await scriptedServer((_request, response) => {
    response.write("[");
  });
  seer = await scriptedServer({
    "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1", "127.0.0.2", "127.0.0.9"]),
    "/gossiper/endpoint/down/": jsonAnswer(["127.0.0.5"]),
    "/task_manager/list_modules": jsonAnswer(["tablets"]),
    [`/task_manager/wait_task/${NOBODYS}`]: notFound,
    [`/task_manager/abort_task/${NOBODYS}`]: notFound,
  });
});

afterAll(async () => {
  await mock.stop();
  await slow.stop();
  await seer.stop();
});

const all = (...args: string[]): Promise<Run> => runInProcess(["-a", "-h", "127.0.0.1", "-p", port, ...args]);

/** As `all`, in a cluster with a node that is down and one that does not answer in time. */
const partly = (...args: string[]): Promise<Run> =>
  runInProcess([
    ...["-a", "-h", "127.0.0.1", "-p", String(seer.port), "--node-timeout", "2s"],
    ...["--node-url", `http://%h:${port}`, "--node-map", `127.0.0.9=${slow.url}`],
    ...args,
  ]);

describe.concurrent("--all-nodes", () => {
  test.each([
    ["status", 3],
    ["tree", 3],
    ["abort", 3],
    ["wait", 125],
  ])("%s of a beginning that is in no list says who did not answer, and exits with %i", async (command, code) => {
    const run = await partly(command, "ffff");
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toContain("error: no listed task has an id that starts with 'ffff'\n");
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.5: the cluster reports it as down\n");
  });

  test("list shows each node's tasks, and a cluster task once", async () => {
    const run = await all("list", "tablets", "--fields", "node,type,state", "-o", "csv");
    expect(run).toEqual({
      code: 0,
      stdout: `node,type,state\r\n,user_repair,running\r\n${[1, 2, 3, 4, 5].map((n) => `127.0.0.${n},repair,running\r\n`).join("")}`,
      stderr: "",
    });
  });

  test("list --all puts node and module in front, datacenter and rack on request", async () => {
    const run = await all("list", "--all", "--json");
    const { tasks, errors } = JSON.parse(run.stdout);
    expect(errors).toEqual([]);
    expect(tasks).toHaveLength(6);
    expect(Object.keys(tasks[1]).slice(0, 3)).toEqual(["node", "module", "task_id"]);
    const placed = await all("list", "tablets", "--fields", "node,datacenter,rack", "--json", "--sort", "-node");
    expect(JSON.parse(placed.stdout).tasks[0]).toEqual({
      node: "127.0.0.5",
      datacenter: expect.stringMatching(/./),
      rack: expect.stringMatching(/./),
    });
  });

  test("status finds a node task on its node", async () => {
    const run = await all("status", child, "--json");
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ node: "127.0.0.4", id: child });
  });

  test("status of a task that no node knows is the server's refusal", async () => {
    const run = await all("status", "00000000-0000-4000-8000-00000000000f");
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).toContain("task with id 00000000-0000-4000-8000-00000000000f not found");
  });

  test("tree joins the children of all nodes", async () => {
    const run = await all("tree", root, "--fields", "node,type", "-o", "csv");
    expect(run.stdout).toBe(
      `node,type\r\n,user_repair\r\n${[1, 2, 3, 4, 5].map((n) => `127.0.0.${n},repair\r\n`).join("")}`,
    );
  });

  test("tree without an id shows every task of every node", async () => {
    const { tasks } = JSON.parse((await all("tree", "--json")).stdout);
    expect(new Set(tasks.map(({ id }: { id: string }) => id)).size).toBe(6);
  });

  test("ttl, user-ttl and modules have a row for each node", async () => {
    expect((await all("ttl")).stdout).toBe(
      `node      ttl\n${[1, 2, 3, 4, 5].map((n) => `127.0.0.${n} 0  \n`).join("")}`,
    );
    const modules = JSON.parse((await all("modules", "--json")).stdout);
    expect(new Set(modules.nodes.map(({ node }: { node: string }) => node)).size).toBe(5);
  });

  test("hosts that are named are asked instead of those that discovery finds", async () => {
    const run = await runInProcess(["-h", "127.0.0.2,127.0.0.4", "-p", port, "list", "tablets", "--json"]);
    const { tasks } = JSON.parse(run.stdout);
    expect(tasks.map(({ node }: { node: string | null }) => node)).toEqual([
      null,
      `127.0.0.2:${port}`,
      `127.0.0.4:${port}`,
    ]);
  });
});

describe.concurrent("a cluster that answers in part", () => {
  test("gives the rows of the others, names who is missing and why, and exits with 3", async () => {
    const run = await partly("list", "tablets", "--json");
    expect(run.code).toBe(3);
    const { tasks, errors } = JSON.parse(run.stdout);
    expect(tasks.map(({ node }: { node: string | null }) => node)).toEqual([null, "127.0.0.1", "127.0.0.2"]);
    expect(errors).toEqual([
      { node: "127.0.0.5", reason: "the cluster reports it as down" },
      { node: "127.0.0.9", reason: expect.stringContaining("within 2 s") },
    ]);
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.5: the cluster reports it as down\n");
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.9: ");
  });

  test("asks for children on nodes that discovery or --node-map names, and shows the others as unreachable", async () => {
    const run = await partly("tree", root, "--json", "--node-map", `127.0.0.3=http://127.0.0.3:${port}`);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.4: it is not a known node");
    const states = JSON.parse(run.stdout).tasks.map(
      ({ node, state }: { node: string; state: string }) => `${node} ${state}`,
    );
    expect(states).toEqual([
      "null running",
      "127.0.0.1 running",
      "127.0.0.2 running",
      "127.0.0.3 running",
      "127.0.0.4 unreachable",
      "127.0.0.5 unreachable",
    ]);
  });

  test.each([
    ["status", 3, ""],
    ["tree", 3, ""],
    ["explain", 3, ""],
    ["abort", 3, ""],
    ["wait", 125, expect.stringMatching(/^\{\n {2}"id": "0{8}-.*"outcome": "unknown"\n\}\n$/s)],
  ])("%s of a task that who answered does not know names who did not, exit %i", async (command, code, stdout) => {
    const run = await partly(command, NOBODYS, "--json");
    expect(run).toMatchObject({ code, stdout });
    expect(run.stderr).toMatch(/^error: .* not found\n/);
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.5: the cluster reports it as down\n");
    expect(run.stderr).toContain("warning: no answer from node 127.0.0.9: ");
  });

  test.each(["json", "yaml"])(
    "a module that who answered does not know may be known to who did not: %s",
    async (form) => {
      const run = await partly("list", "nonsense", "-o", form);
      expect(run).toMatchObject({ code: 3, stdout: "" });
      expect(run.stderr).toContain("module nonsense not found)\nwarning: no answer from node 127.0.0.5: ");
    },
  );

  test("wait for several tasks has who did not answer beside them", async () => {
    const run = await partly("wait", child, NOBODYS, "--timeout", "0", "--json");
    expect(run.code).toBe(125);
    const { tasks, errors } = JSON.parse(run.stdout);
    expect(tasks.map(({ id, outcome }: Record<string, string>) => [id, outcome])).toEqual([
      [child, "unknown"],
      [NOBODYS, "unknown"],
    ]);
    expect(errors).toHaveLength(2);
  });

  test("abort shows who did not answer beside what a selection matches", async () => {
    const run = await partly("abort", "--module", "tablets", "--dry-run", "--json");
    expect(run.code).toBe(3);
    const { tasks, errors } = JSON.parse(run.stdout);
    expect(tasks).toHaveLength(3);
    expect(errors.map(({ node }: { node: string }) => node)).toEqual(["127.0.0.5", "127.0.0.9"]);
  });

  test("sets a ttl where it can, and says where it could not", async () => {
    const run = await partly("user-ttl", "--set", "3601");
    expect(run.code).toBe(3);
    expect(run.stdout).toBe("node      user_ttl\n127.0.0.1 3601    \n127.0.0.2 3601    \n");
    expect(run.stderr).toContain("127.0.0.9");
  });

  test.each([[[]], [["--node-url", "http://%h:PORT"]]])(
    "asks nobody in place of a node whose address is none: %j",
    async (more) => {
      const seer = await scriptedServer({
        "/gossiper/endpoint/live/": jsonAnswer(["127.0.0.1", "a b/../c", "x@127.0.0.1", "127.0.0.1:1"]),
        "/gossiper/endpoint/down/": jsonAnswer([]),
        "/task_manager/ttl": jsonAnswer(7),
      });
      const way = [
        "-h",
        "127.0.0.1",
        "-p",
        String(seer.port),
        ...more.map((word) => word.replace("PORT", String(seer.port))),
      ];
      const run = await runInProcess(["-a", ...way, "ttl", "--json"]);
      await seer.stop();
      expect(run.code).toBe(3);
      const { nodes, errors } = JSON.parse(run.stdout);
      expect(nodes).toEqual([{ node: "127.0.0.1", ttl: 7 }]);
      expect(errors).toHaveLength(3);
      expect(run.stderr).toContain("must be a host name or an IP address");
    },
  );

  test("a template that makes no URL of an address is a failure of that node", async () => {
    const run = await all("--node-url", "http://10.%h:1", "ttl", "--json");
    expect(run.code).toBe(3);
    expect(JSON.parse(run.stdout).errors).toHaveLength(5);
  });

  test.each([
    ["http://balancer:10000", "It takes a URL with %h"],
    ["%h:10000", "It takes an http or https URL"],
    ["https://me:word@%h:10000", "does not accept a user or password"],
  ])("--node-url %s is a usage error", async (template, phrase) => {
    const run = await all("--node-url", template, "ttl");
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(phrase);
  });

  test("fails as a whole where discovery does", async () => {
    const run = await runInProcess(["-a", "-h", "127.0.0.1", "-p", "1", "list", "tablets"]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(/^error: cannot reach [^\n]*\n$/);
  });
});
