import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startMockCluster } from "../../src/mock/index.js";
import { openMetricsFaults, readMetrics } from "../fixtures/metrics-text.js";
import { started } from "../fixtures/run-tasks.js";

test("--listen serves what one poll told to any number of clients, and ends with SIGTERM", async () => {
  const mock = await startMockCluster({ scenario: "idle", nodes: 2 });
  onTestFinished(() => mock.stop());
  for (const node of [0, 1]) mock.create({ module: "compaction", type: "major compaction", scope: "keyspace", node });
  const { child, end, written } = started([
    "--url",
    mock.urls[0] as string,
    "-a",
    "metrics",
    "--listen",
    "127.0.0.1:0",
    "--interval",
    "1h",
  ]);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const { value: line } = await lines.next();
  const [url = ""] = /http:\S+/.exec(line) ?? [];
  expect(line).toBe(`listening on ${url}`);
  const first = await (await fetch(url)).text();
  expect(readMetrics(first).sum("scylla_tasks_running")).toBe(2);
  mock.clearRequests();
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await (await fetch(url)).text()));
  expect(new Set(answers)).toEqual(new Set([first]));
  const open = await (await fetch(url, { headers: { accept: "application/openmetrics-text" } })).text();
  expect(openMetricsFaults(open)).toEqual([]);
  expect((await fetch(new URL("/healthz", url))).status).toBe(200);
  expect(mock.requests).toEqual([]);
  child.kill("SIGTERM");
  expect(await end).toEqual({ code: 143, signal: null });
  expect(written.stderr).toBe("");
});
