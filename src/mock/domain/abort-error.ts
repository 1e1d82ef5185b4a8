import type { Release } from "../releases.js";
import type { ShownTask } from "./shown-task.js";

/** What the error of an aborted task depends on. */
interface AbortedTask extends ShownTask {
  readonly moduleName: string;
  /** The tables of a repair; empty for other tasks. */
  readonly tables: readonly string[];
  readonly release: Release;
}

const ABORT_REQUESTED = "seastar::abort_requested_exception (abort requested)";

/** The error of an aborted task (semantics 30). Its children must have ended before it. */
export function abortErrorOf(task: AbortedTask): string {
  switch (task.moduleName) {
    case "node_ops":
      return task.kind === "cluster" ? "aborted on user request" : ABORT_REQUESTED;
    case "global_topology_requests":
      return "Aborted by user request";
    case "tablets":
      return "";
    case "repair":
      return repairError(task);
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

/** Where a release stops the compaction of each group, the tasks above fail with the error of the first group. */
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

function firstStopped(task: ShownTask): string | undefined {
  return task.children.find((child) => child.error.includes("compaction_stopped_exception"))?.error;
}

function escaped(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
