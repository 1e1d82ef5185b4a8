import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { type Fault, ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve } from "./served.js";

const TTL = "GET /task_manager/ttl";
const MODULES = "GET /task_manager/list_modules";

async function statuses(cluster: MockCluster, request: string, count: number, node = 0): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await ask(cluster, request, node)).status);
  return found;
}

/** The part of an answer that arrives, and whether the connection ends too early. */
function received(cluster: MockCluster, path: string): Promise<{ status?: number; text: string; error?: string }> {
  return new Promise((resolve) => {
    const request = httpRequest(`${cluster.urls[0]}${path}`, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      const end = (error?: NodeJS.ErrnoException) =>
        resolve({
          text,
          ...(response.statusCode === undefined ? {} : { status: response.statusCode }),
          ...(error?.code === undefined ? {} : { error: error.code }),
        });
      response.on("error", end).on("end", () => end());
    });
    request.on("error", (error: NodeJS.ErrnoException) => resolve({ text: "", error: error.code ?? "" }));
    request.end();
  });
}

describe("a fault", () => {
  it("answers an error in the server's form instead of the server", async () => {
    const cluster = await serve();
    cluster.addFault({ status: 503, message: 'say "busy"' });
    expect(await ask(cluster, "POST /task_manager/ttl?ttl=7")).toEqual({
      status: 503,
      contentType: "application/json",
      text: '{"message": "say \\"busy\\"", "code": 503}',
    });
  });

  it("has the name of the status if it has no message", async () => {
    const cluster = await serve();
    cluster.addFault({ status: 504 });
    expect((await ask(cluster, TTL)).text).toBe('{"message": "Gateway Timeout", "code": 504}');
  });

  it("answers any body, of any type", async () => {
    const cluster = await serve();
    const end = cluster.addFault({ status: 502, body: "<h1>Bäd</h1>" });
    expect(await ask(cluster, TTL)).toEqual({ status: 502, contentType: "text/html", text: "<h1>Bäd</h1>" });
    end();
    cluster.addFault({ body: '{"not": "a list"', contentType: "application/json" });
    expect(await ask(cluster, TTL)).toEqual({ status: 200, contentType: "application/json", text: '{"not": "a list"' });
  });

  it("resets the connection", async () => {
    const cluster = await serve();
    cluster.addFault({ isReset: true });
    expect(await received(cluster, "/task_manager/ttl")).toEqual({ text: "", error: "ECONNRESET" });
  });

  it.each([0, 5, 1_000_000])(
    "breaks an answer off after %i bytes, at the latest before the last one",
    async (bytes) => {
      const cluster = await serve();
      const whole = (await ask(cluster, MODULES)).text;
      cluster.addFault({ truncatedAtBytes: bytes });
      expect(await received(cluster, "/task_manager/list_modules")).toEqual({
        status: 200,
        text: whole.slice(0, Math.min(bytes, whole.length - 1)),
        error: "ECONNRESET",
      });
    },
  );

  it.each([0, 150_000])("breaks a long answer off after %i bytes", async (bytes) => {
    const cluster = await serve();
    for (let i = 0; i < 1_000; i++) cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
    cluster.addFault({ truncatedAtBytes: bytes });
    const { text, error } = await received(cluster, "/task_manager/list_module_tasks/repair");
    expect([text.length, error]).toEqual([bytes, "ECONNRESET"]);
  });

  it("breaks a long answer off before its last byte, at the latest", async () => {
    const cluster = await serve();
    for (let i = 0; i < 1_000; i++) cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
    const path = "/task_manager/list_module_tasks/repair";
    const whole = (await ask(cluster, `GET ${path}`)).text;
    cluster.addFault({ truncatedAtBytes: 1_000_000 });
    const { text, error } = await received(cluster, path);
    expect([text.length, error]).toEqual([whole.length - 1, "ECONNRESET"]);
  });

  it("breaks only the answer: the server acts on the request", async () => {
    const cluster = await serve();
    const end = cluster.addFault({ method: "post", truncatedAtBytes: 0 });
    await expect(ask(cluster, "POST /task_manager/ttl?ttl=42")).rejects.toThrow();
    end();
    expect((await ask(cluster, TTL)).text).toBe("42");
  });

  it("delays the answer by the mock's clock, together with another effect", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    cluster.addFault({ latencyMs: 3_600_000, status: 500 });
    const answer = ask(cluster, TTL);
    while (clock.scheduledCount === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(3_599_999);
    expect(await Promise.race([answer, new Promise((resolve) => setImmediate(resolve, "none yet"))])).toBe("none yet");
    clock.advance(1);
    expect(await answer).toMatchObject({ status: 500 });
  });

  it("leaves nothing behind of a request whose client goes away", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    cluster.addFault({ latencyMs: 1_000 });
    const departure = new AbortController();
    const answer = fetch(`${cluster.urls[0]}/task_manager/ttl`, { signal: departure.signal }).catch(() => "gone");
    while (clock.scheduledCount === 0) await new Promise((resolve) => setImmediate(resolve));
    departure.abort();
    expect(await answer).toBe("gone");
    while (clock.scheduledCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("which requests go wrong", () => {
  const BROKEN = { status: 500 } satisfies Fault;

  it.each([
    [{ method: "POST" }, "POST /task_manager/ttl?ttl=1", TTL],
    [{ path: "/task_manager/ttl" }, "GET /task_manager/ttl/?x=1", MODULES],
    [{ path: "/task_manager/*" }, TTL, "GET /task_manager/list_module_tasks/repair"],
    [{ path: "/task_manager/**" }, "GET /task_manager/list_module_tasks/repair", "GET /gossiper/endpoint/live"],
    [{ path: "/**/endpoint/*" }, "GET /gossiper/endpoint/live", "GET /storage_service/host_id"],
  ])("%j: %s, but not %s", async (fault, broken, whole) => {
    const cluster = await serve();
    cluster.addFault({ ...BROKEN, ...fault });
    expect([(await ask(cluster, broken)).status, (await ask(cluster, whole)).status]).toEqual([500, 200]);
  });

  it("those of one node", async () => {
    const cluster = await serve({ nodes: 2 });
    cluster.addFault({ ...BROKEN, node: 1 });
    expect([(await ask(cluster, TTL, 0)).status, (await ask(cluster, TTL, 1)).status]).toEqual([200, 500]);
  });

  it("at most as many as it says; of several faults the first that matches", async () => {
    const cluster = await serve();
    cluster.addFault({ status: 500, count: 2 });
    cluster.addFault({ status: 503, count: 1 });
    expect(await statuses(cluster, TTL, 5)).toEqual([500, 500, 503, 200, 200]);
  });

  it("a share of them, the same ones for the same seed", async () => {
    const drawn = async (seed: number) => {
      const cluster = await serve({ seed });
      cluster.addFault({ ...BROKEN, probability: 0.3 });
      return statuses(cluster, TTL, 100);
    };
    const [once, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    const broken = once.filter((status) => status === 500).length;
    expect(broken).toBeGreaterThan(15);
    expect(broken).toBeLessThan(45);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it("for a while", async () => {
    const clock = new ManualClock();
    const cluster = await serve({ clock });
    cluster.addFault({ ...BROKEN, afterSeconds: 10, forSeconds: 5 });
    const seen: number[] = [];
    for (const ms of [0, 9_999, 1, 4_999, 1]) {
      clock.advance(ms);
      seen.push(...(await statuses(cluster, TTL, 1)));
    }
    expect(seen).toEqual([200, 200, 500, 500, 200]);
  });

  it("those that a scenario names", async () => {
    const cluster = await serve({
      scenario: {
        name: "x",
        description: "",
        clusterName: "x",
        keyspaces: [],
        tasks: [],
        faults: [{ path: "/task_manager/ttl", count: 1, status: 502, body: "<html>" }],
      },
    });
    expect(await statuses(cluster, TTL, 2)).toEqual([502, 200]);
  });
});
