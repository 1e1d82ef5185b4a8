// Processes of the `mock` case: each prints one line of JSON, then serves until it is ended.
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startMockCluster } from "../dist/mock.js";

const MODULE = "compaction";
const description = { module: MODULE, type: "major compaction", scope: "table", keyspace: "shop", table: "orders" };

const peakMb = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;

/** Starts a mock with this many tasks, with the event loop free now and then, as whoever fills it would do. */
async function filledMock(total, options = {}) {
  const cluster = await startMockCluster({ scenario: "idle", generation: "current", ...options });
  const tasks = [];
  for (let index = 0; index < total; index++)
    tasks.push(cluster.create({ ...description, table: `table_${index % 300}` }));
  return { cluster, tasks };
}

/** The longest time for which the event loop of this process stood still meanwhile. */
async function longestStallMs(work) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await sleep(20);
  delays.reset();
  await work();
  await sleep(20);
  delays.disable();
  return delays.max / 1e6;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function fetchText(url, method = "GET") {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let firstByteMs;
    request(url, { method }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        firstByteMs ??= performance.now() - started;
        text += chunk;
      });
      response.on("end", () => resolve({ text, firstByteMs, wholeMs: performance.now() - started }));
    })
      .on("error", reject)
      .end();
  });
}

/** @throws Error where the mock does not list as many */
async function mustList(url, total) {
  const { length } = JSON.parse((await fetchText(url)).text);
  if (length !== total) throw new Error(`the mock lists ${length} tasks instead of ${total}`);
}

const SUBJECTS = {
  async status() {
    const { cluster, tasks } = await filledMock(1);
    return { url: `${cluster.urls[0]}/task_manager/task_status/${tasks[0].id}` };
  },

  async bare() {
    const { cluster, tasks } = await filledMock(1);
    const { text } = await fetchText(`${cluster.urls[0]}/task_manager/task_status/${tasks[0].id}`);
    await cluster.stop();
    const body = Buffer.from(text);
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("content-length", body.length);
      response.end(body);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${server.address().port}/` };
  },

  async list() {
    const { cluster } = await filledMock(100_000);
    const url = `${cluster.urls[0]}/task_manager/list_module_tasks/${MODULE}`;
    await mustList(url, 100_000);
    globalThis.gc();
    const before = process.memoryUsage.rss() / 1024 ** 2;
    let answer;
    const stallMs = await longestStallMs(async () => {
      answer = await fetchText(url);
    });
    return { ...answer, text: undefined, stallMs, moreMb: Math.max(0, process.memoryUsage.rss() / 1024 ** 2 - before) };
  },

  async million() {
    const { cluster } = await filledMock(1_000_000);
    await mustList(`${cluster.urls[0]}/task_manager/list_module_tasks/${MODULE}?table=table_1`, 3334);
    return { peakMb: peakMb() };
  },

  async expiry() {
    const { cluster, tasks } = await filledMock(100_000);
    const url = `${cluster.urls[0]}/task_manager/list_module_tasks/${MODULE}`;
    await fetchText(`${cluster.urls[0]}/task_manager/ttl?ttl=1`, "POST");
    for (const task of tasks) task.finish();
    const idleMs = await longestStallMs(() => sleep(500));
    await mustList(url, 100_000);
    const stallMs = await longestStallMs(() => sleep(1500));
    await mustList(url, 0);
    return { stallMs, idleMs };
  },
};

const said = await SUBJECTS[process.argv[2]]();
process.stdout.write(`${JSON.stringify(said)}\n`);
