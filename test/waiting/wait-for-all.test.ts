import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { connectOver } from "../../src/client/connect.js";
import { RequestAbortedError } from "../../src/client/errors.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import type { TaskManagerClient, WaitOptions } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import { Deadline } from "../../src/waiting/deadline.js";
import type { Outcome } from "../../src/waiting/outcome.js";
import { type WaitForAllOptions, waitForAll } from "../../src/waiting/wait-for-all.js";
import type { WaitTarget } from "../../src/waiting/wait-for-one.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { broken, notFound, REQUEST, refused, stageClient, stageClock, type Turn } from "./stage.js";

const DONE: TaskStatus = { state: "done" };
const FAILED: TaskStatus = { state: "failed" };

interface Told {
  readonly troubles: string[];
  readonly outcomes: string[];
}

/** Waits, and keeps what it told meanwhile. */
async function waited(targets: readonly WaitTarget[], options: Partial<WaitForAllOptions> = {}) {
  const clock = options.clock ?? stageClock();
  const told: Told = { troubles: [], outcomes: [] };
  const result = waitForAll(targets, {
    clock,
    deadline: new Deadline(clock, undefined),
    retryForMs: 0,
    signal: new AbortController().signal,
    until: "all",
    maxConnections: 10,
    onTrouble: (message) => told.troubles.push(message),
    onOutcome: ({ id }) => told.outcomes.push(id),
    ...options,
  });
  return { outcomes: await result, told };
}

/** Tasks whose waits are answered in turn, each by a node of its own. */
function answered(turns: Readonly<Record<string, readonly Turn[]>>): WaitTarget[] {
  const clock = stageClock();
  return Object.entries(turns).map(([id, answers]) => ({ id, client: stageClient(answers, clock).client }));
}

/** A node whose waits end when they are told to, with all that is open now. */
function heldNode() {
  const polls = new Map<string, (status: TaskStatus) => void>();
  const asked: string[] = [];
  const client = {
    waitTask: (id: string, { signal }: WaitOptions) =>
      new Promise<TaskStatus>((resolve, reject) => {
        asked.push(id);
        signal?.addEventListener("abort", () => {
          polls.delete(id);
          reject(new RequestAbortedError(REQUEST, signal.reason));
        });
        polls.set(id, resolve);
      }),
  } as unknown as TaskManagerClient;
  const end = async (id: string, status = DONE) => {
    polls.get(id)?.(status);
    polls.delete(id);
    await settled();
  };
  const targets = (count: number): WaitTarget[] => [..."abcdefgh"].slice(0, count).map((id) => ({ id, client }));
  return { targets, end, asked, open: () => [...polls.keys()] };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ id, kind }) => `${id} ${kind}`);

describe("waiting for all", () => {
  test("keeps the order of the targets, and has them all, also with fewer connections than targets", async () => {
    const { outcomes } = await waited(answered({ a: [DONE], b: [notFound()], c: [DONE] }), { maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a done", "b unknown", "c done"]);
  });

  test("keeps the order of the targets where they end in another", async () => {
    const node = heldNode();
    const result = waited(node.targets(3));
    await settled();
    for (const id of ["c", "a", "b"]) await node.end(id);
    const { outcomes, told } = await result;
    expect(kinds(outcomes)).toEqual(["a done", "b done", "c done"]);
    expect(told.outcomes).toEqual(["c", "a", "b"]);
  });

  test("goes on after one that failed", async () => {
    const { outcomes } = await waited(answered({ a: [FAILED], b: [DONE] }), { maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a failed", "b done"]);
  });

  test("holds no more connections than it may, and lets the next take its turn", async () => {
    const node = heldNode();
    const result = waited(node.targets(4), { maxConnections: 2 });
    await settled();
    expect(node.open()).toEqual(["a", "b"]);
    await node.end("b");
    expect(node.open()).toEqual(["a", "c"]);
    await node.end("a");
    expect(node.open()).toEqual(["c", "d"]);
    await node.end("c");
    await node.end("d");
    expect((await result).outcomes).toHaveLength(4);
  });

  test("asks for none whose turn comes when the time is over", async () => {
    const clock = stageClock();
    const asked: string[] = [];
    const client = {
      waitTask: async (id: string) => {
        asked.push(id);
        clock.elapsedMs += 1000;
        return DONE;
      },
    } as unknown as TaskManagerClient;
    const targets = [..."abcd"].map((id) => ({ id, client }));
    const { outcomes } = await waited(targets, { clock, deadline: new Deadline(clock, 2000), maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a done", "b done", "c timeout", "d timeout"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("of nothing is over at once", async () => {
    expect(await waited([])).toEqual({ outcomes: [], told: { troubles: [], outcomes: [] } });
  });

  test("waits as a task itself wants to be waited for", async () => {
    const [target] = answered({ a: [FAILED] }) as [WaitTarget];
    const own: Outcome = { kind: "done", id: "a", status: DONE, note: "its call said so" };
    const seen: unknown[] = [];
    const wait = async (options: unknown) => {
      seen.push(options);
      return own;
    };
    const { outcomes } = await waited([{ ...target, wait }], { retryForMs: 7 });
    expect(outcomes).toEqual([own]);
    expect(seen).toMatchObject([{ retryForMs: 7 }]);
  });

  test("tells of broken connections once", async () => {
    const turns = { a: [broken(), DONE], b: [broken(), DONE] };
    const { outcomes, told } = await waited(answered(turns), { retryForMs: 60_000 });
    expect(kinds(outcomes)).toEqual(["a done", "b done"]);
    expect(told.troubles).toHaveLength(1);
    expect(told.troubles[0]).toContain("retrying");
  });

  test("fails where something goes wrong that is no answer", async () => {
    const client = { waitTask: () => Promise.reject(new TypeError("boom")) } as unknown as TaskManagerClient;
    await expect(waited([{ id: "a", client }])).rejects.toThrow("boom");
  });
});

describe("a node that is gone when a later task takes its turn", () => {
  const oneNode = (first: Turn) => {
    const { client } = stageClient([first, refused(), DONE], stageClock());
    return ["a", "b"].map((id): WaitTarget => ({ id, client }));
  };
  const options = { maxConnections: 1, retryForMs: 60_000 };

  test.each<[string, Turn]>([
    ["answered", DONE],
    ["said that it knows no such task", notFound()],
  ])("is asked again if it %s before", async (_what, first) => {
    expect(kinds((await waited(oneNode(first), options)).outcomes).at(1)).toBe("b done");
  });

  test("is not, if it never did", async () => {
    expect(kinds((await waited(oneNode(refused()), options)).outcomes)).toEqual(["a unknown", "b unknown"]);
  });

  test("is not, if only another node did", async () => {
    const { outcomes } = await waited(answered({ a: [DONE], b: [refused(), DONE] }), options);
    expect(kinds(outcomes)).toEqual(["a done", "b unknown"]);
  });

  test("is asked again if it was reached before the wait", async () => {
    const [target] = answered({ a: [refused(), DONE] }) as [WaitTarget];
    expect(kinds((await waited([{ ...target, reached: true }], options)).outcomes)).toEqual(["a done"]);
  });
});

describe("waiting for any", () => {
  test("ends with the first that ended, and an unknown one is none", async () => {
    const turns = { a: [notFound()], b: [DONE], c: [DONE] };
    const { outcomes } = await waited(answered(turns), { until: "any", maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a unknown", "b done"]);
  });

  test.each([DONE, FAILED, { state: "suspended" }])("%j is an end", async (status) => {
    const { outcomes } = await waited(answered({ a: [status], b: [DONE] }), { until: "any", maxConnections: 1 });
    expect(outcomes.map(({ id }) => id)).toEqual(["a"]);
  });

  test("lets go of the others, and asks for none that has not had its turn", async () => {
    const node = heldNode();
    const result = waited(node.targets(3), { until: "any", maxConnections: 2 });
    await settled();
    await node.end("b");
    expect(kinds((await result).outcomes)).toEqual(["b done"]);
    expect(node.open()).toEqual([]);
    expect(node.asked).toEqual(["a", "b"]);
  });

  test("has one outcome where two end in the same moment", async () => {
    const { outcomes, told } = await waited(answered({ a: [DONE], b: [DONE] }), { until: "any" });
    expect(kinds(outcomes)).toEqual(["a done"]);
    expect(told.outcomes).toEqual(["a"]);
  });
});

describe("waiting until a failure", () => {
  test("ends with the first that did not succeed", async () => {
    const turns = { a: [DONE], b: [FAILED], c: [DONE] };
    const { outcomes } = await waited(answered(turns), { until: "failure", maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a done", "b failed"]);
  });

  test("takes one of which nothing is known for a failure", async () => {
    const turns = { a: [notFound()], b: [DONE] };
    const { outcomes } = await waited(answered(turns), { until: "failure", maxConnections: 1 });
    expect(kinds(outcomes)).toEqual(["a unknown"]);
  });

  test("ends with all, where none fails", async () => {
    const { outcomes } = await waited(answered({ a: [DONE], b: [DONE] }), { until: "failure" });
    expect(kinds(outcomes)).toEqual(["a done", "b done"]);
  });
});

describe("the signal that ends a wait", () => {
  test("ends it with an error, and lets go of all", async () => {
    const node = heldNode();
    const interrupt = new AbortController();
    const result = waited(node.targets(2), { signal: interrupt.signal, until: "any" });
    await settled();
    interrupt.abort();
    await expect(result).rejects.toThrow(RequestAbortedError);
    expect(node.open()).toEqual([]);
  });

  test("has no listener left on it, however waits end", async () => {
    let turn = 0;
    const server = await scriptedServer((request, response) => {
      const answers = [
        jsonAnswer({}, 503),
        jsonAnswer({ message: "timedout" }, 408),
        jsonAnswer({ state: "done" }),
        jsonAnswer({ message: "task with id x not found", code: 400 }, 400),
      ];
      (answers[turn++ % answers.length] as Answer)(request, response);
    });
    const client = await connectOver(createHttpEngine, { url: server.url });
    const { signal } = new AbortController();
    const targets = Array.from({ length: 20 }, (_, index) => ({ id: `task-${index}`, client }));
    const { outcomes } = await waited(targets, { signal, retryForMs: 60_000, maxConnections: 4 });
    expect(new Set(outcomes.map(({ kind }) => kind)).size).toBeGreaterThan(1);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    await client.close();
    await server.stop();
  });
});
