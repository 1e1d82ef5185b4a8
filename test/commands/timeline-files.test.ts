import { existsSync } from "node:fs";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ManualClock, type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { expectOtlp } from "../fixtures/otlp-rules.js";
import { runInProcess } from "../fixtures/run-in-process.js";
import { expectTrace } from "../fixtures/trace-rules.js";

const clock = new ManualClock(Date.parse("2026-11-23T22:00:00Z"));
let mock: MockCluster;
let id: string;
let folder: string;

beforeAll(async () => {
  mock = await startMockCluster({ scenario: "idle", clock });
  const compaction = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;
  const root = mock.create(compaction);
  mock.create({ ...compaction, scope: "table", table: "orders", parent: root });
  id = root.id;
});
afterAll(() => mock.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasks-timeline-"));
});
afterEach(() => rm(folder, { recursive: true }));

const at = () => ["-h", "127.0.0.1", "-p", new URL(mock.urls[0] as string).port];
const timeline = (args: readonly string[], env: Record<string, string> = {}) =>
  runInProcess([...at(), "timeline", id, ...args], env);

describe("files", () => {
  test("each is written whole, and nothing is printed", async () => {
    const [svg, perfetto, otlp] = ["t.svg", "t.json", "t.otlp"].map((name) => join(folder, name));
    const args = ["--svg", svg, "--perfetto", perfetto, "--otlp", otlp] as string[];
    expect(await timeline(args)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await readdir(folder)).sort()).toEqual(["t.json", "t.otlp", "t.svg"]);
    expect(await readFile(svg as string, "utf8")).toContain("</svg>");
    expect(expectTrace(await readFile(perfetto as string, "utf8"))).toHaveLength(2);
    expect(expectOtlp(JSON.parse(await readFile(otlp as string, "utf8")))).toHaveLength(2);
  });

  test("one that is there is replaced, with its mode; a link stays a link", async () => {
    const file = join(folder, "old.svg");
    await writeFile(file, "old");
    await chmod(file, 0o640);
    await symlink(file, join(folder, "link.svg"));
    expect(await timeline(["--svg", join(folder, "link.svg")])).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toContain("<svg");
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect((await lstat(join(folder, "link.svg"))).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(["link.svg", "old.svg"]);
  });

  test("- is stdout, and what is no file is written to as it is", async () => {
    expect((await timeline(["--svg", "-"])).stdout).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(await timeline(["--svg", "/dev/null"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  test.each([
    ["a directory", ".", "it is a directory"],
    ["a directory that is not there", "no/t.svg", "no such directory"],
    ["below a file", "file/t.svg", "not a directory"],
  ])("%s is refused before a node is asked", async (_, name, words) => {
    await writeFile(join(folder, "file"), "");
    mock.clearRequests();
    const run = await timeline(["--svg", join(folder, name)]);
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("'--svg <file>'") });
    expect(run.stderr).toContain(words);
    expect(mock.requests).toEqual([]);
  });

  test.skipIf(!existsSync("/dev/full"))("a disk that is full is one clear message", async () => {
    expect(await timeline(["--svg", "/dev/full"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: cannot write '/dev/full': ENOSPC: no space left on device\n",
    });
  });

  test("two options do not write to one place", async () => {
    expect(await timeline(["--svg", "-", "--perfetto", "-"])).toMatchObject({ code: 1, stdout: "" });
  });
});

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A collector that answers as it is told, and keeps what it got. */
async function collector(answer: { status?: number; body?: string }, tls?: { cert: Buffer; key: Buffer }) {
  const received: Received[] = [];
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ url: request.url ?? "", headers: request.headers, body });
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(answer.body ?? "{}");
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { received, origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`, stop };
}

describe("a collector", () => {
  test("gets the trace, and nothing that is meant for the node", async () => {
    const { received, origin, stop } = await collector({ body: '{"partialSuccess":{}}' });
    const env = { TASKS_TOKEN: "of-the-node", OTEL_EXPORTER_OTLP_HEADERS: "x-scope=one%20two" };
    expect(await timeline(["--otlp", `${origin}/v1/traces`], env)).toEqual({ code: 0, stdout: "", stderr: "" });
    await stop();
    expect(received).toHaveLength(1);
    const [{ url, headers, body }] = received as [Received];
    expect(url).toBe("/v1/traces");
    expect(headers).toMatchObject({ "content-type": "application/json", "x-scope": "one two" });
    expect(JSON.stringify(headers)).not.toContain("of-the-node");
    expect(expectOtlp(JSON.parse(body))).toHaveLength(2);
  });

  test("is asked below its address, with a query as it is given", async () => {
    const { received, origin, stop } = await collector({ body: "" });
    expect(await timeline(["--otlp", origin])).toMatchObject({ code: 0, stderr: "" });
    expect(await timeline(["--otlp", `${origin}/a%20b/traces?key=v`])).toMatchObject({ code: 0, stderr: "" });
    await stop();
    expect(received.map(({ url }) => url)).toEqual(["/v1/traces", "/a%20b/traces?key=v"]);
  });

  test("that takes a part makes the run a part", async () => {
    const { origin, stop } = await collector({
      body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}',
    });
    const run = await timeline(["--otlp", origin]);
    await stop();
    expect(run).toEqual({
      code: 3,
      stdout: "",
      stderr: "warning: the collector rejected 1 task: too old\n",
    });
  });

  test("that only warns is heard", async () => {
    const { origin, stop } = await collector({ body: '{"partialSuccess":{"errorMessage":"use https"}}' });
    const run = await timeline(["--otlp", origin]);
    await stop();
    expect(run).toEqual({ code: 0, stdout: "", stderr: "warning: the collector says: use https\n" });
  });

  test.each([
    [{ status: 400, body: '{"code":3,"message":"bad span"}' }, "answered 400 Bad Request: bad span"],
    [{ status: 503, body: "" }, "answered 503"],
    [{ status: 307, body: "" }, "answered 307"],
    [{ body: "<html>" }, "unreadable answer"],
    [{ body: "[" }, "unreadable answer"],
  ])("whose answer is %j is one clear message", async (answer, words) => {
    const { origin, stop } = await collector(answer);
    const env = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20s3cret-of-mine" };
    const run = await timeline(["--otlp", origin], env);
    await stop();
    expect(run).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("error: cannot send the trace: "),
    });
    expect(run.stderr).toContain(words);
    expect(run.stderr).not.toContain("s3cret");
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("that is not there is named, and not taken for ScyllaDB", async () => {
    const { origin, stop } = await collector({});
    await stop();
    expect(await timeline(["--otlp", origin])).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: cannot send the trace: nothing is listening at ${origin}\n`,
    });
  });

  test("over TLS is trusted if its certificate is", async () => {
    const tls = (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url);
    const [cert, key] = await Promise.all([readFile(tls("server.pem")), readFile(tls("server-key.pem"))]);
    const { received, origin, stop } = await collector({}, { cert, key });
    const url = origin.replace("127.0.0.1", "localhost");
    expect(await timeline(["--otlp", url])).toMatchObject({ code: 2, stderr: expect.stringContaining("certificate") });
    expect(received).toEqual([]);
    const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: tls("ca.pem").pathname };
    expect(await timeline(["--otlp", url], env)).toEqual({ code: 0, stdout: "", stderr: "" });
    await stop();
  });

  test.each([
    ["http://user:word@localhost/", {}, "OTEL_EXPORTER_OTLP_HEADERS"],
    ["http://:::/", {}, "not a URL"],
    ["http://localhost/%zz", {}, "not a URL"],
    ["http://localhost/", { OTEL_EXPORTER_OTLP_HEADERS: "secret" }, "name=value"],
    ["http://localhost/", { OTEL_EXPORTER_OTLP_CERTIFICATE: "/nonexistent" }, "OTEL_EXPORTER_OTLP_CERTIFICATE"],
  ])("%s with %j is refused before a node is asked", async (url, env, words) => {
    mock.clearRequests();
    const run = await timeline(["--otlp", url], env);
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) });
    expect(run.stderr).not.toContain("secret");
    expect(mock.requests).toEqual([]);
  });
});
