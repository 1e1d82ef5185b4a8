import { expect } from "vitest";
import { _, type Probe, type Probed, probeReleases, type ReleaseRow } from "./probed.js";
import { ask } from "./served.js";

/** The id of a task that has ended but is kept, on any release. */
async function finished(on: Probed): Promise<string> {
  const task = on.nodeTask({ isUserTask: true });
  await on.value("POST /task_manager/ttl?ttl=60");
  task.finish();
  await on.value("POST /task_manager/ttl?ttl=0");
  return task.id;
}

const unregisters =
  (call: string): Probe =>
  async (on) => {
    const id = await finished(on);
    await on.value(`GET /task_manager/${call}/${id}`);
    return (await on.lists("repair", id)) ? "no" : "yes";
  };

const abortedError =
  (type: string): Probe =>
  async (on) => {
    const spec = { module: "compaction", type, keyspace: "shop", table: "t" };
    const root = on.nodeTask({ ...spec, scope: "table", isAbortable: true });
    on.nodeTask({ ...spec, scope: "compaction group", parent: root });
    const { error } = await on.waited(root.id, () => void on.abort(root.id).catch(() => {}));
    return String(error).replace(" (Compaction for shop/t was stopped due to: user requested abort)", " (…)");
  };

const nodeOperation = (on: Probed, type = "decommission") =>
  on.clusterTask("node_ops", type, { entity: "5d2a7f0e-64b8-4c31-9a0f-b7f1c6e3d582", keyspace: "", table: "" });
const repairOfTablets = (on: Probed) => {
  const task = on.clusterTask("tablets", "user_repair", { scope: "table" });
  task.reportProgress(1, 8);
  return task;
};
const hasTablets = async (on: Probed) =>
  (await on.value<string[]>("GET /task_manager/list_modules")).includes("tablets");
const withTablets =
  (probe: Probe): Probe =>
  async (on) =>
    (await hasTablets(on)) ? probe(on) : "-";

const MODULES = ["compaction", "repair", "node_ops", "snapshot", "sstables_loader"];
const TABLETS = [...MODULES, "tablets"];
const REQUESTS = [...TABLETS, "global_topology_requests"];
const REQUESTED = "seastar::abort_requested_exception (abort requested)";
const [OLD_STOP, STOP] = ["sstables", "compaction"].map((name) => `${name}::compaction_stopped_exception (…)`);
const CLOSED = "500 seastar::rpc::closed_error (connection is closed)";
const GROWING = "bytes ('total' may grow along the way)";

/** The rows of docs/server/releases.md about the task manager. */
// biome-ignore format: a table is read in columns.
const ROWS: ReleaseRow[] = [
  ["version", ["6.2.3", "6.3.0-dev", "2025.1.14", "2025.2.5", "2025.3.8", "2025.4.10", "2026.1.11", "2026.2.5", "2026.3.0-rc2", "2026.4.0-dev"],
    (on) => on.value("GET /storage_service/scylla_release_version")],
  ["task_status unregisters", ["yes", "yes", "no", _, _, _, _, _, _], unregisters("task_status")],
  ["task_status_recursive unregisters", ["yes", "yes", "no", _, _, _, _, _, _], unregisters("task_status_recursive")],
  ["wait_task unregisters", ["no", _, _, _, _, _, _, _, _], unregisters("wait_task")],
  ["ttl", [0, _, _, _, _, _, _, _, _], (on) => on.value("GET /task_manager/ttl")],
  ["user_ttl", ["404 Not found", "3600", _, _, _, _, _, _, _],
    async (on) => ((await on.code("GET /task_manager/user_ttl")) === 404 ? `404 ${await on.message("GET /task_manager/user_ttl")}` : String(await on.value("GET /task_manager/user_ttl")))],
  ["setting user_ttl", [404, 200, _, _, _, _, _, _, _], (on) => on.code("POST /task_manager/user_ttl?user_ttl=3600")],
  ["drain", [404, 404, 200, _, _, _, _, _, _], (on) => on.code("POST /task_manager/drain/snapshot")],
  ["stats have shard and times", ["no", "no", "no", "yes", _, _, _, _, _], async (on) => {
    on.nodeTask();
    const [row] = await on.list("repair");
    return ["shard", "start_time", "end_time"].every((key) => key in (row ?? {})) ? "yes" : "no";
  }],
  ["suspended", ["done", "done", "suspended", _, _, _, _, _, _], async (on) => {
    const task = on.clusterTask("other", "operation");
    return (await on.waited(task.id, () => task.suspend())).state;
  }],
  ["no parent", ["none", _, _, _, _, _, _, _, _], async (on) => (await on.status(on.nodeTask().id)).parent_id],
  ["no children", ["absent", _, _, _, _, _, _, _, _], async (on) => ("children_ids" in (await on.status(on.nodeTask().id)) ? "there" : "absent")],
  ["?keyspace= empty", [[false, true], _, _, _, _, [true, true], _, _, _], async (on) => {
    const tasks = [on.nodeTask({ keyspace: "shop" }), on.nodeTask()];
    return Promise.all(tasks.map((task) => on.lists("repair", task.id, "?keyspace=")));
  }],
  ["?table= empty", [[false, true], _, _, _, _, [true, true], _, _, _], async (on) => {
    const tasks = [on.nodeTask({ table: "t" }), on.nodeTask()];
    return Promise.all(tasks.map((task) => on.lists("repair", task.id, "?table=")));
  }],
  ["?timeout= empty", [500, _, _, _, _, 200, _, _, _], async (on) => on.code(`GET /task_manager/wait_task/${await finished(on)}?timeout=`)],
  ["?ttl= empty", ["Missing mandatory parameter 'ttl'", _, _, _, _, _, _, _, _], (on) => on.message("POST /task_manager/ttl?ttl=")],
  ["unknown module", ["std::runtime_error (module x not found)", _, _, _, _, _, _, _, _], (on) => on.message("GET /task_manager/list_module_tasks/x")],
  ["aborted node task", [REQUESTED, _, _, _, _, _, _, _, _], abortedError("major compaction")],
  ["aborted reshape", [OLD_STOP, _, _, _, _, STOP, _, _, _], abortedError("reshaping compaction")],
  ["aborted reshard", [OLD_STOP, _, _, _, _, STOP, _, _, _], abortedError("resharding compaction")],
  ["aborted cleanup", [REQUESTED, _, _, _, _, STOP, _, _, _], abortedError("cleanup compaction")],
  ["idle task", ["0 of 1", _, "0 of 0", _, _, _, _, _, _], async (on) => {
    const status = await on.status(on.nodeTask().id);
    return `${status.progress_completed} of ${status.progress_total}`;
  }],
  ["compactions know their totals", ["no", _, _, _, _, "yes", _, _, _], async (on) => {
    const task = on.nodeTask({ module: "compaction" });
    task.expectTotal(7);
    return (await on.status(task.id)).progress_total === 7 ? "yes" : "no";
  }],
  ["modules", [MODULES, _, TABLETS, _, _, _, REQUESTS, [...REQUESTS, "vnodes_to_tablets_migration"], _],
    async (on) => (await on.value<string[]>("GET /task_manager/list_modules")).filter((name) => name !== "other")],
  ["children of cluster tasks are internal", ["yes, streaming no", _, "no, streaming no", _, _, _, _, _, _], async (on) => {
    const parent = on.clusterTask("other", "operation");
    const [child, streaming] = ["other", "node_ops"].map((module) => on.nodeTask({ module, parent }));
    const isInternal = async (module: string, id = "") => ((await on.lists(module, id)) ? "no" : "yes");
    return `${await isInternal("other", child?.id)}, streaming ${await isInternal("node_ops", streaming?.id)}`;
  }],
  ["cluster task with a parent", ["no", _, _, _, _, _, _, _, "yes"], async (on) => {
    const parent = on.clusterTask("other", "operation");
    const merge = on.clusterTask("other", "merge", { parent });
    return (await on.status(merge.id)).parent_id === parent.id ? "yes" : "no";
  }],
  ["node_ops: types", [["join", "replace", "rebuild", "leave", "remove"], ["bootstrap", "replace", "rebuild", "decommission", "remove node"], _, _, _, _, _, _, _],
    (on) => Promise.all(["bootstrap", "replace", "rebuild", "decommission", "remove node"].map(async (type) => (await on.status(nodeOperation(on, type).id)).type))],
  ["node_ops: finished ones listed for", ["ttl", "user_ttl", _, _, _, _, _, _, _], async (on) => {
    const task = nodeOperation(on);
    task.finish();
    const isListed = await on.lists("node_ops", task.id);
    if (isListed) return "user_ttl";
    await on.value("POST /task_manager/ttl?ttl=60");
    const isListedThen = await on.lists("node_ops", task.id);
    await on.value("POST /task_manager/ttl?ttl=0");
    return isListedThen ? "ttl" : "nothing";
  }],
  ["node_ops: status after that", [400, 200, _, _, _, _, _, _, _], async (on) => {
    const task = nodeOperation(on);
    task.finish();
    on.clock.advance(3_601_000);
    expect(await on.lists("node_ops", task.id)).toBe(false);
    return on.code(`GET /task_manager/task_status/${task.id}`);
  }],
  ["node_ops: abortable, entity", [[false, ""], _, _, _, _, _, [true, "5d2a7f0e-64b8-4c31-9a0f-b7f1c6e3d582"], _, _], async (on) => {
    const status = await on.status(nodeOperation(on).id);
    return [status.is_abortable, status.entity];
  }],
  ["node_ops: the same afterwards", [[false, ""], _, _, _, _, _, _, _, _, [true, "5d2a7f0e-64b8-4c31-9a0f-b7f1c6e3d582"]], async (on) => {
    await on.value("POST /task_manager/ttl?ttl=60");
    const task = nodeOperation(on);
    task.finish();
    const status = await on.status(task.id);
    await on.value("POST /task_manager/ttl?ttl=0");
    return [status.is_abortable, status.entity];
  }],
  ["tablet repair: status after its end", ["-", "-", 400, 400, 400, 200, 200, _, _], withTablets(async (on) => {
    const task = repairOfTablets(on);
    task.finish();
    return on.code(`GET /task_manager/task_status/${task.id}`);
  })],
  ["tablet repair: progress", ["-", "-", "0 of 0 ", _, _, "1 of 8 tablets", _, _, _], withTablets(async (on) => {
    const status = await on.status(repairOfTablets(on).id);
    return `${status.progress_completed} of ${status.progress_total} ${status.progress_units}`;
  })],
  ["tablet repair: children named", ["-", "-", "no", "yes", _, _, _, _, _], withTablets(async (on) => {
    const parent = repairOfTablets(on);
    on.nodeTask({ parent });
    return "children_ids" in (await on.status(parent.id)) ? "yes" : "no";
  })],
  ["wait on an aborted tablet repair", ["-", "-", "done", _, _, _, _, _, _], withTablets(async (on) => {
    const task = repairOfTablets(on);
    return (await on.waited(task.id, () => void on.abort(task.id).catch(() => {}))).state;
  })],
  ["cluster task while a node goes down", [CLOSED, _, "200", CLOSED, CLOSED, "200", "200", "200", "200"], async (on) => {
    const task = nodeOperation(on);
    await on.cluster.takeDown(1);
    const { status, text } = await ask(on.cluster, `GET /task_manager/task_status/${task.id}`);
    await on.cluster.bringUp(1);
    return status === 200 ? "200" : `${status} ${(JSON.parse(text) as { message: string }).message}`;
  }],
  ["backup: units", ["", GROWING, _, "bytes", _, _, _, _, _],
    async (on) => (await on.status(on.nodeTask({ module: "snapshot", type: "backup", scope: "node", progressUnits: "bytes" }).id)).progress_units],
  ["restore: units, abortable", [["", false], ["sstables", false], ["batches", true], _, _, _, _, _, _], async (on) => {
    const spec = { module: "sstables_loader", type: "download_sstables", scope: "node", progressUnits: "batches", isAbortable: true };
    const status = await on.status(on.nodeTask(spec).id);
    return [status.progress_units, status.is_abortable];
  }],
  ["wait_task?timeout=0", [408, _, _, _, _, _, _, _, _], async (on) => on.code(`GET /task_manager/wait_task/${await finished(on)}?timeout=0`)],
];

probeReleases(ROWS, [
  ["2025.1.5", "idle task", "0 of 1"],
  ["2025.1.6", "idle task", "0 of 0"],
  ["2025.2.1", "idle task", "0 of 1"],
  ["2025.2.2", "idle task", "0 of 0"],
  ["2025.4.2", "tablet repair: status after its end", 400],
  ["2025.4.3", "tablet repair: status after its end", 200],
  ["2025.4.2", "tablet repair: progress", "0 of 0 "],
  ["2025.4.3", "tablet repair: progress", "1 of 8 tablets"],
  ["2025.1.12", "cluster task while a node goes down", CLOSED],
  ["2025.1.13", "cluster task while a node goes down", "200"],
  ["2025.4.7", "cluster task while a node goes down", CLOSED],
  ["2025.4.8", "cluster task while a node goes down", "200"],
  ["2026.1.0", "cluster task while a node goes down", CLOSED],
  ["2026.1.1", "cluster task while a node goes down", "200"],
  ["2025.4.2", "version", "2025.4.2"],
]);
