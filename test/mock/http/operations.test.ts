import { describe, expect, it } from "vitest";
import { ManualClock, type MockCluster } from "../../../src/mock/index.js";
import { ask, serve, valueFrom } from "./served.js";

const NIL = "00000000-0000-0000-0000-000000000000";
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;
const BACKUP = "POST /storage_service/backup?endpoint=s3.example.com&bucket=b&prefix=p&keyspace=shop&table=orders";
const RESTORE = "POST /storage_service/restore?endpoint=s3.example.com&bucket=b&prefix=p&keyspace=shop&table=orders";
const TABLETS = "POST /storage_service/tablets/repair?ks=telemetry&table=readings&tokens=all";
const RESTORE_TABLETS = "POST /storage_service/tablets/restore?keyspace=telemetry&table=readings&snapshot=nightly";
const BACKUP_TABLETS = "POST /storage_service/tablets/backup?snapshot=nightly&keyspace=shop";
const LOCATION = { datacenter: "datacenter1", endpoint: "s3.example.com", bucket: "b", prefix: "p" };
const CLEANUP = "/keyspace_cleanup";

/** Sends a request with a body, which is JSON unless it is a string. */
async function send(cluster: MockCluster, request: string, body: unknown, node = 0) {
  const [method = "", path = ""] = request.split(" ");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${cluster.urls[node]}${path}`, { method, body: text });
  return { status: response.status, text: await response.text() };
}

async function tasksOf(cluster: MockCluster, module: string, node = 0, more = "") {
  return await valueFrom<Record<string, unknown>[]>(
    cluster,
    `GET /task_manager/list_module_tasks/${module}${more}`,
    node,
  );
}

const statusOf = (cluster: MockCluster, id: string, node = 0) =>
  valueFrom<Record<string, unknown>>(cluster, `GET /task_manager/task_status/${id}`, node);

/** The last status of a task; the clock is advanced until it ends. */
async function endOf(cluster: MockCluster, id: string): Promise<Record<string, unknown>> {
  const end = valueFrom<Record<string, unknown>>(cluster, `GET /task_manager/wait_task/${id}`);
  await runUntil(cluster, end);
  return await end;
}

/** Advances the clock until the promise has settled. */
async function runUntil(cluster: MockCluster, promise: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  promise.then(end, end);
  for (let turns = 0; !isOver && turns < 100_000; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    cluster.clock.advance(1000);
  }
}

const manual = () => ({ clock: new ManualClock() });
const refusal = (code: number, message: string) => ({
  status: code,
  text: `{"message": ${JSON.stringify(message)}, "code": ${code}}`,
});

describe("a call that a release lacks is 404", () => {
  it.each<[string, string, string?]>([
    ["2026.3", "2026.2", RESTORE_TABLETS],
    ["2026.4", "2026.3", BACKUP_TABLETS],
    ["seed", "6.2", TABLETS],
    ["2026.2", "2026.1", "POST /storage_service/vnode_tablet_migrations/keyspaces/shop"],
  ])("%s has, %s lacks", async (has, lacks, request = "") => {
    const [newer, older] = await Promise.all([serve({ release: has, ...manual() }), serve({ release: lacks })]);
    expect((await ask(newer, request)).status).not.toBe(404);
    expect(await ask(older, request)).toMatchObject(refusal(404, "Not found"));
  });
});

describe("parameters are checked as the release does it", () => {
  it.each<[string, string, number, string]>([
    ["latest", "POST /storage_service/backup?endpoint=e", 400, "Missing mandatory parameter 'bucket'"],
    ["latest", BACKUP, 400, "The snapshot name must be specified"],
    ["latest", `${BACKUP}&snapshot=`, 400, "The snapshot name must be specified"],
    ["latest", `${BACKUP}&snapshot=s&move_files=yes`, 400, "move_files (yes): type error - should be bool"],
    ["2026.4", `${BACKUP}&snapshot=none`, 500, "std::invalid_argument (snapshot none not found for table shop.orders)"],
    [
      "2025.1",
      `${BACKUP.replace("s3.example.com", "nowhere")}&snapshot=nightly`,
      500,
      "std::invalid_argument (endpoint nowhere not found)",
    ],
    ["6.2", "POST /storage_service/restore?endpoint=e&bucket=b", 400, "Missing mandatory parameter 'snapshot'"],
    ["latest", TABLETS.replace("tokens=all", "tokens="), 400, "Missing mandatory parameter 'tokens'"],
    ["latest", `${TABLETS}&hosts_filter=me`, 400, "Wrong host_id format me"],
    ["latest", `${TABLETS}&await_completion=1`, 500, "std::runtime_error (Parameter must be either 'true' or 'false')"],
    ["latest", TABLETS.replace("readings", "nothing"), 400, "Can't find a column family nothing in keyspace telemetry"],
    [
      "latest",
      TABLETS.replace("readings", "readings_by_day"),
      400,
      "Cannot set repair request on table 'telemetry'.'readings_by_day' because it is colocated with the base table " +
        "'telemetry'.'readings'. Repair requests can be made only on the base table. " +
        "Repairing the base table will also repair all tables colocated with it.",
    ],
    [
      "latest",
      "POST /storage_service/repair_async/telemetry",
      403,
      "Cannot repair tablet keyspace. Use /storage_service/tablets/repair to repair tablet keyspaces.",
    ],
    ["latest", "POST /storage_service/repair_async/shop?colour=red", 400, "option colour is not supported"],
    ["latest", "POST /storage_service/repair_async/none", 400, "Can't find a keyspace none"],
    [
      "latest",
      "POST /storage_service/repair_async/shop?hosts=a&dataCenters=b",
      400,
      "Cannot combine dataCenters and hosts options.",
    ],
    [
      "latest",
      "POST /storage_service/repair_async/shop?startToken=1&endToken=1",
      400,
      "Start and end tokens must be different.",
    ],
    ["latest", "GET /storage_service/repair_async/shop?id=7", 400, "unknown repair id 7"],
    ["latest", `POST /tasks/compaction${CLEANUP}/none`, 400, "Can't find a keyspace none"],
    [
      "latest",
      `POST /tasks/compaction${CLEANUP}/shop?cf=none`,
      400,
      "Can't find a column family none in keyspace shop",
    ],
    [
      "latest",
      "GET /tasks/compaction/keyspace_scrub/shop?scrub_mode=HARD",
      400,
      "Unknown argument for 'scrub_mode' parameter: HARD",
    ],
    [
      "2025.2",
      "POST /tasks/compaction/keyspace_compaction/shop?consider_only_existing_data=true",
      400,
      "Unsupported optional parameter 'consider_only_existing_data'",
    ],
    [
      "2025.2",
      "GET /tasks/compaction/keyspace_scrub/shop?drop_unfixable_sstables=true",
      400,
      "Unsupported optional parameter 'drop_unfixable_sstables'",
    ],
    [
      "latest",
      "POST /tasks/compaction/keyspace_compaction/shop?flush_memtables=perhaps",
      500,
      "std::runtime_error (Invalid boolean parameter value)",
    ],
    ["latest", "POST /storage_service/remove_node", 400, "Missing mandatory parameter 'host_id'"],
    [
      "latest",
      "POST /storage_service/remove_node?host_id=nobody",
      500,
      "std::runtime_error (removenode[nobody]: Node not found in the cluster)",
    ],
    ["latest", "POST /storage_service/rebuild?force=true", 400, "The `source_dc` parameter must be given with `force`"],
    [
      "latest",
      "POST /storage_service/rebuild?source_dc=nowhere",
      500,
      "std::runtime_error (rebuild failed: nowhere is not a datacenter of the cluster)",
    ],
    ["latest", `${BACKUP.replace("=shop", "=none")}&snapshot=nightly`, 400, "Can't find a keyspace none"],
    ["latest", TABLETS.replace("telemetry", "none"), 400, "Can't find a column family readings in keyspace none"],
    [
      "latest",
      "POST /storage_service/tablets/repair?ks=shop&table=orders&tokens=all",
      500,
      "std::runtime_error (Table shop.orders does not use tablets)",
    ],
    ["latest", "POST /storage_service/repair_async/shop?startToken=x&endToken=1", 400, "cannot parse integer: x"],
    ["latest", "POST /storage_service/repair_async/shop?ranges=1", 400, "range must have the form start:end: 1"],
    [
      "latest",
      "GET /tasks/compaction/keyspace_scrub/shop?drop_unfixable_sstables=true&scrub_mode=ABORT",
      400,
      "The parameter 'drop_unfixable_sstables' goes only with scrub_mode=SEGREGATE",
    ],
    [
      "latest",
      "POST /storage_service/vnode_tablet_migrations/keyspaces/telemetry",
      500,
      "std::runtime_error (Keyspace telemetry does not use vnodes)",
    ],
    [
      "latest",
      "POST /storage_service/vnode_tablet_migrations/keyspaces/shop/finalization",
      500,
      "std::runtime_error (keyspace shop does not migrate)",
    ],
    [
      "latest",
      "PUT /storage_service/vnode_tablet_migrations/node/storage_mode?intended_mode=paper",
      400,
      "Unknown storage mode: paper",
    ],
    ["latest", "GET /storage_service/keyspaces?type=strange", 400, "Unknown value of type: strange"],
    [
      "latest",
      "POST /storage_service/cleanup_all?global=1",
      500,
      "std::runtime_error (Parameter must be either 'true' or 'false')",
    ],
  ])("%s: %s: %i", async (release, request, code, message) => {
    const cluster = await serve({ release });
    const { status, text } = await ask(cluster, request);
    expect({ status, text }).toEqual(refusal(code, message));
  });

  it.each<[string, unknown, number, string]>([
    [RESTORE, { toc: 1 }, 400, "malformatted sstables in body"],
    [RESTORE, [1], 400, "malformatted sstables in body"],
    [`${RESTORE}&scope=world`, [], 400, "invalid scope parameter value"],
    [RESTORE.replace("s3.example.com", "nowhere"), ["a"], 500, "std::invalid_argument (endpoint nowhere not found)"],
    [RESTORE, "no JSON", 500, "rjson::error (Parsing JSON failed: Invalid value. at 0)"],
    [RESTORE_TABLETS, {}, 400, "backup locations (in body) must be a JSON array"],
    [RESTORE_TABLETS, [], 400, "backup locations array (in body) must contain exactly one entry"],
    [RESTORE_TABLETS, [1], 400, "backup location (in body) must be a JSON object"],
    [RESTORE_TABLETS, [LOCATION], 400, "backup location entry must have 'manifests' array"],
    [RESTORE_TABLETS, [{ ...LOCATION, manifests: [] }], 400, "backup location 'manifests' array must not be empty"],
    [
      RESTORE_TABLETS,
      [{ datacenter: "datacenter1", manifests: ["m"] }],
      400,
      "backup location (in body) must have 'endpoint'",
    ],
    [
      RESTORE_TABLETS,
      [{ ...LOCATION, endpoint: "nowhere", manifests: ["m"] }],
      500,
      "std::invalid_argument (endpoint nowhere not found)",
    ],
    [BACKUP_TABLETS, "{}", 400, "backup locations (in body) must be a JSON array"],
    [BACKUP_TABLETS, [{ ...LOCATION, manifests: [] }], 400, "backup location 'manifests' must not be set for backup"],
    [
      "POST /storage_service/tablets/backup?snapshot=s&table=orders",
      [LOCATION],
      500,
      "std::invalid_argument (Cannot name tables when doing multiple keyspaces snapshot backup)",
    ],
  ])("the body of %s: %j", async (request, body, code, message) => {
    const cluster = await serve({ release: "2026.4" });
    expect(await send(cluster, request, body)).toEqual(refusal(code, message));
  });
});

it.each([
  ["POST /tasks/compaction/keyspace_compaction/shop?flush_memtables=", ["YES", "no", "True", "0"], ["on", "2"]],
  ["GET /tasks/compaction/keyspace_scrub/shop?disable_snapshot=", ["TRUE", "False", "1", "0"], ["yes", "no"]],
  ["POST /storage_service/cleanup_all?global=", [], ["True", "1", "yes"]],
])("rest-api: the boolean of %s may be %j, and not %j", async (request, accepted, refused) => {
  const cluster = await serve(manual());
  const codesOf = (words: readonly string[]) =>
    Promise.all(words.map(async (word) => (await ask(cluster, request + word)).status));
  expect(await codesOf(accepted)).toEqual(accepted.map(() => 200));
  for (const code of await codesOf(refused)) expect(code).not.toBe(200);
});

it.each([
  ["", ["shop", "telemetry", "accounts", "system", "system_schema"]],
  ["?type=user", ["shop", "telemetry", "accounts"]],
  ["?type=non_local_strategy", ["shop", "telemetry", "accounts"]],
  ["?replication=vnodes", ["shop", "accounts", "system", "system_schema"]],
  ["?type=user&replication=tablets", ["telemetry"]],
  ["?type=all&replication=all", ["shop", "telemetry", "accounts", "system", "system_schema"]],
])("rest-api: keyspaces%s are %j", async (query, names) => {
  expect(await valueFrom(await serve(), `GET /storage_service/keyspaces${query}`)).toEqual(names);
});

describe("a backup", () => {
  it("is a task of its node, whose bytes grow", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    const id = await valueFrom<string>(cluster, `${BACKUP}&snapshot=nightly&move_files=true`, 1);
    expect(await tasksOf(cluster, "snapshot", 0)).toEqual([]);
    expect(await statusOf(cluster, id, 1)).toMatchObject({
      type: "backup",
      kind: "node",
      scope: "node",
      keyspace: "shop",
      table: "",
      sequence_number: 0,
      progress_units: "bytes",
      is_abortable: true,
    });
  });

  it.each([
    ["&snapshot=none", /^std::invalid_argument \(snapshot does not exist at \/\S+\/snapshots\/none\)$/],
    ["&snapshot=nightly&endpoint=nowhere", /^std::invalid_argument \(endpoint nowhere not found\)$/],
  ])("%s fails as a task", async (more, error) => {
    const cluster = await serve(manual());
    const endpoint = more.includes("endpoint") ? BACKUP.replace("endpoint=s3.example.com&", "") : BACKUP;
    const end = await endOf(cluster, await valueFrom(cluster, endpoint + more));
    expect(end).toMatchObject({ state: "failed", error: expect.stringMatching(error) });
  });

  it("of a whole cluster counts nodes, datacenters and tables, on the node that was asked", async () => {
    const cluster = await serve({ release: "2026.4", nodes: 3, ...manual() });
    const { text } = await send(cluster, `${BACKUP_TABLETS}&move_files=false`, [LOCATION], 2);
    const id = JSON.parse(text);
    expect(await statusOf(cluster, id, 2)).toMatchObject({
      type: "cluster backup",
      scope: "datacenter",
      keyspace: "shop",
      table: "orders",
      progress_units: "",
      progress_total: (3 + 1) * 4,
    });
    expect(await tasksOf(cluster, "snapshot", 0)).toEqual([]);
  });
});

describe("a restore", () => {
  it.each([
    [
      `${RESTORE}&scope=node&primary_replica_only=true`,
      "Node scoped streaming of primary replica only is not supported",
    ],
    [RESTORE.replace("=shop", "=none"), "Can't find a keyspace none"],
    [RESTORE.replace("=orders", "=none"), "Can't find a column family none in keyspace shop"],
  ])("that cannot be done fails as a task: %s", async (request, error) => {
    const cluster = await serve(manual());
    const { status, text } = await send(cluster, request, ["a"]);
    expect(status).toBe(200);
    expect(await endOf(cluster, JSON.parse(text))).toMatchObject({
      state: "failed",
      error: expect.stringContaining(error),
    });
  });

  it("takes 100,000 names, and counts them", async () => {
    const cluster = await serve(manual());
    const names = Array.from({ length: 100_000 }, (_, index) => `me-3g9f_${index}_4kqe82bqdyn2cz3e7h-big-TOC.txt`);
    const { status, text } = await send(cluster, RESTORE, names);
    expect(status).toBe(200);
    expect(await statusOf(cluster, JSON.parse(text))).toMatchObject({
      type: "download_sstables",
      table: "",
      progress_units: "batches",
      progress_total: 100_000,
    });
  });

  it.each([
    ["&scope=node&primary_replica_only=true", /Node scoped streaming of primary replica only is not supported/],
    ["&table=none", /Can't find a column family none in keyspace shop/],
  ])("%s fails as a task", async (more, error) => {
    const cluster = await serve(manual());
    const base = more.includes("table=") ? RESTORE.replace("&table=orders", "") : RESTORE;
    const { text } = await send(cluster, base + more, ["a"]);
    expect(await endOf(cluster, JSON.parse(text))).toMatchObject({
      state: "failed",
      error: expect.stringMatching(error),
    });
  });

  it("of tablets knows its SSTables at the start", async () => {
    const cluster = await serve(manual());
    const { text } = await send(cluster, RESTORE_TABLETS, [{ ...LOCATION, manifests: ["m1", "m2"] }]);
    const status = await statusOf(cluster, JSON.parse(text));
    expect(status).toMatchObject({ type: "restore_tablets", progress_units: "sstables", progress_total: 80 });
  });
});

describe("a repair of a keyspace of vnodes", () => {
  it("answers the number of its task", async () => {
    const cluster = await serve(manual());
    const number = await valueFrom<number>(cluster, "POST /storage_service/repair_async/shop?columnFamilies=orders");
    const [row] = await tasksOf(cluster, "repair");
    expect(row).toMatchObject({
      type: "repair",
      scope: "keyspace",
      keyspace: "shop",
      sequence_number: number,
      shard: 0,
    });
    const state = () => valueFrom(cluster, `GET /storage_service/repair_async/shop?id=${number}`);
    expect(await state()).toBe("RUNNING");
    expect(await valueFrom(cluster, "GET /storage_service/active_repair/")).toEqual([number]);
    const waited = valueFrom(cluster, `GET /storage_service/repair_status/?id=${number}`);
    await runUntil(cluster, waited);
    expect(await waited).toBe("SUCCESSFUL");
    expect(await state()).toBe("SUCCESSFUL");
    expect(await valueFrom(cluster, "GET /storage_service/active_repair/")).toEqual([]);
  });

  it("is waited for as long as the timeout says", async () => {
    const cluster = await serve(manual());
    const number = await valueFrom<number>(cluster, "POST /storage_service/repair_async/shop");
    const wait = `GET /storage_service/repair_status/?id=${number}&timeout=`;
    expect(await valueFrom(cluster, `${wait}0`)).toBe("RUNNING");
    expect(await ask(cluster, `${wait}abc`)).toMatchObject({ status: 500, text: expect.stringContaining("lexical") });
    const forEver = valueFrom(cluster, `${wait}-1`);
    await runUntil(cluster, forEver);
    expect(await forEver).toBe("SUCCESSFUL");
  });

  it("with nothing to do has a number and no task", async () => {
    const cluster = await serve(manual());
    const number = await valueFrom<number>(cluster, "POST /storage_service/repair_async/system");
    expect(await tasksOf(cluster, "repair")).toEqual([]);
    expect(await valueFrom(cluster, `GET /storage_service/repair_async/system?id=${number}`)).toBe("SUCCESSFUL");
    expect(await valueFrom(cluster, "POST /storage_service/repair_async/shop")).toBe(number + 1);
  });

  it("ends with all others of its node by force", async () => {
    const cluster = await serve(manual());
    const number = await valueFrom<number>(cluster, "POST /storage_service/repair_async/shop");
    expect(await ask(cluster, "POST /storage_service/force_terminate_repair")).toMatchObject({ status: 200, text: "" });
    cluster.clock.advance(1000);
    expect(await valueFrom(cluster, `GET /storage_service/repair_async/shop?id=${number}`)).toBe("FAILED");
  });

  it("of a scenario is known by its number, too", async () => {
    const cluster = await serve({ scenario: "repair", ...manual() });
    const stateOf = (number: number) => valueFrom(cluster, `GET /storage_service/repair_async/shop?id=${number}`);
    expect(await valueFrom(cluster, "GET /storage_service/active_repair/")).toEqual([2]);
    expect([await stateOf(1), await stateOf(2)]).toEqual(["SUCCESSFUL", "RUNNING"]);
    await ask(cluster, "POST /storage_service/force_terminate_repair");
    cluster.clock.advance(1000);
    expect(await stateOf(2)).toBe("FAILED");
  });

  it("takes tablets too, before 2025.4", async () => {
    const cluster = await serve({ release: "2025.3" });
    expect(await valueFrom(cluster, "POST /storage_service/repair_async/telemetry")).toBe(1);
  });
});

it("semantics 32: a repair of a keyspace without tables has a number and no task", async () => {
  const cluster = await serve(manual());
  for (const table of ["users", "sessions"]) cluster.dropTable("accounts", table);
  expect(await valueFrom(cluster, "POST /storage_service/repair_async/accounts")).toBe(1);
  expect(await tasksOf(cluster, "repair")).toEqual([]);
});

describe("a repair of a table of tablets", () => {
  it("is a cluster task with a child for each tablet", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    const { text } = await ask(cluster, TABLETS, 1);
    expect(text).toMatch(/^\{"tablet_task_id":"[0-9a-f-]{36}"\}$/);
    const { tablet_task_id: id } = JSON.parse(text);
    expect(await statusOf(cluster, id, 0)).toMatchObject({
      type: "user_repair",
      kind: "cluster",
      keyspace: "telemetry",
      table: "readings",
      progress_units: "tablets",
      progress_total: 8,
    });
    const table = (await ask(cluster, TABLETS)).text;
    expect(table).toMatch(
      new RegExp(
        `"std::runtime_error \\(Tablet [0-9a-f-]{36}:0 is already in repair by tablet_task_id=${id}\\)", "code": 500`,
      ),
    );
    expect(await endOf(cluster, id)).toMatchObject({ state: "done" });
    expect(await statusOf(cluster, id)).toMatchObject({ type: "", state: "done", progress_completed: 8 });
  });

  it("knows its total before it starts", async () => {
    const cluster = await serve(manual());
    cluster.addFault({ path: "/storage_service/tablets/repair", task: { queuedSeconds: 60 } });
    const { tablet_task_id: id } = await valueFrom<{ tablet_task_id: string }>(cluster, TABLETS);
    expect(await statusOf(cluster, id)).toMatchObject({ state: "created", progress_completed: 0, progress_total: 8 });
  });

  it("repairs the tablets of its tokens; one that is no number counts as 0", async () => {
    const cluster = await serve(manual());
    const request = TABLETS.replace("tokens=all", "tokens=-9223372036854775808,nonsense,1");
    const { tablet_task_id: id } = await valueFrom<{ tablet_task_id: string }>(cluster, request);
    expect(await statusOf(cluster, id)).toMatchObject({ progress_total: 2 });
  });

  it("is waited for by the call with await_completion", async () => {
    const cluster = await serve(manual());
    const call = ask(cluster, `${TABLETS}&await_completion=true`);
    await runUntil(cluster, call);
    expect((await call).status).toBe(200);
    expect(await tasksOf(cluster, "tablets")).toEqual([]);
  });

  it("is a success for a call that waits, even if it was aborted (semantics 25)", async () => {
    const cluster = await serve(manual());
    cluster.addFault({ path: "/storage_service/tablets/repair", task: { abortedAfterSeconds: 5 } });
    const call = valueFrom<{ tablet_task_id: string }>(cluster, `${TABLETS}&await_completion=true`);
    await runUntil(cluster, call);
    const { tablet_task_id: id } = await call;
    expect(await statusOf(cluster, id)).toMatchObject({ state: "failed", error: "" });
  });

  it("of the seed release answers an id that nobody knows", async () => {
    const cluster = await serve({ release: "seed" });
    const { tablet_task_id: id } = await valueFrom<{ tablet_task_id: string }>(cluster, TABLETS);
    expect(await ask(cluster, `GET /task_manager/task_status/${id}`)).toMatchObject({ status: 400 });
  });
});

describe("a compaction whose call waits", () => {
  it.each<[string, string, string, string, string]>([
    ["POST /storage_service/keyspace_compaction/shop", "", "major compaction", "keyspace", "shop"],
    ["POST /storage_service/compact", "", "major compaction", "global", ""],
    ["POST /storage_service/keyspace_cleanup/shop?cf=orders", "0", "cleanup compaction", "keyspace", "shop"],
    ["POST /storage_service/cleanup_all/?global=false", "0", "global cleanup compaction", "global", ""],
    [
      "POST /storage_service/keyspace_offstrategy_compaction/shop",
      "true",
      "offstrategy compaction",
      "keyspace",
      "shop",
    ],
    ["GET /storage_service/keyspace_scrub/shop", "0", "scrub sstables compaction", "keyspace", "shop"],
    ["GET /storage_service/keyspace_upgrade_sstables/shop", "0", "upgrade sstables compaction", "keyspace", "shop"],
  ])("%s answers %j at the end of its task", async (request, answer, type, scope, keyspace) => {
    const cluster = await serve(manual());
    const call = ask(cluster, request);
    let rows = await tasksOf(cluster, "compaction");
    while (rows.length === 0) rows = await tasksOf(cluster, "compaction");
    expect(rows).toMatchObject([{ state: "running", type, scope, keyspace }]);
    await runUntil(cluster, call);
    expect(await call).toMatchObject({ status: 200, contentType: "application/json", text: answer });
    expect(await tasksOf(cluster, "compaction")).toMatchObject([{ state: "done" }]);
  });

  it("fails with its task, and answers 1 if a scrub was aborted", async () => {
    const cluster = await serve({ speed: 1000 });
    cluster.addFault({ path: "/storage_service/keyspace_compaction/*", task: { error: "std::runtime_error (disk)" } });
    expect(await ask(cluster, "POST /storage_service/keyspace_compaction/shop")).toMatchObject(
      refusal(500, "std::runtime_error (disk)"),
    );
    cluster.addFault({ path: "/storage_service/keyspace_scrub/*", task: { abortedAfterSeconds: 1 } });
    expect(await ask(cluster, "GET /storage_service/keyspace_scrub/shop")).toMatchObject({ status: 200, text: "1" });
  });

  it("of all nodes makes a task for each keyspace on each, and none of a user", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    const call = ask(cluster, "POST /storage_service/cleanup_all");
    let rows = await tasksOf(cluster, "compaction", 1);
    while (rows.length === 0) rows = await tasksOf(cluster, "compaction", 1);
    expect(rows.map(({ type, scope, keyspace }) => `${type} ${scope} ${keyspace}`).sort()).toEqual([
      "cleanup compaction keyspace accounts",
      "cleanup compaction keyspace shop",
    ]);
    await runUntil(cluster, call);
    expect((await call).text).toBe("0");
    expect(await tasksOf(cluster, "compaction", 1)).toEqual([]);
  });
});

describe("a cleanup", () => {
  it.each([
    ["2025.4", "telemetry", NIL],
    ["2025.4", "system", NIL],
    ["2025.4", "shop", expect.stringMatching(RANDOM_UUID)],
    ["2025.2", "telemetry", expect.stringMatching(RANDOM_UUID)],
  ])("on %s of %s", async (release, keyspace, id) => {
    const cluster = await serve({ release });
    expect(await valueFrom(cluster, `POST /tasks/compaction${CLEANUP}/${keyspace}`)).toEqual(id);
  });

  it("is refused while a node leaves", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    const call = ask(cluster, "POST /storage_service/decommission", 1);
    while (cluster.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    cluster.clock.advance(200);
    while ((await tasksOf(cluster, "node_ops")).length === 0) cluster.clock.advance(100);
    expect(await ask(cluster, `POST /tasks/compaction${CLEANUP}/shop`)).toMatchObject(
      refusal(500, "std::runtime_error (Can not perform cleanup operation when topology changes)"),
    );
    await runUntil(cluster, call);
    expect((await ask(cluster, `POST /tasks/compaction${CLEANUP}/shop`)).status).toBe(200);
  });
});

describe("a node operation", () => {
  it("streams on the node that leaves, and answers when it has", async () => {
    const cluster = await serve({ nodes: 3, ...manual() });
    const call = ask(cluster, "POST /storage_service/decommission", 2);
    while ((await tasksOf(cluster, "node_ops")).length === 0) cluster.clock.advance(50);
    const [row] = await tasksOf(cluster, "node_ops");
    const hosts = await valueFrom<{ key: string; value: string }[]>(cluster, "GET /storage_service/host_id");
    expect(row).toMatchObject({ type: "decommission", state: "created", entity: hosts[2]?.value });
    cluster.clock.advance(5000);
    expect(await tasksOf(cluster, "node_ops", 2)).toMatchObject([
      { type: "decommission: streaming", kind: "node" },
      { type: "decommission", state: "running" },
    ]);
    expect(await tasksOf(cluster, "node_ops", 1)).toHaveLength(1);
    await runUntil(cluster, call);
    expect(await call).toMatchObject({ status: 200, text: "" });
  });

  it("that removes a node ignores only nodes that there are", async () => {
    const cluster = await serve({ nodes: 3 });
    const hosts = await valueFrom<{ value: string }[]>(cluster, "GET /storage_service/host_id");
    const remove = `POST /storage_service/remove_node?host_id=${hosts[2]?.value}`;
    expect(await ask(cluster, `${remove}&ignore_nodes=127.0.0.2,${hosts[1]?.value},10.0.0.9`)).toMatchObject(
      refusal(500, "std::runtime_error (ignore_nodes: 10.0.0.9 is not a node)"),
    );
  });

  it("that removes a node streams on those that remain", async () => {
    const cluster = await serve({ nodes: 3, ...manual() });
    const [, , { value } = { value: "" }] = await valueFrom<{ value: string }[]>(
      cluster,
      "GET /storage_service/host_id",
    );
    await cluster.takeDown(2);
    cluster.clock.advance(20_000);
    const call = ask(cluster, `POST /storage_service/remove_node?host_id=${value}`);
    while ((await tasksOf(cluster, "node_ops")).length < 2) cluster.clock.advance(500);
    for (const node of [0, 1]) {
      expect((await tasksOf(cluster, "node_ops", node)).map(({ type }) => type)).toContain("removenode: streaming");
    }
    await runUntil(cluster, call);
    expect((await call).status).toBe(200);
  });

  it("fails in the words of the call, which name the request", async () => {
    const cluster = await serve({ speed: 1000 });
    cluster.addFault({ path: "/storage_service/decommission", task: { error: "streaming broke", runsSeconds: 1 } });
    const { status, text } = await ask(cluster, "POST /storage_service/decommission");
    const [row] = await tasksOf(cluster, "node_ops");
    expect({ status, text }).toEqual(
      refusal(
        500,
        `std::runtime_error (Decommission failed. See earlier errors (streaming broke). Request ID: ${row?.task_id})`,
      ),
    );
    cluster.addFault({ path: "/storage_service/rebuild", task: { error: "no source", runsSeconds: 1 } });
    expect(await ask(cluster, "POST /storage_service/rebuild")).toMatchObject(
      refusal(500, "std::runtime_error (rebuild failed: no source)"),
    );
  });
});

describe("a keyspace that goes from vnodes to tablets", () => {
  const AREA = "/storage_service/vnode_tablet_migrations";

  const tabletKeyspaces = "GET /storage_service/keyspaces?type=non_local_strategy&replication=tablets";

  it("migrates until each node has restarted and it is finalized", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    const status = () => valueFrom<{ status: string }>(cluster, `GET ${AREA}/keyspaces/shop?include=tablet_status`);
    expect(await status()).toEqual({ keyspace: "shop", status: "vnodes", nodes: [] });
    expect(await ask(cluster, `POST ${AREA}/keyspaces/shop`)).toMatchObject({ status: 200, text: "" });
    const [row] = await tasksOf(cluster, "vnodes_to_tablets_migration");
    expect(row).toMatchObject({ type: "vnodes_to_tablets_migration", state: "running", keyspace: "shop" });
    const id = String(row?.task_id);
    const migrate = async (node: number) => {
      await ask(cluster, `PUT ${AREA}/node/storage_mode?intended_mode=tablets`, node);
      await cluster.takeDown(node);
      await cluster.bringUp(node);
      // The kept-alive connection was broken; this request finds that out.
      await ask(cluster, "GET /", node).catch(() => {});
    };
    await migrate(0);
    expect(await statusOf(cluster, id)).toMatchObject({ progress_completed: 1, progress_total: 2 });
    expect(await status()).toMatchObject({
      status: "migrating_to_tablets",
      nodes: [
        { current_mode: "tablets", intended_mode: "tablets" },
        { current_mode: "vnodes", intended_mode: "vnodes" },
      ],
    });
    expect(await ask(cluster, `POST ${AREA}/keyspaces/shop/finalization`)).toMatchObject({ status: 500 });
    await migrate(1);
    expect(await ask(cluster, `POST ${AREA}/keyspaces/shop/finalization`)).toMatchObject({ status: 200, text: "" });
    expect(await status()).toMatchObject({ status: "tablets" });
    expect(await valueFrom(cluster, tabletKeyspaces)).toEqual(["shop", "telemetry"]);
    expect(await ask(cluster, `GET /task_manager/task_status/${id}`)).toMatchObject({ status: 400 });
  });

  it("counts down in a rollback, and is suspended if it is finalized with vnodes on every node", async () => {
    const cluster = await serve({ nodes: 2, ...manual() });
    expect(await valueFrom(cluster, tabletKeyspaces)).toEqual(["telemetry"]);
    await ask(cluster, `POST ${AREA}/keyspaces/shop`);
    const [row] = await tasksOf(cluster, "vnodes_to_tablets_migration");
    const completed: unknown[] = [];
    for (const mode of ["tablets", "vnodes"]) {
      await ask(cluster, `PUT ${AREA}/node/storage_mode?intended_mode=${mode}`, 1);
      await cluster.takeDown(1);
      await cluster.bringUp(1);
      await ask(cluster, "GET /", 1).catch(() => {});
      completed.push((await statusOf(cluster, String(row?.task_id))).progress_completed);
    }
    expect(completed).toEqual([1, 0]);
    cluster.clearRequests();
    const end = valueFrom(cluster, `GET /task_manager/wait_task/${row?.task_id}`);
    while (cluster.requests.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await ask(cluster, `POST ${AREA}/keyspaces/shop/finalization`);
    expect(await end).toMatchObject({ state: "suspended" });
    expect(await valueFrom(cluster, tabletKeyspaces)).toEqual(["telemetry"]);
  });
});

describe("a start goes wrong", () => {
  const start = `POST /tasks/compaction${CLEANUP}/shop`;

  it("by a lost answer, and has begun all the same", async () => {
    const cluster = await serve(manual());
    cluster.addFault({ path: "/tasks/**", isAnswerLost: true, count: 1 });
    await expect(ask(cluster, start)).rejects.toThrow("fetch failed");
    expect(await tasksOf(cluster, "compaction")).toHaveLength(1);
    expect(await ask(cluster, start)).toMatchObject({ status: 200 });
  });

  it.each([
    [{ error: "std::runtime_error (disk)" }, { state: "failed", error: "std::runtime_error (disk)" }],
    [{ abortedAfterSeconds: 2 }, { state: "failed", error: expect.stringContaining("abort") }],
    [{ isEndless: true, abortedAfterSeconds: 86_400 }, { state: "failed" }],
    [{ queuedSeconds: 60, runsSeconds: 1 }, { state: "done" }],
  ])("in its task: %j", async (task, end) => {
    const cluster = await serve(manual());
    cluster.addFault({ path: "/tasks/**", task });
    expect(await endOf(cluster, await valueFrom(cluster, start))).toMatchObject(end);
  });
});
