import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import * as library from "../../src/index.js";
import { startMockCluster } from "../../src/mock/index.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { broken, ID, inTurn, UNKNOWN } from "../fixtures/wait-servers.js";

describe("waitForTask", () => {
  const waitAgainst = async (answer: Parameters<typeof scriptedServer>[0], options = {}) => {
    const server = await scriptedServer(answer);
    const client = await connectOver(createHttpEngine, { url: server.url });
    try {
      return await library.waitForTask(client, ID, options);
    } finally {
      await client.close();
      await server.stop();
    }
  };

  test("says how the task ended", async () => {
    const done = { id: ID, state: "done" };
    expect(await waitAgainst(jsonAnswer(done))).toMatchObject({ kind: "done", id: ID, status: done });
    const failed = { id: ID, state: "failed", error: "aborted on user request" };
    const outcome = await waitAgainst(jsonAnswer(failed));
    expect(outcome.kind).toBe("failed");
    expect(library.hasEnded(outcome) && library.isAborted(outcome.status)).toBe(true);
  });

  test("asks again where a connection breaks, and says so", async () => {
    const said: string[] = [];
    // A request before it shows that the node can be reached; that its connection is gone meanwhile is no trouble, the next is.
    const server = await scriptedServer(inTurn(jsonAnswer([]), broken, broken, jsonAnswer({ id: ID, state: "done" })));
    const client = await connectOver(createHttpEngine, { url: server.url });
    try {
      await client.listModules();
      const outcome = await library.waitForTask(client, ID, { onTrouble: (message) => said.push(message) });
      expect(outcome.kind).toBe("done");
      expect(said).toEqual([expect.stringContaining("retrying for up to 60 s")]);
    } finally {
      await client.close();
      await server.stop();
    }
  });

  test.each([
    ["an unknown task", UNKNOWN, { isGone: true }],
    ["a running one", jsonAnswer({ id: ID, state: "running" }), { isGone: false }],
    ["another's status", jsonAnswer({ id: ID.replace("5", "6"), state: "done" }), { isGone: false }],
    ["a 202", jsonAnswer({ id: ID, state: "done" }, 202), { isGone: false }],
  ])("does not know how %s ended", async (_name, answer, more) => {
    expect(await waitAgainst(answer)).toMatchObject({ kind: "unknown", id: ID, ...more });
  });
});

describe("treeOfTask", () => {
  let mock: Awaited<ReturnType<typeof startMockCluster>>;
  const clients = new Map<string, library.TaskManagerClient>();
  beforeAll(async () => {
    mock = await startMockCluster({ nodes: 3, scenario: "idle", release: "latest" });
    for (const [index, url] of mock.urls.entries()) {
      clients.set(`127.0.0.${index + 1}`, await connectOver(createHttpEngine, { url }));
    }
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.close();
    await mock.stop();
  });

  test("holds the children of all nodes, and says who did not answer", async () => {
    const shop = { scope: "keyspace", keyspace: "shop" } as const;
    const parent = mock.create({ ...shop, module: "tablets", type: "user_repair", kind: "cluster" });
    const children = [0, 1, 2].map((node) => mock.create({ ...shop, module: "tablets", type: "repair", node, parent }));
    const { statuses, unanswered, leftOut } = await library.treeOfTask(clients, parent.id);
    expect({ unanswered, leftOut }).toEqual({ unanswered: [], leftOut: [] });
    expect(statuses[0]?.id).toBe(parent.id);
    for (const [index, { id }] of children.entries()) {
      expect(statuses).toContainEqual(expect.objectContaining({ id, node: `127.0.0.${index + 1}` }));
    }
    // A node that is not there, beside those that are.
    const gone = await connectOver(createHttpEngine, { url: "http://127.0.0.1:1" });
    const part = await library.treeOfTask(new Map([...clients, ["127.0.0.9", gone]]), parent.id);
    await gone.close();
    expect(part.statuses).toHaveLength(4);
    expect(part.unanswered).toEqual([{ node: "127.0.0.9", reason: expect.stringContaining("cannot reach") }]);
  });
});

test("every error of the family is told by its kind", () => {
  const request = { method: "GET", origin: "http://n:10000", path: "/" };
  const errors: library.AnyTaskManagerError[] = [
    new library.UnreachableError(request, "", "", false),
    new library.HttpStatusError(request, 400, "", ""),
    new library.UnreadableAnswerError(request, ""),
    new library.RequestTimeoutError(request, 1),
    new library.RequestAbortedError(request, undefined),
    new library.ClientClosedError(request),
  ];
  const told = errors.map((error) => {
    switch (error.kind) {
      case "http-status":
        return error.status;
      case "timeout":
        return error.timeoutMs;
      case "unreachable":
        return error.maybeSent;
      default:
        return error.kind;
    }
  });
  expect(told).toEqual([false, 400, "unreadable", 1, "aborted", "closed"]);
  expect(errors.every(library.isTaskManagerError)).toBe(true);
});

test("the entries of the package are those that are built", async () => {
  const { exports } = JSON.parse(await readFile("package.json", "utf8"));
  const built = await readFile("rolldown.config.mjs", "utf8");
  type Entry = Record<"import" | "require", { readonly default: string }>;
  for (const entry of Object.values<Entry | string>(exports)) {
    if (typeof entry === "string") continue;
    const name = /^\.\/dist\/(\w+)\.js$/.exec(entry.import.default)?.[1];
    expect(built).toContain(`${name}: "src/`);
    expect(entry.require.default).toBe(`./dist/cjs/${name}.js`);
  }
});
