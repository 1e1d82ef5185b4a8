import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineRequest } from "../../src/client/engine.js";
import type { CallOptions } from "../../src/client/operations.js";
import { TaskManagerClient } from "../../src/client/task-manager.js";
import { Transport } from "../../src/client/transport.js";

const IDLE_MS = 60_000;
const PLACE = { endpoint: "s3", bucket: "b", prefix: "p", keyspace: "ks", table: "t" } as const;
const LOCATION = { datacenter: "dc1", endpoint: "s3", bucket: "b", prefix: "p" } as const;
const TABLET = { keyspace: "ks", table: "t", tokens: "all" } as const;

type Call = (client: TaskManagerClient, options: CallOptions) => Promise<unknown>;

/** Calls that answer when their work has ended, which may take hours. */
const LONG: readonly (readonly [Call, repeatable: boolean])[] = [
  [(client, options) => client.waitTask("id", options), true],
  [(client, options) => client.awaitRepair(7, options), true],
  [(client, options) => client.unregisterTestModule(options), false],
  [(client, options) => client.finishTestTask("id", options), false],
  [
    (client, options) =>
      client.startTabletRestore({ ...PLACE, ...options, snapshot: "s", location: { ...LOCATION, manifests: [] } }),
    false,
  ],
  [(client, options) => client.startTabletRepair({ ...TABLET, ...options, awaitCompletion: true }), false],
  [(client, options) => client.compactKeyspace("ks", options), false],
  [(client, options) => client.compactAll(options), false],
  [(client, options) => client.cleanupKeyspace("ks", options), false],
  [(client, options) => client.cleanupAll(options), false],
  [(client, options) => client.compactOffstrategy("ks", options), false],
  [(client, options) => client.scrubKeyspace("ks", options), false],
  [(client, options) => client.upgradeKeyspaceSstables("ks", options), false],
  [(client, options) => client.decommission(options), false],
  [(client, options) => client.removeNode("host", options), false],
  [(client, options) => client.rebuild(options), false],
];

/** Calls that answer at once. */
const SHORT: readonly (readonly [Call, repeatable: boolean])[] = [
  [(client, options) => client.listModules(options), true],
  [(client, options) => client.listModuleTasks("m", options), true],
  [(client, options) => client.taskStatus("id", options), true],
  [(client, options) => client.taskStatusRecursive("id", options), true],
  [(client, options) => client.abortTask("id", options), false],
  [(client, options) => client.ttl(options), true],
  [(client, options) => client.setTtl(1, options), false],
  [(client, options) => client.userTtl(options), true],
  [(client, options) => client.setUserTtl(1, options), false],
  [(client, options) => client.drain("m", options), true],
  [(client, options) => client.registerTestModule(options), false],
  [(client, options) => client.registerTestTask(options), false],
  [(client, options) => client.unregisterTestTask("id", options), false],
  [(client, options) => client.liveEndpoints(options), true],
  [(client, options) => client.downEndpoints(options), true],
  [(client, options) => client.hostIds(options), true],
  [(client, options) => client.releaseVersion(options), true],
  [(client, options) => client.clusterName(options), true],
  [(client, options) => client.datacenter("10.0.0.1", options), true],
  [(client, options) => client.rack("10.0.0.1", options), true],
  [(client, options) => client.keyspaces(options), true],
  [(client, options) => client.tables(options), true],
  [(client, options) => client.startCompaction("ks", options), false],
  [(client, options) => client.startCleanup("ks", options), false],
  [(client, options) => client.startOffstrategyCompaction("ks", options), false],
  [(client, options) => client.startScrub("ks", options), false],
  [(client, options) => client.startUpgradeSstables("ks", options), false],
  [(client, options) => client.startBackup({ ...PLACE, ...options }), false],
  [(client, options) => client.startRestore({ ...PLACE, ...options, sstables: [] }), false],
  [(client, options) => client.startClusterBackup({ ...options, snapshot: "s", locations: [LOCATION] }), false],
  [(client, options) => client.startRepair("ks", options), false],
  [(client, options) => client.repairState("ks", 7, options), true],
  [(client, options) => client.activeRepairs(options), true],
  [(client, options) => client.terminateRepairs(options), false],
  [(client, options) => client.startTabletRepair({ ...TABLET, ...options }), false],
  [(client, options) => client.startTabletMigration("ks", options), false],
  [(client, options) => client.setStorageMode("tablets", options), false],
  [(client, options) => client.tabletMigration("ks", options), true],
  [(client, options) => client.finalizeTabletMigration("ks", options), false],
];

/** The streams are those of `listModuleTasks` and `taskStatusRecursive`. */
const NO_CALLS = ["constructor", "close", "streamModuleTasks", "streamTaskStatusRecursive"];

const named = (calls: typeof LONG) =>
  calls.map(([call, repeatable]) => [/client\.(\w+)/.exec(String(call))?.[1], call, repeatable] as const);

/** A client of a server that never answers, and the requests that it gets. */
function unanswered() {
  const sent: EngineRequest[] = [];
  const engine = {
    send: (request: EngineRequest) => {
      sent.push(request);
      return new Promise<never>((_, reject) =>
        request.signal?.addEventListener("abort", () => reject(new Error("aborted"))),
      );
    },
    close: async () => {},
  };
  const client = new TaskManagerClient(
    new Transport({ engine, origin: "http://n:10000", idleTimeoutMs: IDLE_MS, maxResponseBytes: 1024 }),
  );
  return { client, sent };
}

/** The name of the error with which a call fails; `pending` while it is not answered. */
function outcomeOf(work: Promise<unknown>) {
  const outcome = { name: "pending" };
  work.catch((error: Error) => {
    outcome.name = error.name;
  });
  return outcome;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each([...named(LONG), ...named(SHORT)])("%s", (_name, call, repeatable) => {
  test(`${repeatable ? "may" : "must not"} be sent twice, and ends with the caller's signal or its own limit`, async () => {
    const { client, sent } = unanswered();
    const controller = new AbortController();
    const aborted = outcomeOf(call(client, { signal: controller.signal }));
    const limited = outcomeOf(call(client, { timeoutMs: 500 }));
    await vi.advanceTimersByTimeAsync(499);
    expect(sent.map((request) => request.repeatable)).toEqual([repeatable, repeatable]);
    expect([aborted.name, limited.name]).toEqual(["pending", "pending"]);
    controller.abort();
    await vi.advanceTimersByTimeAsync(1);
    expect([aborted.name, limited.name]).toEqual(["RequestAbortedError", "RequestTimeoutError"]);
  });
});

test("no call of the client is missing here", () => {
  const methods = [TaskManagerClient.prototype, Object.getPrototypeOf(TaskManagerClient.prototype)].flatMap(
    (prototype) => Object.entries(Object.getOwnPropertyDescriptors(prototype)),
  );
  const calls = methods.filter(([name, { value }]) => value !== undefined && !NO_CALLS.includes(name));
  const here = [...named(LONG), ...named(SHORT)].map(([name]) => name);
  expect(calls.map(([name]) => name).filter((name) => !here.includes(name))).toEqual([]);
});

test.each(named(LONG))("%s waits for the end of its work", async (_name, call) => {
  const outcome = outcomeOf(call(unanswered().client, {}));
  await vi.advanceTimersByTimeAsync(100 * IDLE_MS);
  expect(outcome.name).toBe("pending");
});

test.each(named(SHORT))("%s gives up on a server that says nothing", async (_name, call) => {
  const outcome = outcomeOf(call(unanswered().client, {}));
  await vi.advanceTimersByTimeAsync(IDLE_MS);
  expect(outcome.name).toBe("RequestTimeoutError");
});
