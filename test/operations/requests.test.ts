import { describe, expect, test } from "vitest";
import { runInProcess } from "../fixtures/run-in-process.js";
import { type Answer, jsonAnswer, scriptedServer } from "../fixtures/scripted-server.js";
import { ID } from "../fixtures/wait-servers.js";
import { start, withMock } from "./stage.js";

const PLACE = ["--endpoint", "e", "--bucket", "b", "--prefix", "p", "--keyspace", "ks", "--table", "t"];
const PLACE_QUERY = "endpoint=e&bucket=b&prefix=p&keyspace=ks&table=t";
const WAIT = `GET /task_manager/wait_task/${ID}`;

/** A server that knows the keyspace `ks` of tablets and `vn` of vnodes, and starts whatever it is told to. Bodies are kept. */
async function against(args: readonly string[], { release = "2026.4.0", state = "done", input = "" } = {}) {
  const bodies: string[] = [];
  const answer: Answer = (request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (body !== "") bodies.push(body);
      const value = {
        "/storage_service/scylla_release_version": release,
        "/storage_service/keyspaces": request.url?.includes("replication=tablets") ? ["ks"] : ["ks", "vn"],
        "/column_family/": [
          { ks: "ks", cf: "t1", type: "ColumnFamilies" },
          { ks: "vn", cf: "v1", type: "ColumnFamilies" },
          { ks: "ks", cf: "t2", type: "ColumnFamilies" },
        ],
        "/storage_service/tablets/repair": { tablet_task_id: ID },
        "/storage_service/repair_async/vn": 7,
        "/task_manager/list_module_tasks/repair": [
          { task_id: ID, type: "repair", scope: "keyspace", keyspace: "vn", sequence_number: 7, shard: 0 },
        ],
        "/snitch/datacenter": "dc1",
        "/storage_service/host_id": [{ key: "127.0.0.1", value: ID }],
        [`/task_manager/wait_task/${ID}`]: { id: ID, state },
      }[path];
      jsonAnswer(value ?? ID)(request, response);
    });
  };
  const server = await scriptedServer(answer);
  try {
    const run = await runInProcess(["--url", server.url, "start", ...args], {}, { input });
    return { ...run, requests: server.requests, bodies };
  } finally {
    await server.stop();
  }
}

describe.concurrent("the requests are those of nodetool", () => {
  test.each<[string[], string[]]>([
    [
      ["backup", ...PLACE, "--snapshot", "s", "--wait"],
      [`POST /storage_service/backup?${PLACE_QUERY}&snapshot=s&move_files=false`, WAIT],
    ],
    [
      ["backup", ...PLACE, "--snapshot", "s", "--move-files"],
      [`POST /storage_service/backup?${PLACE_QUERY}&snapshot=s&move_files=true`],
    ],
    [
      ["restore", ...PLACE, "--scope", "dc", "--primary-replica-only", "me-1-TOC.txt", "me-2-TOC.txt", "--wait"],
      [`POST /storage_service/restore?${PLACE_QUERY}&scope=dc&primary_replica_only=true`, WAIT],
    ],
    [
      ["repair", "ks", "t1", "--wait"],
      [
        "GET /storage_service/keyspaces",
        "GET /storage_service/keyspaces?replication=tablets",
        "POST /storage_service/tablets/repair?ks=ks&table=t1&tokens=all",
        WAIT,
      ],
    ],
    [
      ["repair", "ks", "--wait"],
      [
        "GET /storage_service/keyspaces",
        "GET /storage_service/keyspaces?replication=tablets",
        "GET /column_family/",
        "POST /storage_service/tablets/repair?ks=ks&table=t1&tokens=all",
        WAIT,
        "POST /storage_service/tablets/repair?ks=ks&table=t2&tokens=all",
        WAIT,
      ],
    ],
    [
      [
        ...["repair", "ks", "t1", "--in-dc", "dc1,dc2", "--in-dc", "dc3", "--in-hosts", "h1", "--in-hosts", "h2"],
        ...["--tablet-tokens", "1,-5", "--incremental-mode", "FULL"],
      ],
      [
        "GET /storage_service/keyspaces",
        "GET /storage_service/keyspaces?replication=tablets",
        "POST /storage_service/tablets/repair?ks=ks&table=t1&tokens=1%2C-5&hosts_filter=h1%2Ch2&dcs_filter=dc1%2Cdc2%2Cdc3&incremental_mode=full",
      ],
    ],
    [
      ["repair", "--all-keyspaces", "--replication", "tablets"],
      [
        "GET /storage_service/keyspaces?type=non_local_strategy&replication=tablets",
        "GET /column_family/",
        "POST /storage_service/tablets/repair?ks=ks&table=t1&tokens=all",
        "POST /storage_service/tablets/repair?ks=ks&table=t2&tokens=all",
      ],
    ],
    [
      ["repair", "vn", "v1", "v2", "-pr", "-local", "-st", "-5", "-et", "9", "--small-table-optimization"],
      [
        "GET /storage_service/keyspaces",
        "GET /storage_service/keyspaces?replication=tablets",
        "GET /snitch/datacenter",
        "POST /storage_service/repair_async/vn?columnFamilies=v1%2Cv2&primaryRange=true&startToken=-5&endToken=9&dataCenters=dc1&small_table_optimization=true",
        "GET /task_manager/list_module_tasks/repair",
      ],
    ],
    [
      ["cluster-backup", "-l", "dc1,e,b,p", "-l", "dc2,e,b", "ks", "--table", "t1,t2", "--snapshot", "s", "--wait"],
      [
        "GET /storage_service/scylla_release_version",
        "POST /storage_service/tablets/backup?snapshot=s&keyspace=ks&table=t1%2Ct2&move_files=false",
        WAIT,
      ],
    ],
    [
      ["tablet-restore", "--datacenter", "dc1", ...PLACE, "--snapshot", "s", "m1", "m2"],
      [
        "GET /storage_service/scylla_release_version",
        "POST /storage_service/tablets/restore?keyspace=ks&table=t&snapshot=s",
      ],
    ],
  ])("%j", async (args, requests) => {
    const run = await against(args);
    expect(run.code, run.stderr).toBe(0);
    expect(run.requests).toEqual(requests);
  });

  test("with bodies: the file's lines, then the arguments", async () => {
    const args = ["restore", ...PLACE, "--sstables-file-list", "-", "c-TOC.txt"];
    expect(await against(args, { input: "a-TOC.txt\n\nb-TOC.txt\r\n" })).toMatchObject({
      code: 0,
      stdout: `${ID}\n`,
      bodies: ['["a-TOC.txt","b-TOC.txt","c-TOC.txt"]'],
    });
    const location = '{"datacenter":"dc1","endpoint":"e","bucket":"b","prefix":"p"';
    expect((await against(["cluster-backup", "-l", "dc1,e,b,p"])).bodies).toEqual([`[${location}}]`]);
    expect(
      (await against(["tablet-restore", "--datacenter", "dc1", ...PLACE, "--snapshot", "s", "m1"])).bodies,
    ).toEqual([`[${location},"manifests":["m1"]}]`]);
  });

  test("a restore list of 100,000 names arrives whole", async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `me-3g9f_${index}_4kqe82bqdyn2cz3e7h-big-TOC.txt`);
    const run = await against(["restore", ...PLACE, "--sstables-file-list", "-"], { input: names.join("\n") });
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.bodies[0] ?? "")).toEqual(names);
  });

  test("a task that failed is 123, and the next table is not begun", async () => {
    const run = await against(["repair", "ks", "--wait"], { state: "failed" });
    expect(run.code).toBe(123);
    expect(run.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
    const going = await against(["repair", "ks", "--wait", "--keep-going"], { state: "failed" });
    expect(going.code).toBe(123);
    expect(going.requests.filter((line) => line.startsWith("POST"))).toHaveLength(2);
  });
});

describe.concurrent("invalid arguments are reported before anything starts", () => {
  test.each<[string[], string, { release?: string }?]>([
    [
      ["repair", "vn", "--incremental-mode", "full"],
      "'--incremental-mode' works only on keyspaces with tablets; 'vn' has vnodes",
    ],
    [["repair", "ks", "-pr"], "'--partitioner-range' works only on keyspaces with vnodes; 'ks' has tablets"],
    [["repair", "none"], "keyspace 'none' does not exist\n"],
    [["repair", "vnn"], "keyspace 'vnn' does not exist\n(Did you mean vn?)"],
    [["repair"], "required parameter is missing: keyspace"],
    [["repair", "ks", "--all-keyspaces"], "give either a keyspace or --all-keyspaces, not both"],
    [
      ["repair", "vn", "--in-hosts", "a", "--in-dc", "b"],
      "'--in-hosts' cannot be used together with --in-dc or --ignore-nodes",
    ],
    [["backup", "--endpoint", "e"], "required parameter is missing: keyspace (--keyspace)"],
    [["restore", ...PLACE], "required parameter is missing: toc"],
    [["restore", ...PLACE, "--sstables-file-list", "/nonexistent/list"], "cannot read '/nonexistent/list'"],
    [["restore", ...PLACE, "--scope", "world", "x"], "It takes one of all, dc, rack, node"],
    [
      ["cluster-backup", "-l", "dc1,e,b,p"],
      "'start cluster-backup' needs ScyllaDB 2026.4 or newer; the server is 2026.3.0",
      { release: "2026.3.0" },
    ],
    [["cluster-backup", "-l", "dc1"], "It takes <dc>,<endpoint>,<bucket>[,<prefix>]."],
    [
      ["tablet-restore", "--datacenter", "dc1", ...PLACE, "--snapshot", "s", "m1"],
      "'start tablet-restore' needs ScyllaDB 2026.3 or newer; the server is 2025.4.2-0.20260101.abc",
      { release: "2025.4.2-0.20260101.abc" },
    ],
    [
      ["cleanup", "--global", "--wait"],
      "option '--global' needs ScyllaDB 2025.4 or newer; the server is 2025.3.8",
      { release: "2025.3.8" },
    ],
    [["repair", "ks", "t1", "--tablet-tokens", "1,x"], "option '--tablet-tokens' argument 'x' is invalid"],
    [["cleanup", "--global"], "starts no task that could be followed later: it needs --wait"],
    [["scrub", "vn", "--drop-unfixable-sstables"], "needs --scrub-mode SEGREGATE, not VALIDATE"],
    [
      ["scrub", "vn", "--scrub-mode", "segregate", "--drop-unfixable-sstables"],
      "option '--drop-unfixable-sstables' needs ScyllaDB 2026.1 or newer; the server is 2025.4.0",
      { release: "2025.4.0" },
    ],
    [["decommission"], "cannot ask for confirmation without a terminal: use --yes"],
    [["decommission", "--yes", "--all-nodes"], "works on one node: give exactly one --host, without --all-nodes"],
    [["removenode", "--yes"], "required parameter is missing: host-id"],
    [["rebuild", "--force", "--yes"], "option '--force' needs a datacenter"],
  ])("%j: %s", async (args, message, options) => {
    const run = await against(args, options);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(message);
    expect(run.requests.filter((line) => !line.startsWith("GET"))).toEqual([]);
  });

  test("--dry-run prints the requests, and sends none that starts work", async () => {
    const run = await against(["repair", "--all-keyspaces", "--dry-run"]);
    expect(run).toMatchObject({
      code: 0,
      stdout:
        "POST /storage_service/repair_async/ks\nPOST /storage_service/repair_async/vn\n" +
        "POST /storage_service/tablets/repair?ks=ks&table=t1&tokens=all\n" +
        "POST /storage_service/tablets/repair?ks=ks&table=t2&tokens=all\n",
    });
    expect(run.requests.filter((line) => !line.startsWith("GET"))).toEqual([]);
    const restore = await against(["restore", ...PLACE, "a", "--dry-run", "--json"]);
    expect(JSON.parse(restore.stdout)).toEqual([
      { node: "127.0.0.1", method: "POST", path: `/storage_service/restore?${PLACE_QUERY}`, body: ["a"] },
    ]);
    expect(restore.requests).toEqual([]);
  });
});

test("a table is named if the node does not identify it", async () => {
  await withMock(
    async (mock) => {
      const run = await start(mock, ["repair", "telemetry", "readings", "--all-nodes", "--json"]);
      expect(run.code, run.stderr).toBe(0);
      const { nodes } = JSON.parse(run.stdout);
      expect(nodes).toMatchObject([{ node: null, keyspace: "telemetry", table: "readings", state: "done" }]);
    },
    { nodes: 3, release: "2026.4" },
  );
});
