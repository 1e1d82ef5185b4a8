// What is measured, each against what a user would use instead.
import { fileURLToPath } from "node:url";
import { interleave, measure, megabytes, mustEqual, ratio, seconds, table } from "./measure.mjs";
import { jsonArray, serve, stats, status } from "./servers.mjs";

const TASKS = fileURLToPath(new URL("../bin/tasks.js", import.meta.url));
const PARSE = fileURLToPath(new URL("./parse-alone.mjs", import.meta.url));
const node = process.execPath;
const tasks = (port, ...args) => [node, TASKS, "-h", "127.0.0.1", "-p", port, ...args];
const shell = (line) => ["/bin/sh", "-c", line];

/** Other Node binaries to start with, beside the one that runs the bench. */
const NODES = [node, ...(process.env.BENCH_NODES ?? "").split(",").filter(Boolean)];

export async function startup() {
  const server = await serve((path) => (path.endsWith("list_modules") ? ["compaction", "repair"] : status(0, 1)));
  const rows = [];
  for (const binary of NODES) {
    const version = (await measure([binary, "--version"], { keep: true })).stdout.toString().trim();
    const run = (...args) => [binary, TASKS, ...args];
    const at = ["-h", "127.0.0.1", "-p", server.port];
    const result = await interleave(
      {
        "node -e 0": [binary, "-e", "0"],
        "--version": run("--version"),
        "--help": run("--help"),
        "a usage error": run("lst"),
        modules: run("modules", ...at),
        "status ID --json": run("status", "x", "--json", ...at),
      },
      15,
    );
    const base = result["node -e 0"].ms;
    for (const [name, { ms }] of Object.entries(result)) {
      const target = name === "node -e 0" ? "" : /modules|status/.test(name) ? "2.0" : "1.3";
      rows.push([version, name, `${ms.toFixed(0)} ms`, ratio(ms, base), target]);
    }
  }
  await server.stop();
  return table(["Node", "command", "time", "ratio to node -e 0", "target"], rows);
}

export async function list() {
  const count = 100_000;
  const body = jsonArray(count, stats);
  const server = await serve(() => body);
  const url = `http://127.0.0.1:${server.port}/task_manager/list_module_tasks/compaction`;
  const columns =
    "[.task_id,.type,.kind,.scope,.state,.sequence_number,.keyspace,.table,.entity,.shard,.start_time,.end_time]";
  const result = await interleave(
    {
      table: tasks(server.port, "list", "compaction"),
      "curl | jq | column": shell(`curl -s ${url} | jq -r '.[]|${columns}|@tsv' | column -t -s '\t'`),
      "--json": tasks(server.port, "list", "compaction", "--json"),
      "curl | jq .": shell(`curl -s ${url} | jq .`),
      "-o ndjson": tasks(server.port, "list", "compaction", "-o", "ndjson"),
      "-o csv": tasks(server.port, "list", "compaction", "-o", "csv"),
      "parsing alone": [node, PARSE, url],
    },
    5,
  );
  // Equal to the slow path's: the same values, and the same table made the plain way.
  const expected = JSON.parse(body).map((row) => ({
    ...row,
    end_time: row.end_time.startsWith("1970") ? null : row.end_time,
  }));
  const json = await measure(tasks(server.port, "list", "compaction", "--json"), { keep: true });
  mustEqual("--json", JSON.stringify(JSON.parse(json.stdout)), JSON.stringify(expected));
  const ndjson = await measure(tasks(server.port, "list", "compaction", "-o", "ndjson"), { keep: true });
  mustEqual("-o ndjson", ndjson.stdout.toString(), expected.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const plain = await measure(tasks(server.port, "list", "compaction"), { keep: true });
  mustEqual("table", plain.stdout.toString(), plainTable(expected));
  await server.stop();
  const against = (name, other, target) => [
    name,
    seconds(result[name].ms),
    other,
    seconds(result[other].ms),
    ratio(result[name].ms, result[other].ms),
    target,
    megabytes(result[name].maxRssMb),
    seconds(result[name].firstByteMs),
  ];
  return table(
    ["list of 100,000", "time", "against", "its time", "ratio", "target", "peak memory", "first byte"],
    [
      against("table", "curl | jq | column", "0.4, 250 MB"),
      against("--json", "curl | jq .", "1.0"),
      against("-o ndjson", "parsing alone", "1.5, 120 MB"),
      against("-o csv", "parsing alone", "1.5, 120 MB"),
    ],
  );
}

const TITLES = [
  "task_id",
  "type",
  "kind",
  "scope",
  "state",
  "sequence_number",
  "keyspace",
  "table",
  "entity",
  "shard",
  "start_time",
  "end_time",
];

function plainTable(rows) {
  const cells = [TITLES, ...rows.map((row) => TITLES.map((title) => String(row[title] ?? "")))];
  const widths = TITLES.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column].length), 1));
  return cells.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column])).join(" ")}\n`).join("");
}

export async function tree() {
  const body = jsonArray(100_000, status);
  const server = await serve(() => body);
  const url = `http://127.0.0.1:${server.port}/task_manager/task_status_recursive/x`;
  const result = await interleave(
    {
      table: tasks(server.port, "tree", "x"),
      "--json": tasks(server.port, "tree", "x", "--json"),
      "curl | jq .": shell(`curl -s ${url} | jq .`),
      "-o ndjson": tasks(server.port, "tree", "x", "-o", "ndjson"),
      "parsing alone": [node, PARSE, url],
    },
    3,
  );
  await server.stop();
  return table(
    ["tree of 100,000", "time", "ratio", "peak memory"],
    [
      [
        "table",
        seconds(result.table.ms),
        `${ratio(result.table.ms, result["curl | jq ."].ms)} of curl \\| jq .`,
        megabytes(result.table.maxRssMb),
      ],
      [
        "--json",
        seconds(result["--json"].ms),
        `${ratio(result["--json"].ms, result["curl | jq ."].ms)} of curl \\| jq .`,
        megabytes(result["--json"].maxRssMb),
      ],
      [
        "-o ndjson",
        seconds(result["-o ndjson"].ms),
        `${ratio(result["-o ndjson"].ms, result["parsing alone"].ms)} of parsing alone`,
        megabytes(result["-o ndjson"].maxRssMb),
      ],
    ],
  );
}

export async function growth() {
  const rows = [];
  for (const count of [1000, 10_000, 100_000, 1_000_000]) {
    for (const [name, element, args] of [
      ["list, table", stats, ["list", "compaction"]],
      ["list, ndjson", stats, ["list", "compaction", "-o", "ndjson"]],
      ["tree, table", status, ["tree", "x"]],
    ]) {
      // A million statuses are 600 MB of JSON: the table of those is nobody's wish.
      if (name === "tree, table" && count > 100_000) continue;
      const body = jsonArray(count, element);
      const server = await serve(() => body);
      const { ms, maxRssMb, code } = await measure(tasks(server.port, ...args));
      await server.stop();
      if (code !== 0) throw new Error(`${name} of ${count} ended with ${code}`);
      rows.push([
        name,
        count.toLocaleString("en"),
        seconds(ms),
        `${((ms * 1000) / count).toFixed(1)} µs`,
        megabytes(maxRssMb),
      ]);
    }
  }
  return table(["what", "rows", "time", "time a row", "peak memory"], rows);
}

export async function cluster() {
  const rows = [];
  for (const count of [10, 100, 1000]) {
    const addresses = Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const body = jsonArray(100, stats);
    const whole = jsonArray(100 * count, stats);
    const server = await serve((path) => {
      if (path === "/gossiper/endpoint/live") return addresses;
      if (path.startsWith("/gossiper/endpoint/live")) return addresses;
      if (path.startsWith("/gossiper/endpoint/down")) return [];
      return path.startsWith("/all") ? whole : body;
    });
    const base = `http://127.0.0.1:${server.port}`;
    const result = await interleave(
      {
        nodes: tasks(server.port, "-a", "--node-url", `${base}/%h`, "list", "compaction", "--json"),
        "parsing alone": [node, PARSE, `${base}/all`],
        "one node": [node, TASKS, "--url", `${base}/all`, "list", "compaction", "--json"],
      },
      3,
    );
    const { mostSockets } = server.counts();
    const run = await measure(tasks(server.port, "-a", "--node-url", `${base}/%h`, "list", "compaction", "--json"), {
      keep: true,
    });
    mustEqual("nodes", JSON.parse(run.stdout).tasks.length, 100 * count);
    await server.stop();
    rows.push([
      count.toLocaleString("en"),
      seconds(result.nodes.ms),
      seconds(result["one node"].ms),
      ratio(result.nodes.ms, result["one node"].ms),
      ratio(result.nodes.ms, result["parsing alone"].ms),
      megabytes(result.nodes.maxRssMb),
      mostSockets,
    ]);
  }
  return table(
    [
      "nodes × 100 tasks",
      "time",
      "the same from one node",
      "ratio",
      "ratio to parsing alone",
      "peak memory",
      "most sockets",
    ],
    rows,
  );
}

export async function wait() {
  const rows = [];
  for (const count of [1, 2, 1000]) {
    const times = [];
    let memory = 0;
    let requests = 0;
    for (let round = 0; round < 3; round++) {
      let asked = 0;
      let answeredAt = 0;
      let release;
      const all = new Promise((resolve) => {
        release = resolve;
      });
      const { createServer } = await import("node:http");
      const held = [];
      const server = createServer((_request, response) => {
        asked++;
        held.push(response);
        if (held.length === count) release();
      });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
      const ids = Array.from({ length: count }, (_, index) => `id-${index}`);
      const running = measure(tasks(String(server.address().port), "wait", "-q", ...ids));
      const started = performance.now();
      await all;
      for (const response of held) response.setHeader("content-type", "application/json").end('{"state":"done"}');
      answeredAt = performance.now();
      const { ms, maxRssMb } = await running;
      times.push(started + ms - answeredAt);
      memory = Math.max(memory, maxRssMb);
      requests = asked;
      server.closeAllConnections();
      server.close();
    }
    rows.push([count, requests, `${times.toSorted((a, b) => a - b)[1].toFixed(0)} ms`, megabytes(memory)]);
  }
  return table(["tasks in one wait", "requests", "end after the last answer", "peak memory"], rows);
}

export async function mock() {
  const { startMockCluster } = await import("../dist/mock.js");
  const { createServer } = await import("node:http");
  const { Agent, request } = await import("node:http");
  const rate = async (port, path) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const until = performance.now() + 3000;
    let done = 0;
    const one = () =>
      new Promise((resolve, reject) => {
        request({ agent, host: "127.0.0.1", port, path }, (response) => response.resume().on("end", resolve))
          .on("error", reject)
          .end();
      });
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        while (performance.now() < until) {
          await one();
          done++;
        }
      }),
    );
    agent.destroy();
    return done / 3;
  };
  const cluster = await startMockCluster({ scenario: "idle" });
  const task = cluster.create({ module: "repair", type: "repair", scope: "keyspace" });
  const path = `/task_manager/task_status/${task.id}`;
  const bare = createServer((_request, response) =>
    response.setHeader("content-type", "application/json").end('{"id":"x"}'),
  );
  await new Promise((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const mockRate = await rate(Number(new URL(cluster.urls[0]).port), path);
  const bareRate = await rate(bare.address().port, path);
  bare.closeAllConnections();
  bare.close();
  await cluster.stop();
  return table(
    ["server and client in one process", "requests a second"],
    [
      ["task_status of the mock", mockRate.toFixed(0)],
      ["a bare node:http handler", bareRate.toFixed(0)],
      ["ratio", ratio(mockRate, bareRate)],
    ],
  );
}
