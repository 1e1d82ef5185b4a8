import { _, type Probe, type Probed, probeReleases, type ReleaseRow } from "./probed.js";

const UUID = /^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$/;
const NIL = '"00000000-0000-0000-0000-000000000000"';
const LOCATION = { datacenter: "datacenter1", endpoint: "s3.example.com", bucket: "b", prefix: "p" };
const BACKUP = "POST /storage_service/backup?endpoint=s3.example.com&bucket=b&keyspace=shop";
const RESTORE = "POST /storage_service/restore?endpoint=s3.example.com&bucket=b&keyspace=shop&table=orders";
const COLOCATED =
  "Cannot set repair request on table 'telemetry'.'readings_by_day' because it is colocated with the base table " +
  "'telemetry'.'readings'. Repair requests can be made only on the base table. " +
  "Repairing the base table will also repair all tables colocated with it.";

/** What a call answers: `an id`, its text, or the status and message of an error. */
const prompt =
  (request: string, body?: unknown): Probe =>
  async (on) => {
    const [method = "", path = ""] = request.split(" ");
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${on.cluster.urls[0]}${path}`, init);
    const text = await response.text();
    if (response.status !== 200) return `${response.status} ${(JSON.parse(text) as { message: string }).message}`;
    return UUID.test(text) && text !== NIL ? "an id" : text;
  };

const unsupported = (name: string) => `400 Unsupported optional parameter '${name}'`;
const noBoolean = (name: string) => `400 ${name} (maybe): type error - should be bool`;

const repairOfTablets =
  (query: string): Probe =>
  async (on) => {
    const answer = String(
      await prompt(`POST /storage_service/tablets/repair?ks=telemetry&table=readings&tokens=0${query}`)(on),
    );
    const id = /^\{"tablet_task_id":"([0-9a-f-]{36})"\}$/.exec(answer)?.[1];
    if (id === undefined) return answer;
    await on.abort(id).catch(() => {});
    return "an id";
  };

/** The tasks of a module that a call has started, by node. */
async function started(on: Probed, module: string, request: string): Promise<string[]> {
  const before = new Set((await listed(on, module)).map(({ row }) => row.task_id));
  const call = prompt(request)(on);
  let fresh = await listed(on, module);
  for (let turns = 0; turns < 100 && fresh.length <= before.size; turns++) fresh = await listed(on, module);
  const made = fresh.filter(({ row }) => !before.has(row.task_id));
  let isOver = false;
  call.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    on.clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await call;
  return made.map(({ node, row }) => `${node}: ${row.type}, ${row.scope}, ${row.keyspace}`);
}

async function listed(on: Probed, module: string) {
  const lists = on.cluster.urls.map(async (url, node) => {
    const response = await fetch(`${url}/task_manager/list_module_tasks/${module}`);
    const rows = (await response.json()) as Record<string, unknown>[];
    return rows.map((row) => ({ node, row }));
  });
  return (await Promise.all(lists)).flat();
}

const LOCAL_CLEANUP = ["0: global cleanup compaction, global, "];
const CLEANUP_OF_ALL = [0, 1].flatMap((node) =>
  ["shop", "accounts"].map((keyspace) => `${node}: cleanup compaction, keyspace, ${keyspace}`),
);

/** The rows of docs/server/releases.md about the calls that start operations. */
// biome-ignore format: a table is read in columns.
const ROWS: ReleaseRow[] = [
  ["unknown parameter of keyspace_compaction", [unsupported("colour"), _, _, _, "an id", _, _, _, _], prompt("POST /tasks/compaction/keyspace_compaction/shop?colour=red")],
  ["unknown parameter of keyspace_scrub", [unsupported("colour"), _, _, _, "an id", _, _, _, _], prompt("GET /tasks/compaction/keyspace_scrub/shop?colour=red")],
  ["unknown parameter of other compactions", ["an id", _, _, _, _, _, _, _, _], prompt("GET /tasks/compaction/keyspace_upgrade_sstables/shop?colour=red")],
  ["unknown parameter of compact", ["400 Unsupported optional parameter 'colour'", _, _, _, "0: major compaction, global, ", _, _, _, _],
    async (on) => {
      const request = "POST /storage_service/compact?colour=red";
      if (!(await ignoresUnknown(on))) return prompt(request)(on);
      return (await started(on, "compaction", request)).join();
    }],
  ["asynchronous consider_only_existing_data", [unsupported("consider_only_existing_data"), _, "500 std::runtime_error (Invalid boolean parameter value)", unsupported("consider_only_existing_data"), "500 std::runtime_error (Invalid boolean parameter value)", _, _, _, _],
    prompt("POST /tasks/compaction/keyspace_compaction/shop?consider_only_existing_data=maybe")],
  ["wait on a tablet task whose table is dropped", ["-", "-", "500", _, _, "done", _, _, _],
    async (on) => {
      if (!(await on.value<string[]>("GET /task_manager/list_modules")).includes("tablets")) return "-";
      const task = on.clusterTask("tablets", "user_repair", { scope: "table", keyspace: "telemetry", table: "devices" });
      const { state, code } = await on.waited(task.id, () => on.cluster.dropTable("telemetry", "devices"));
      return code === undefined ? state : String(code);
    }],
  ["cleanup of a keyspace with tablets", ["an id", _, NIL, "an id", NIL, _, _, _, _], prompt("POST /tasks/compaction/keyspace_cleanup/telemetry")],
  ["cleanup of a local keyspace", ["an id", _, NIL, "an id", NIL, _, _, _, _], prompt("POST /tasks/compaction/keyspace_cleanup/system")],
  ["cleanup of a keyspace of vnodes", ["an id", _, _, _, _, _, _, _, _], prompt("POST /tasks/compaction/keyspace_cleanup/shop")],
  ["cleanup_all", [LOCAL_CLEANUP, _, _, _, _, CLEANUP_OF_ALL, _, _, _], (on) => started(on, "compaction", "POST /storage_service/cleanup_all")],
  ["cleanup_all?global=true", [LOCAL_CLEANUP, _, _, _, _, CLEANUP_OF_ALL, _, _, _], (on) => started(on, "compaction", "POST /storage_service/cleanup_all/?global=true")],
  ["cleanup_all?global=false", [LOCAL_CLEANUP, _, _, _, _, _, _, _, _], (on) => started(on, "compaction", "POST /storage_service/cleanup_all/?global=false")],
  ["repair_async of tablets", ["a number", _, _, _, _, "403 Cannot repair tablet keyspace. Use /storage_service/tablets/repair to repair tablet keyspaces.", _, _, _],
    async (on) => String(await prompt("POST /storage_service/repair_async/telemetry")(on)).replace(/^\d+$/, "a number")],
  ["tablets/repair", ["404 Not found", "an id", _, _, _, _, _, _, _], repairOfTablets("")],
  ["tablets/repair: hosts_filter", ["404 Not found", "an id", "400 Wrong host_id format me", _, _, _, _, _, _], repairOfTablets("&hosts_filter=me")],
  ["tablets/repair: dcs_filter", ["404 Not found", "an id", _, _, _, _, _, _, _], repairOfTablets("&dcs_filter=datacenter1")],
  ["tablets/repair: await_completion", ["404 Not found", "an id", "500 std::runtime_error (Parameter must be either 'true' or 'false')", _, _, _, _, _, _], repairOfTablets("&await_completion=1")],
  ["tablets/repair: incremental_mode", ["404", "an id", _, _, _, "500", _, _, _],
    async (on) => String(await repairOfTablets("&incremental_mode=some")(on)).replace(/^(\d{3}) .*/, "$1")],
  ["tablets/repair: a colocated table", ["404 Not found", "an id", _, _, _, `400 ${COLOCATED}`, _, _, _], async (on) => {
    const answer = String(await prompt("POST /storage_service/tablets/repair?ks=telemetry&table=readings_by_day&tokens=0")(on));
    const id = /"([0-9a-f-]{36})"\}/.exec(answer)?.[1];
    if (id === undefined) return answer;
    await on.abort(id).catch(() => {});
    return "an id";
  }],
  ["backup without prefix", ["an id", "400 Missing mandatory parameter 'prefix'", _, _, _, _, _, _, _], prompt(`${BACKUP}&table=orders&snapshot=nightly`)],
  ["backup without table", ["an id", "400 Missing mandatory parameter 'table'", _, _, _, _, _, _, _], prompt(`${BACKUP}&prefix=p&snapshot=nightly`)],
  ["backup: move_files", ["an id", _, _, noBoolean("move_files"), _, _, _, _, _], prompt(`${BACKUP}&prefix=p&table=orders&snapshot=nightly&move_files=maybe`)],
  ["backup without snapshot", ["400 The snapshot name must be specified", _, _, _, _, _, _, _, _], prompt(`${BACKUP}&prefix=p&table=orders`)],
  ["backup to an unknown endpoint", ["500 std::invalid_argument (endpoint nowhere not found)", _, _, "an id", _, _, _, _, _],
    prompt(`${BACKUP.replace("s3.example.com", "nowhere")}&prefix=p&table=orders&snapshot=nightly`)],
  ["backup of an unknown snapshot", ["an id", _, _, _, _, _, _, _, _, "500 std::invalid_argument (snapshot none not found for table shop.orders)"], prompt(`${BACKUP}&prefix=p&table=orders&snapshot=none`)],
  ["restore by snapshot", ["an id", "400 Missing mandatory parameter 'prefix'", _, _, _, _, _, _, _], prompt(`${RESTORE}&snapshot=nightly`)],
  ["restore by prefix and body", ["400 Missing mandatory parameter 'snapshot'", "an id", _, _, _, _, _, _, _], prompt(`${RESTORE}&prefix=p`, ["a-TOC.txt"])],
  ["restore: scope", ["an id", _, "400 invalid scope parameter value", _, _, _, _, _, _], prompt(`${RESTORE}&prefix=p&snapshot=nightly&scope=world`, ["a-TOC.txt"])],
  ["restore: primary_replica_only", ["an id", _, _, _, _, "500 std::runtime_error (Invalid boolean parameter value)", _, _, _],
    prompt(`${RESTORE}&prefix=p&snapshot=nightly&primary_replica_only=maybe`, ["a-TOC.txt"])],
  ["tablets/restore", ["404 Not found", _, _, _, _, _, _, _, "an id", _],
    prompt("POST /storage_service/tablets/restore?keyspace=telemetry&table=readings&snapshot=nightly", [{ ...LOCATION, manifests: ["m"] }])],
  ["tablets/backup", ["404 Not found", _, _, _, _, _, _, _, _, "an id"], prompt("POST /storage_service/tablets/backup?keyspace=shop&snapshot=nightly", [LOCATION])],
  ["vnodes to tablets", ["404 Not found", _, _, _, _, _, _, '{"keyspace": "accounts", "status": "vnodes", "nodes": []}', _], prompt("GET /storage_service/vnode_tablet_migrations/keyspaces/accounts")],
  ["scrub: drop_unfixable_sstables", [unsupported("drop_unfixable_sstables"), _, _, _, "an id", _, noBoolean("drop_unfixable_sstables"), _, _],
    prompt("GET /tasks/compaction/keyspace_scrub/shop?scrub_mode=SEGREGATE&drop_unfixable_sstables=maybe")],
  ["scrub: quarantine_invalid_sstables", [unsupported("quarantine_invalid_sstables"), _, _, _, "an id", _, _, _, _, noBoolean("quarantine_invalid_sstables")],
    prompt("GET /tasks/compaction/keyspace_scrub/shop?quarantine_invalid_sstables=maybe")],
  ["keyspaces?replication=tablets", ['["telemetry"]', _, _, _, _, _, _, _, _], prompt("GET /storage_service/keyspaces?replication=tablets")],
  ["keyspaces?type=non_local_strategy&replication=vnodes", ['["shop","accounts"]', _, _, _, _, _, _, _, _], prompt("GET /storage_service/keyspaces?type=non_local_strategy&replication=vnodes")],
  ["keyspaces", ['["shop","telemetry","accounts","system","system_schema"]', _, _, _, _, _, _, _, _], prompt("GET /storage_service/keyspaces")],
  ["a compaction's total above its groups", ["unknown at the root", _, _, _, _, "known at the root", _, _, _], async (on) => {
    const id = await on.value<string>("POST /tasks/compaction/keyspace_compaction/shop?cf=orders");
    const tree = await on.value<Record<string, unknown>[]>(`GET /task_manager/task_status_recursive/${id}`);
    // Without an expected total it is the sum of children without progress: 0, or 1 for each.
    return Number(tree[0]?.progress_total) < 10 ? "unknown at the root" : "known at the root";
  }],
];

async function ignoresUnknown(on: Probed): Promise<boolean> {
  return (await prompt("POST /tasks/compaction/keyspace_compaction/shop?colour=red")(on)) === "an id";
}

const EXISTING = "asynchronous consider_only_existing_data";
const CLEANUP = "cleanup of a keyspace with tablets";
const DROPPED = "wait on a tablet task whose table is dropped";

probeReleases(ROWS, [
  ["2025.1.10", EXISTING, unsupported("consider_only_existing_data")],
  ["2025.1.11", EXISTING, "500 std::runtime_error (Invalid boolean parameter value)"],
  ["2025.3.6", EXISTING, "an id"],
  ["2025.3.7", EXISTING, "500 std::runtime_error (Invalid boolean parameter value)"],
  ["2025.1.10", CLEANUP, "an id"],
  ["2025.1.11", CLEANUP, NIL],
  ["2025.3.6", CLEANUP, "an id"],
  ["2025.3.7", CLEANUP, NIL],
  ["2025.4.7", DROPPED, "500"],
  ["2025.4.8", DROPPED, "done"],
  ["2026.1.0", DROPPED, "500"],
  ["2026.1.1", DROPPED, "done"],
]);
