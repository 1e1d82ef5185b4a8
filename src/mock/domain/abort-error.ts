import type { Release } from "../releases.js";
import type { TaskView } from "./task-view.js";

/** What an error depends on, beside what can be read of the task. */
interface AbortedTask extends TaskView {
  readonly moduleName: string;
  /** Of a repair: those that it works on. */
  readonly tables: readonly string[];
  readonly release: Release;
}

const ABORT_REQUESTED = "seastar::abort_requested_exception (abort requested)";

/** With which error a task ends that was aborted (semantics 30). Its children have ended before it. */
export function abortErrorOf(task: AbortedTask): string {
  switch (task.moduleName) {
    case "node_ops":
      return task.kind === "cluster" ? "aborted on user request" : ABORT_REQUESTED;
    case "global_topology_requests":
      return "Aborted by user request";
    case "tablets":
      return "";
    case "repair":
      return task.kind === "cluster" ? ABORT_REQUESTED : repairError(task);
    case "compaction":
      return compactionError(task);
    default:
      return ABORT_REQUESTED;
  }
}

function repairError(task: AbortedTask): string {
  if (task.scope === "shard") return shardRepairError(task);
  const shards = task.children
    .filter((child) => child.scope === "shard" && child.state === "failed")
    .sort((a, b) => a.shard - b.shard);
  const errors = shards.map((child) => `"shard ${child.shard}: ${escaped(child.error)}"`);
  return errors.length === 0 ? ABORT_REQUESTED : `std::runtime_error ([${errors.join(", ")}])`;
}

function shardRepairError(task: AbortedTask): string {
  const { completed, total } = task.progress;
  const tables = task.table === "" ? task.tables : [task.table];
  return (
    `std::runtime_error (repair[${task.parentId ?? task.id}]: ${total - completed} out of ${total} ranges failed, ` +
    `keyspace=${task.keyspace}, tables=[${tables.map((table) => `"${table}"`).join(", ")}], repair_reason=${task.type}, ` +
    "nodes_down_during_repair={}, aborted_by_user=true, failed_because=N/A)"
  );
}

/** Groups of some compactions are stopped, and those above them fail with what stopped them. */
function compactionError(task: AbortedTask): string {
  const { release } = task;
  const stopper = /^resh(ap|ard)/i.test(task.type) ? release.abortedReshape : cleanupStopper(task);
  if (stopper === "abort") return ABORT_REQUESTED;
  const stopped = firstStopped(task);
  if (stopped !== undefined) return stopped;
  if (task.scope !== "compaction group") return ABORT_REQUESTED;
  return `${stopper}::compaction_stopped_exception (Compaction for ${task.keyspace}/${task.table} was stopped due to: user requested abort)`;
}

function cleanupStopper(task: AbortedTask): Release["abortedCleanupGroup"] {
  return /cleanup compaction$/.test(task.type) ? task.release.abortedCleanupGroup : "abort";
}

function firstStopped(task: TaskView): string | undefined {
  return task.children.find((child) => child.error.includes("compaction_stopped_exception"))?.error;
}

function escaped(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
