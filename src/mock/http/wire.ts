import { EPOCH, NO_PARENT } from "../../vocabulary.js";
import type { ShownTask } from "../domain/shown-task.js";

/**
 * Tasks as the server writes them: keys, their order and spaces (rest-api: Two ways of writing JSON). The text is put together by
 * hand, because a list may have 100,000 tasks.
 */

/** Writes one task, as text in parts: a task may have 100,000 children. */
export type TaskWriter = (task: ShownTask) => Iterable<string>;

/** The text between a key and its value, and between two members of an object. */
interface Style {
  readonly colon: string;
  readonly comma: string;
}

/** For answers in one piece. */
const SPACED: Style = { colon: ": ", comma: ", " };
/** For lists and recursive statuses. */
const STREAMED: Style = { colon: ":", comma: "," };

const CHILDREN_PER_PART = 1_000;

/** The address of a child whose node the server does not know. */
const NO_ADDRESS = "0.0.0.0";

/** A row of a list, for releases whose rows have shard and times. */
export const writeStats: TaskWriter = (task) => [
  `${commonStats(task)},"shard":${task.shard},"start_time":"${timeText(task.startTimeMs)}","end_time":"${timeText(task.endTimeMs)}"}`,
];

/** A row of a list, for releases whose rows do not. */
export const writeShortStats: TaskWriter = (task) => [`${commonStats(task)}}`];

function commonStats(task: ShownTask): string {
  return (
    `{"task_id":"${task.id}","state":"${task.state}","type":${quoted(task.type)},"kind":"${task.kind}"` +
    `,"scope":${quoted(task.scope)},"keyspace":${quoted(task.keyspace)},"table":${quoted(task.table)}` +
    `,"entity":${quoted(task.entity)},"sequence_number":${task.sequenceNumber}`
  );
}

/** The answer of `task_status` and `wait_task`. */
export const writeStatus: TaskWriter = (task) => statusParts(task, SPACED);

/** An element of the answer of `task_status_recursive`. */
export const writeStreamedStatus: TaskWriter = (task) => statusParts(task, STREAMED);

function* statusParts(task: ShownTask, style: Style): Generator<string> {
  const { children } = task;
  yield statusWithoutChildren(task, style);
  // No release sends an empty array (rest-api: Conventions).
  if (children.length > 0) yield `${style.comma}"children_ids"${style.colon}[`;
  for (let from = 0; from < children.length; from += CHILDREN_PER_PART) {
    yield `${from === 0 ? "" : ","}${childrenText(children.slice(from, from + CHILDREN_PER_PART), style)}`;
  }
  yield children.length > 0 ? "]}" : "}";
}

function statusWithoutChildren(task: ShownTask, { colon, comma }: Style): string {
  const { progress } = task;
  return (
    `{"id"${colon}"${task.id}"${comma}"type"${colon}${quoted(task.type)}${comma}"kind"${colon}"${task.kind}"` +
    `${comma}"scope"${colon}${quoted(task.scope)}${comma}"state"${colon}"${task.state}"` +
    `${comma}"is_abortable"${colon}${task.isAbortable}${comma}"start_time"${colon}"${timeText(task.startTimeMs)}"` +
    `${comma}"end_time"${colon}"${timeText(task.endTimeMs)}"${comma}"error"${colon}${quoted(task.error)}` +
    `${comma}"parent_id"${colon}"${task.parentId ?? NO_PARENT}"${comma}"sequence_number"${colon}${task.sequenceNumber}` +
    `${comma}"shard"${colon}${task.shard}${comma}"keyspace"${colon}${quoted(task.keyspace)}` +
    `${comma}"table"${colon}${quoted(task.table)}${comma}"entity"${colon}${quoted(task.entity)}` +
    `${comma}"progress_units"${colon}${quoted(task.progressUnits)}` +
    `${comma}"progress_total"${colon}${double(progress.total)}` +
    `${comma}"progress_completed"${colon}${double(progress.completed)}`
  );
}

function childrenText(children: readonly ShownTask[], { colon, comma }: Style): string {
  let text = "";
  for (const child of children) {
    const node = child.nodeAddress ?? NO_ADDRESS;
    text += `${text === "" ? "" : ","}{"task_id"${colon}"${child.id}"${comma}"node"${colon}"${node}"}`;
  }
  return text;
}

/** Any other value, in the spaced style. */
export function valueJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueJson).join(",")}]`;
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${quoted(key)}: ${valueJson(member)}`)
    .join(", ")}}`;
}

/** An error's body (rest-api: Conventions). */
export function errorJson(code: number, message: string): string {
  return valueJson({ message, code });
}

/** Escapes with a letter of their own (rest-api: Two ways of writing JSON). */
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped.
const ESCAPED = /["\\\u0000-\u001f]/g;

function quoted(text: string): string {
  return `"${text.replace(ESCAPED, escapeOf)}"`;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return ESCAPES[character] ?? `\\u${code}`;
}

/** As short as it goes: with an exponent from 1e16 on. */
function double(value: number): string {
  return value >= 1e16 ? value.toExponential() : String(value);
}

function timeText(timeMs: number): string {
  return timeMs === 0 ? EPOCH : `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
