import { EPOCH, NO_PARENT } from "../../vocabulary.js";
import type { TaskView } from "../domain/task-view.js";

/**
 * Tasks as the server writes them: its keys, in its order, with its spaces (rest-api: Data structures). Written out by hand,
 * because lists run to 100,000 tasks and the order of the keys is part of the contract.
 */

/** The text of one task, in parts of moderate size: a task may have 100,000 children. */
export type TaskWriter = (task: TaskView) => Iterable<string>;

/** A cluster task that is the child of another one lives on no node. */
const NO_ADDRESS = "0.0.0.0";

const CHILDREN_PER_PART = 1_000;

/** A row of a list, for releases that say each task's shard and times. */
export const writeStats: TaskWriter = (task) => [
  `${commonStats(task)}, "shard": ${task.shard}, "start_time": "${timeText(task.startTimeMs)}", "end_time": "${timeText(task.endTimeMs)}"}`,
];

/** A row of a list, for releases that do not. */
export const writeShortStats: TaskWriter = (task) => [`${commonStats(task)}}`];

function commonStats(task: TaskView): string {
  return (
    `{"task_id": "${task.id}", "state": "${task.state}", "type": ${quoted(task.type)}, "kind": "${task.kind}"` +
    `, "scope": ${quoted(task.scope)}, "keyspace": ${quoted(task.keyspace)}, "table": ${quoted(task.table)}` +
    `, "entity": ${quoted(task.entity)}, "sequence_number": ${task.sequenceNumber}`
  );
}

export const writeStatus: TaskWriter = (task) => {
  const { children } = task;
  if (children.length <= CHILDREN_PER_PART) return [`${statusUpToChildren(task)}${childrenText(children)}]}`];
  return partsOfLargeStatus(task, children);
};

function* partsOfLargeStatus(task: TaskView, children: readonly TaskView[]): Generator<string> {
  yield statusUpToChildren(task);
  for (let from = 0; from < children.length; from += CHILDREN_PER_PART) {
    yield `${from === 0 ? "" : ","}${childrenText(children.slice(from, from + CHILDREN_PER_PART))}`;
  }
  yield "]}";
}

function statusUpToChildren(task: TaskView): string {
  const { progress } = task;
  return (
    `{"id": "${task.id}", "type": ${quoted(task.type)}, "kind": "${task.kind}", "scope": ${quoted(task.scope)}` +
    `, "state": "${task.state}", "is_abortable": ${task.isAbortable}` +
    `, "start_time": "${timeText(task.startTimeMs)}", "end_time": "${timeText(task.endTimeMs)}"` +
    `, "error": ${quoted(task.error)}, "parent_id": "${task.parentId ?? NO_PARENT}"` +
    `, "sequence_number": ${task.sequenceNumber}, "shard": ${task.shard}, "keyspace": ${quoted(task.keyspace)}` +
    `, "table": ${quoted(task.table)}, "entity": ${quoted(task.entity)}` +
    `, "progress_units": ${quoted(task.progressUnits)}, "progress_total": ${progress.total}` +
    `, "progress_completed": ${progress.completed}, "children_ids": [`
  );
}

function childrenText(children: readonly TaskView[]): string {
  let text = "";
  for (const child of children) {
    text += `${text === "" ? "" : ","}{"task_id": "${child.id}", "node": "${child.nodeAddress ?? NO_ADDRESS}"}`;
  }
  return text;
}

/** Any other value in the server's writing: a space after each colon and between the members of an object. */
export function valueJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${quoted(key)}: ${valueJson(member)}`)
    .join(", ")}}`;
}

/** An error's body (rest-api: Conventions). */
export function errorJson(code: number, message: string): string {
  return valueJson({ message, code });
}

function quoted(text: string): string {
  return text === "" ? '""' : JSON.stringify(text);
}

function timeText(timeMs: number): string {
  return timeMs === 0 ? EPOCH : `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
