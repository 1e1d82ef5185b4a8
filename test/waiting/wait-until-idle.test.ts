import { describe, expect, test } from "vitest";
import { HttpStatusError, UnreachableError } from "../../src/client/errors.js";
import type { Nodes } from "../../src/nodes/nodes.js";
import { type IdleOptions, waitUntilIdle } from "../../src/waiting/wait-until-idle.js";
import { fakeRuntime } from "../fixtures/fake-runtime.js";

const REPAIR = { task_id: "a", type: "repair", keyspace: "shop", table: "orders", state: "running" };
const CLEANUP = { task_id: "b", type: "cleanup compaction", keyspace: "shop", state: "running" };

/** What the nodes say in one round: their tasks, a node that does not answer, or an error. */
type Round = readonly Partial<typeof REPAIR>[] | { readonly silent: readonly string[] } | Error;

/** Waits while the nodes say one thing after the other, and then that nothing runs. */
async function waited(rounds: readonly Round[], terms: Partial<IdleOptions> = {}) {
  const { runtime, written } = fakeRuntime({ clockStands: true });
  let now: Round = [];
  let asked = 0;
  const nodes = {
    startRound: async ({ forgetsEarlier }: { forgetsEarlier: boolean }) => {
      expect(forgetsEarlier).toBe(true);
      now = rounds[asked] ?? [];
      asked++;
    },
    get unanswered() {
      return "silent" in now ? now.silent.map((node) => ({ node, reason: "no answer" })) : [];
    },
    async *tasks() {
      if (now instanceof Error) throw now;
      if (Array.isArray(now)) yield now;
    },
  } as unknown as Nodes;
  const options = {
    modules: ["repair"],
    types: undefined,
    timeoutMs: undefined,
    holdMs: 0,
    progress: "plain",
    color: "never",
    ...terms,
  } as const;
  const last = await waitUntilIdle(runtime, nodes, options);
  return { last, asked, stderr: written.stderr };
}

const unreachable = () => {
  const request = { method: "GET", path: "/task_manager", origin: "http://127.0.0.1:1" };
  return new UnreachableError(request, "refused", "ECONNREFUSED", false);
};

/** The same for so long that plain progress says it. */
const long = (round: Round): Round[] => Array.from({ length: 31 }, () => round);

describe("a wait until nodes are idle", () => {
  test("ends at once where nothing runs", async () => {
    expect(await waited([])).toEqual({ last: { running: [], isIdle: true }, asked: 1, stderr: "" });
  });

  test("says what still runs, and which node does not answer", async () => {
    const { last, stderr } = await waited([
      ...long([REPAIR]),
      ...long([REPAIR, CLEANUP]),
      ...long([{ task_id: "c" }]),
      ...long({ silent: ["127.0.0.2", "127.0.0.3"] }),
    ]);
    expect(last.isIdle).toBe(true);
    expect(stderr).toContain("repair shop.orders still runs  elapsed 50s\n");
    expect([...new Set(stderr.replace(/ {2}elapsed \w+$/gm, "").split("\n"))]).toEqual([
      "repair shop.orders still runs",
      "repair shop.orders and 1 more still run",
      "a task still runs",
      "no answer from 127.0.0.2, 127.0.0.3",
      "",
    ]);
  });

  test("begins anew where something runs before the time is over", async () => {
    const { asked, stderr } = await waited([[], [REPAIR]], { holdMs: 4000 });
    expect(asked).toBe(5);
    expect(stderr).toBe("nothing runs; checking that it stays that way  elapsed 0s\n");
  });

  test("gives up a node that never answered, and waits for one that did", async () => {
    const never = await waited([unreachable()]);
    expect(never.asked).toBe(1);
    expect(never.last).toEqual({ running: [], isIdle: false, unreachable: expect.any(UnreachableError) });
    const later = await waited([[REPAIR], ...long(unreachable())]);
    expect(later.last.isIdle).toBe(true);
    expect(later.stderr).toContain("no answer: ");
  });

  test("waits where a node or a proxy fails, and not where the node refuses", async () => {
    const request = { method: "GET", path: "/task_manager", origin: "http://127.0.0.1:1" };
    for (const status of [500, 503]) {
      expect((await waited([[REPAIR], new HttpStatusError(request, status, "", "")])).asked).toBe(3);
    }
    await expect(waited([[REPAIR], new HttpStatusError(request, 499, "", "")])).rejects.toThrow(HttpStatusError);
  });

  test("shows nothing where no progress is wanted", async () => {
    expect(await waited([[REPAIR]], { progress: "none" })).toMatchObject({ asked: 2, stderr: "" });
  });

  test("ends at the deadline with what runs then", async () => {
    const { last } = await waited([[REPAIR], [REPAIR], [REPAIR], [REPAIR]], { timeoutMs: 3000 });
    expect(last).toMatchObject({ isIdle: false, running: [{ task_id: "a", module: "repair" }] });
  });

  test("is not made of errors of its own", async () => {
    await expect(waited([new TypeError("a fault")])).rejects.toThrow("a fault");
  });
});
