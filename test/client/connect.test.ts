import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";
import { type ConnectOptions, connectOver } from "../../src/client/connect.js";
import type { EngineOptions, EngineRequest } from "../../src/client/engine.js";
import { RequestTimeoutError, UnreadableAnswerError } from "../../src/client/errors.js";

const NODE = "http://node:10000";

/** The options that an engine gets, and the requests that it sends; it answers `answer`, or never if that is `null`. */
async function connected(options: Partial<ConnectOptions> = {}, answer: string | null = '["repair"]') {
  const requests: EngineRequest[] = [];
  const engines: EngineOptions[] = [];
  const client = await connectOver(
    (given) => {
      engines.push(given);
      return {
        send: (request) => {
          requests.push(request);
          if (answer !== null) {
            return Promise.resolve({ status: 200, headers: {}, body: Readable.from([Buffer.from(answer)]) });
          }
          return new Promise((_, reject) => request.signal?.addEventListener("abort", () => reject(new Error())));
        },
        close: async () => {},
      };
    },
    { url: NODE, ...options },
  );
  return { client, requests, engine: engines[0] as EngineOptions };
}

describe("an engine", () => {
  test("has defaults", async () => {
    const { engine, client } = await connected();
    expect(engine).toMatchObject({ connectTimeoutMs: 10_000, maxConnections: 32, keepAlive: true });
    expect([engine.origin.href, engine.maxIdleConnections, engine.tls, engine.openStream]).toEqual([
      `${NODE}/`,
      undefined,
      undefined,
      undefined,
    ]);
    expect(client.origin).toBe(NODE);
  });

  test("gets the options", async () => {
    const options = {
      connectTimeoutMs: 5,
      maxConnections: 6,
      keepAlive: false,
      maxIdleConnections: 7,
      tls: { ca: "c" },
    };
    expect((await connected({ url: "https://node", ...options })).engine).toMatchObject(options);
  });
});

test("a path of the URL comes before that of each request, and headers go with it", async () => {
  const { client, requests } = await connected({ url: `${NODE}/scylla/api//`, headers: { authorization: "Bearer x" } });
  await client.listModules();
  expect(requests[0]?.path).toBe("/scylla/api/task_manager/list_modules");
  expect(requests[0]?.headers).toMatchObject({ authorization: "Bearer x" });
});

test.each(["nope", "ftp://node", "file:///node"])("%s is refused", async (url) => {
  await expect(connected({ url })).rejects.toThrow(new TypeError(`${url} is neither an http nor an https URL`));
});

test.each([
  "connection",
  "Content-Length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "TE",
  "trailer",
  "transfer-encoding",
  "upgrade",
])("the header %s is refused", async (name) => {
  await expect(connected({ headers: { "x-a": "1", [name]: "x" } })).rejects.toThrow(
    new TypeError(`the header ${name} is set by the client itself`),
  );
});

describe("a proxy command", () => {
  test.each<[Partial<ConnectOptions>, string]>([
    [{ url: "http://node:10000" }, "node 10000 node"],
    [{ url: "http://node" }, "node 80 node"],
    [{ url: "https://node" }, "node 443 node"],
    [{ url: "http://[fd00::7]:9" }, "fd00::7 9 fd00::7"],
    [{ url: "http://10.0.0.7:9", name: "node-7" }, "10.0.0.7 9 node-7"],
  ])("is told of %j: %s", async (options, words) => {
    const { engine } = await connected({ ...options, proxyCommand: "echo %h %p %n" });
    expect(await text(engine.openStream?.() as Readable)).toBe(`${words}\n`);
  });
});

describe("limits", () => {
  test.each<[Partial<ConnectOptions>, number]>([
    [{}, 60_000],
    [{ idleTimeoutMs: 500 }, 500],
    [{ deadlineMs: 300 }, 300],
  ])("of %j: an answer that does not come is a timeout after %i ms", async (options, ms) => {
    vi.useFakeTimers();
    try {
      const { client } = await connected(options, null);
      const failure = client.listModules().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(ms);
      expect(await failure).toMatchObject({ name: RequestTimeoutError.name, timeoutMs: ms });
    } finally {
      vi.useRealTimers();
    }
  });

  test("of an answer's bytes can be set", async () => {
    const { client } = await connected({ maxResponseBytes: 5 });
    await expect(client.listModules()).rejects.toThrow(UnreadableAnswerError);
  });
});

test("rows without a valid id are reported, if the caller wants it", async () => {
  const answer = '[{"task_id":"-x"},{"task_id":"a"}]';
  const reasons: string[] = [];
  const { client } = await connected({ onInvalidRow: ({ reason }) => reasons.push(reason) }, answer);
  expect(await client.listModuleTasks("repair")).toEqual([{ task_id: "a" }]);
  expect(reasons).toHaveLength(1);
  await expect((await connected({}, answer)).client.listModuleTasks("repair")).rejects.toThrow(UnreadableAnswerError);
});
