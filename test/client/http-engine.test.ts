import type { IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ConnectOptions, connectOver } from "../../src/client/connect.js";
import { createHttpEngine } from "../../src/client/http-engine.js";
import { agentProxy } from "../fixtures/agent-proxy.js";
import { jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";

const ID = "5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});

async function clientOf(url: string, options: Partial<ConnectOptions> = {}) {
  const client = await connectOver(createHttpEngine, { url, ...options });
  ends.push(() => client.close());
  return client;
}

/** The port of a server that does something with each connection. */
async function portOf(accept: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe("the limit for connecting", () => {
  test("counts until TLS is established", async () => {
    const port = await portOf(() => {});
    const client = await clientOf(`https://127.0.0.1:${port}`, { connectTimeoutMs: 50 });
    const error = await client.startCleanup("shop").catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "ETIMEDOUT",
      maybeSent: false,
      message: expect.stringContaining("the connection timed out"),
      cause: { message: "no connection within 0.05 s" },
    });
  });

  test.each(["TCP", "TLS"])("does not count once there is a connection: %s", async (kind) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let arrived: (answer: () => void) => void = () => {};
    const arrival = new Promise<() => void>((resolve) => {
      arrived = resolve;
    });
    const server = await scriptedServer((request, response) => arrived(() => jsonAnswer(["m"])(request, response)));
    ends.push(server.stop);
    const agent = await agentProxy({ target: server.url, token: "t" });
    ends.push(agent.stop);
    const client = await clientOf(kind === "TLS" ? agent.url : server.url, {
      connectTimeoutMs: 1000,
      tls: { insecure: true },
      headers: { authorization: "Bearer t" },
    });
    const modules = client.listModules();
    const answer = await arrival;
    vi.advanceTimersByTime(20_000);
    answer();
    expect(await modules).toEqual(["m"]);
  });
});

test("an answer that switches to another protocol is unreadable", async () => {
  const port = await portOf((socket) => {
    socket.once("data", () =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
  });
  const client = await clientOf(`http://127.0.0.1:${port}`);
  await expect(client.listModules()).rejects.toThrow("it switched to another protocol");
});

test("requests that may have a body tell its length, others do not", async () => {
  const received: IncomingHttpHeaders[] = [];
  const server = await scriptedServer((request, response) => {
    received.push(request.headers);
    jsonAnswer(request.method === "GET" ? [] : ID)(request, response);
  });
  ends.push(server.stop);
  const client = await clientOf(server.url, { headers: { "x-a": "b" } });
  await client.listModules();
  await client.abortTask(ID);
  const options = { endpoint: "e", bucket: "b", prefix: "p", keyspace: "k", table: "t" };
  await client.startRestore({ ...options, sstables: ["é"] });
  expect(received.map((headers) => [headers["content-length"], headers["x-a"]])).toEqual([
    [undefined, "b"],
    ["0", "b"],
    ["6", "b"],
  ]);
});

test("a connection that breaks is tried again only if it was used before", async () => {
  let connections = 0;
  const port = await portOf((socket) => {
    connections++;
    socket.once("data", () => socket.resetAndDestroy());
  });
  const client = await clientOf(`http://127.0.0.1:${port}`);
  await expect(client.listModules()).rejects.toThrow("the connection broke");
  expect(connections).toBe(1);
});
