import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MockCluster, startMockCluster } from "../../src/mock/index.js";
import { readMetrics } from "../fixtures/metrics-text.js";
import { runInProcess, startedInProcess } from "../fixtures/run-in-process.js";
import { until } from "../fixtures/wait-servers.js";

const COMPACTION = { module: "compaction", type: "major compaction", scope: "keyspace", keyspace: "shop" } as const;

let mock: MockCluster;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "metrics-"));
  mock = await startMockCluster({ scenario: "idle", nodes: 2 });
  mock.create(COMPACTION);
  mock.create({ ...COMPACTION, node: 1 });
});
afterAll(async () => {
  await mock.stop();
  await rm(folder, { recursive: true });
});

const at = (url = mock.urls[0] as string) => ["--url", url];

test("--once prints the metrics, and its exit code says who did not answer", async () => {
  const one = await runInProcess([...at(), "metrics", "--once"]);
  expect(one).toMatchObject({ code: 0, stderr: "" });
  expect(readMetrics(one.stdout).sum("scylla_tasks_running")).toBe(1);
  const all = await runInProcess([...at(), "-a", "metrics", "--once"]);
  expect(readMetrics(all.stdout).sum("scylla_tasks_running")).toBe(2);
  const over = mock.addFault({ node: 1, status: 502 });
  const part = await runInProcess([...at(), "-a", "metrics", "--once"]);
  over();
  expect(part).toMatchObject({ code: 3, stderr: expect.stringContaining("no answer from node 127.0.0.2") });
  expect(readMetrics(part.stdout).sum("scylla_tasks_running")).toBe(1);
  const dead = await runInProcess([...at("http://127.0.0.1:1"), "metrics", "--once"]);
  expect(dead).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^warning: no answer from node 127\.0\.0\.1: .*\n$/),
  });
  expect(readMetrics(dead.stdout).sum("scylla_tasks_up")).toBe(0);
});

describe("--textfile", () => {
  test("takes the place of the file at once, and leaves nothing beside it", async () => {
    const file = join(folder, "tasks.prom");
    await writeFile(file, "before");
    expect(await runInProcess([...at(), "metrics", "--textfile", file])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readMetrics(await readFile(file, "utf8")).sum("scylla_tasks_running")).toBe(1);
    expect(await readdir(folder)).toEqual(["tasks.prom"]);
  });

  test.each(["/nonexistent/tasks.prom", "/tmp", ""])("%j is refused before anything is asked", async (file) => {
    mock.clearRequests();
    const { code, stdout, stderr } = await runInProcess([...at(), "metrics", "--textfile", file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: option '--textfile <file>': .*\n$/);
    expect(mock.requests).toEqual([]);
  });
});

test.each([
  [["--listen", "0.0.0.0:0"], "--allow-remote"],
  [["--listen", "nowhere"], "It takes an address and a port"],
  [["--once", "--textfile", "a"], "give one of"],
  [["--once", "--interval", "5s"], "--interval"],
  [["--interval", "10ms"], "takes at least 1s"],
  [["--max-series", "0"], "--max-series"],
])("%j is refused", async (args, text) => {
  expect(await runInProcess([...at(), "metrics", ...args])).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining(text),
  });
});

describe("metrics that go on", () => {
  const folderOf = (text: string) => join(folder, text);

  test("--listen serves the last poll until it is interrupted, and says when a node goes and comes back", async () => {
    const run = startedInProcess([...at(), "-a", "metrics", "--listen", "127.0.0.1:0", "--interval", "1h"]);
    await until(() => run.written.stdout.endsWith("\n"));
    const [url = ""] = /http:\S+/.exec(run.written.stdout) ?? [];
    expect(run.written.stdout).toBe(`listening on ${url}\n`);
    expect(readMetrics(await (await fetch(url)).text()).sum("scylla_tasks_running")).toBe(2);
    const health = await fetch(new URL("/healthz", url));
    expect([health.status, await health.text()]).toEqual([200, expect.stringMatching(/^ok/)]);
    const over = mock.addFault({ node: 1, status: 502 });
    await until(() => run.written.stderr.includes("no answer from node 127.0.0.2"));
    over();
    await until(() => run.written.stderr.includes("node 127.0.0.2 answers again"));
    run.interrupt();
    expect(await run.end).toBe(130);
    expect(run.written.stderr.match(/no answer from node/g)).toHaveLength(1);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("a node that never answers makes the server unhealthy, and the metrics say so", async () => {
    const run = startedInProcess([...at("http://127.0.0.1:1"), "metrics", "--listen", "127.0.0.1:0"]);
    await until(() => run.written.stdout.endsWith("\n"));
    const [url = ""] = /http:\S+/.exec(run.written.stdout) ?? [];
    expect(readMetrics(await (await fetch(url)).text()).sum("scylla_tasks_up")).toBe(0);
    const health = await fetch(new URL("/healthz", url));
    expect([health.status, await health.text()]).toEqual([503, "no node answered the last poll\n"]);
    run.interrupt();
    expect(await run.end).toBe(130);
  });

  test("--textfile with --interval is written again and again, and a full disk is no end", async () => {
    const file = folderOf("repeated.prom");
    const run = startedInProcess([...at(), "metrics", "--textfile", file, "--interval", "1h"]);
    await until(() => existsSync(file));
    await rm(file);
    await until(() => existsSync(file));
    await rm(file);
    await mkdir(join(file, "in the way"), { recursive: true });
    await until(() => run.written.stderr.startsWith("error: "));
    run.interrupt();
    expect(await run.end).toBe(130);
    expect(run.written.stdout).toBe("");
  });

  test("what finds no room under --max-series is counted, and said", async () => {
    const run = await runInProcess([...at(), "-a", "metrics", "--once", "--max-series", "1"]);
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/^warning: \d+ series above the limit of 1 \(--max-series\)/);
  });
});
