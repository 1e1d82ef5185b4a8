import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { acceptedForm } from "../../src/metrics/accepted-form.js";
import { OPEN_METRICS_FORM, TEXT_FORM } from "../../src/metrics/exposition.js";
import { listenAddress, type MetricsServer, refuseIfPublic, serveMetrics } from "../../src/metrics/metrics-server.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serving(isOk = true): Promise<MetricsServer> {
  const server = await serveMetrics(
    { host: "127.0.0.1", port: 0 },
    { text: async (form) => `as ${form}\n`, health: () => ({ isOk, text: isOk ? "ok" : "too old" }) },
  );
  ends.push(server.stop);
  return server;
}

/** What the server says to these bytes until it closes the connection. */
function rawAnswer({ url }: MetricsServer, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

test("metrics come in the form that the request prefers", async () => {
  const { url } = await serving();
  const text = await fetch(`${url}/metrics?x=1`);
  expect(text.headers.get("content-type")).toBe(TEXT_FORM);
  expect(text.headers.get("vary")).toBe("Accept");
  expect(await text.text()).toBe(`as ${TEXT_FORM}\n`);
  const open = await fetch(`${url}/metrics`, { headers: { accept: "application/openmetrics-text" } });
  expect(open.headers.get("content-type")).toBe(OPEN_METRICS_FORM);
});

test.each([
  ["GET", "/healthz", 200, "ok\n"],
  ["GET", "/", 200, expect.stringContaining("/metrics")],
  ["GET", "/metric", 404, "not found\n"],
  ["GET", "//metrics", 404, "not found\n"],
  ["POST", "/metrics", 405, expect.stringContaining("only GET and HEAD")],
  ["DELETE", "/healthz", 405, expect.stringContaining("only GET and HEAD")],
  ["HEAD", "/metrics", 200, ""],
  ["HEAD", "/nothing", 404, ""],
])("%s %s: %d", async (method, path, status, body) => {
  const { url } = await serving();
  const answer = await fetch(`${url}${path}`, { method });
  expect(answer.status).toBe(status);
  expect(await answer.text()).toEqual(body);
  if (method === "HEAD" && status === 200)
    expect(answer.headers.get("content-length")).toBe(String(`as ${TEXT_FORM}\n`.length));
});

test("healthz answers 503 if the metrics are too old", async () => {
  const { url } = await serving(false);
  const answer = await fetch(`${url}/healthz`);
  expect([answer.status, await answer.text()]).toEqual([503, "too old\n"]);
});

test.each([
  [
    "more headers than it reads",
    `GET /metrics HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    /^HTTP\/1.1 431 /,
  ],
  ["no HTTP", "hello\r\n\r\n", /^HTTP\/1.1 400 /],
  ["a request without a host", "GET /metrics HTTP/1.1\r\n\r\n", /^HTTP\/1.1 400 /],
])("a client that sends %s is refused, and the next one is served", async (_, bytes, expected) => {
  const server = await serving();
  expect(await rawAnswer(server, bytes)).toMatch(expected);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test("clients that hold a connection block neither others nor the end of the server", async () => {
  const server = await serving();
  const port = Number(new URL(server.url).port);
  const slow = Array.from({ length: 50 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  for (const socket of slow) socket.write("GET /metrics HTTP/1.1\r\n");
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const closed = slow.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  await server.stop();
  await Promise.all(closed);
});

describe("the form", () => {
  test.each([
    [undefined, TEXT_FORM],
    ["*/*", TEXT_FORM],
    ["text/plain", TEXT_FORM],
    ["application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", OPEN_METRICS_FORM],
    ["application/openmetrics-text;q=0.1, text/plain", TEXT_FORM],
    ["Application/OpenMetrics-Text; Q=0.9", OPEN_METRICS_FORM],
    ["application/openmetrics-text;q=0", TEXT_FORM],
    [",".repeat(100_000), TEXT_FORM],
  ])("of Accept %j", (accept, form) => expect(acceptedForm(accept)).toBe(form));
});

describe("an address to listen on", () => {
  test.each([
    ["9185", "127.0.0.1", 9185],
    [":0", "127.0.0.1", 0],
    ["localhost:80", "localhost", 80],
    ["127.1.2.3:1", "127.1.2.3", 1],
    ["[::1]:9185", "::1", 9185],
  ])("%s", (text, host, port) => {
    expect(listenAddress(text)).toEqual({ host, port });
    refuseIfPublic({ host, port }, false);
  });

  test.each(["", "x", "127.0.0.1", "127.0.0.1:65536", "::1:9185", "a:b:1", "127.0.0.1:-1"])(
    "%j is not an address",
    (text) => {
      expect(() => listenAddress(text)).toThrow("It takes an address and a port");
    },
  );

  test.each(["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "scylla-1:1", "127.0.0.1.example.com:1"])(
    "%s has to be allowed",
    (text) => {
      const address = listenAddress(text);
      expect(() => refuseIfPublic(address, false)).toThrow("--allow-remote");
      refuseIfPublic(address, true);
    },
  );
});

test("an address in use gives a single message", async () => {
  const { url } = await serving();
  const port = Number(new URL(url).port);
  await expect(
    serveMetrics({ host: "127.0.0.1", port }, { text: async () => "", health: () => ({ isOk: true, text: "" }) }),
  ).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: `);
});
