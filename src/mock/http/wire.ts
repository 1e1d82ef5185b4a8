import { EPOCH, NO_PARENT } from "../../vocabulary.js";
import type { TaskView } from "../domain/task-view.js";

/**
 * Tasks as the server writes them: its keys, in its order, with its spaces (rest-api: Data structures). Written out by hand,
 * because lists run to 100,000 tasks and the order of the keys is part of the contract.
 */

/** A row of a list, for generations that say each task's shard and times. */
export function statsJson(task: TaskView): string {
  return `${commonStatsJson(task)}, "shard": ${task.shard}, "start_time": "${timeText(task.startTimeMs)}", "end_time": "${timeText(task.endTimeMs)}"}`;
}

/** A row of a list, for generations that do not. */
export function shortStatsJson(task: TaskView): string {
  return `${commonStatsJson(task)}}`;
}

function commonStatsJson(task: TaskView): string {
  return (
    `{"task_id": "${task.id}", "state": "${task.state}", "type": ${quoted(task.type)}, "kind": "${task.kind}"` +
    `, "scope": ${quoted(task.scope)}, "keyspace": ${quoted(task.keyspace)}, "table": ${quoted(task.table)}` +
    `, "entity": ${quoted(task.entity)}, "sequence_number": ${task.sequenceNumber}`
  );
}

export function statusJson(task: TaskView): string {
  const { progress } = task;
  return (
    `{"id": "${task.id}", "type": ${quoted(task.type)}, "kind": "${task.kind}", "scope": ${quoted(task.scope)}` +
    `, "state": "${task.state}", "is_abortable": ${task.isAbortable}` +
    `, "start_time": "${timeText(task.startTimeMs)}", "end_time": "${timeText(task.endTimeMs)}"` +
    `, "error": ${quoted(task.error)}, "parent_id": "${task.parentId ?? NO_PARENT}"` +
    `, "sequence_number": ${task.sequenceNumber}, "shard": ${task.shard}, "keyspace": ${quoted(task.keyspace)}` +
    `, "table": ${quoted(task.table)}, "entity": ${quoted(task.entity)}` +
    `, "progress_units": ${quoted(task.progressUnits)}, "progress_total": ${progress.total}` +
    `, "progress_completed": ${progress.completed}, "children_ids": [${childrenJson(task)}]}`
  );
}

function childrenJson(task: TaskView): string {
  let text = "";
  for (const child of task.children) {
    text += `${text === "" ? "" : ","}{"task_id": "${child.id}", "node": "${child.nodeAddress}"}`;
  }
  return text;
}

/** An error's body (rest-api: Conventions). */
export function errorJson(code: number, message: string): string {
  return `{"message": ${quoted(message)}, "code": ${code}}`;
}

function quoted(text: string): string {
  return text === "" ? '""' : JSON.stringify(text);
}

function timeText(timeMs: number): string {
  return timeMs === 0 ? EPOCH : `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
