import { percentText } from "../format/text/progress-text.js";
import { scopeText } from "../format/text/task-words.js";
import { firstLine } from "../strings/first-line.js";
import { numberOf } from "../strings/number-of.js";
import { printable } from "../strings/printable.js";
import { fieldOf, type JsonRecord } from "../tasks/record.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** A change between two looks. Events are named as in a journal. */
export type WatchEvent =
  | {
      readonly at: string;
      readonly event: "task_seen";
      readonly id: string;
      readonly was_there?: true;
      readonly task: JsonRecord;
    }
  | {
      readonly at: string;
      readonly event: "task_progress";
      readonly id: string;
      readonly completed: number;
      readonly total: number;
    }
  /** `task` has the fields that changed. */
  | {
      readonly at: string;
      readonly event: "task_changed" | "task_ended";
      readonly id: string;
      readonly task: JsonRecord;
    }
  | { readonly at: string; readonly event: "task_gone"; readonly id: string }
  | { readonly at: string; readonly event: "node_lost"; readonly node: string; readonly reason: string }
  | { readonly at: string; readonly event: "node_back"; readonly node: string }
  | {
      readonly at: string;
      readonly event: "heartbeat";
      readonly tasks: number;
      readonly unanswered: readonly string[];
    };

/** The rows of one look, by task id. */
export type Rows = ReadonlyMap<string, JsonRecord>;

/** The rows of a report by id; a row without an id by its index. */
export function rowsById(records: readonly unknown[]): Rows {
  const rows = new Map<string, JsonRecord>();
  for (const [index, record] of records.entries()) {
    const id = fieldOf(record, "task_id") ?? fieldOf(record, "id");
    rows.set(typeof id === "string" ? id : `row ${index + 1}`, record as JsonRecord);
  }
  return rows;
}

/** The changes from one look to the next. */
export function* changesBetween(before: Rows | undefined, now: Rows, at: string): Generator<WatchEvent> {
  for (const [id, task] of now) {
    const known = before?.get(id);
    if (known === undefined) {
      yield { at, event: "task_seen", id, ...(before === undefined && { was_there: true as const }), task };
      continue;
    }
    const changed = changedFields(known, task);
    if (changed.length === 0) continue;
    const { progress_completed: completed, progress_total: total, state } = task;
    if (known.state !== state && FINISHED_STATES.has(String(state))) yield { at, event: "task_ended", id, task };
    else if (isProgressAlone(changed) && typeof completed === "number" && typeof total === "number") {
      yield { at, event: "task_progress", id, completed, total };
    } else {
      const fields = Object.fromEntries(changed.map((name) => [name, task[name] ?? null]));
      yield { at, event: "task_changed", id, task: fields };
    }
  }
  for (const id of before?.keys() ?? []) if (!now.has(id)) yield { at, event: "task_gone", id };
}

function changedFields(before: JsonRecord, now: JsonRecord): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !isSame(before[name], now[name]));
}

const isSame = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

const PROGRESS = new Set(["progress_completed", "progress_total"]);
const isProgressAlone = (changed: readonly string[]) => changed.every((name) => PROGRESS.has(name));

const WORDS: Readonly<Record<WatchEvent["event"], string>> = {
  task_seen: "seen",
  task_progress: "progress",
  task_changed: "changed",
  task_ended: "ended",
  task_gone: "gone",
  node_lost: "lost",
  node_back: "back",
  heartbeat: "watching",
};
const WORD_CHARACTERS = 8;

/** One line for people, with details of the task. @param row the task as it is now, or as it was last seen */
export function eventLine(event: WatchEvent, row: JsonRecord | undefined): string {
  const head = `${event.at} ${WORDS[event.event].padEnd(WORD_CHARACTERS)}`;
  const line = (...parts: (string | undefined)[]) => printable([head, ...parts].filter(Boolean).join("  "));
  switch (event.event) {
    case "node_lost":
      return line(`node ${event.node}`, event.reason);
    case "node_back":
      return line(`node ${event.node}`);
    case "heartbeat": {
      const { tasks, unanswered } = event;
      const missing = unanswered.length === 0 ? "" : `no answer from ${unanswered.join(", ")}`;
      return line(numberOf(tasks, "task"), missing);
    }
    case "task_changed":
      return line(event.id, rowText(row), changesText(event.task));
    default:
      return line(event.id, rowText(row));
  }
}

function rowText(row: JsonRecord | undefined): string {
  if (row === undefined) return "";
  const { state, type, node, error } = row;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const percent = FINISHED_STATES.has(text(state)) ? "" : percentText(row);
  const where = text(node) === "" ? "" : `on ${text(node)}`;
  return [text(state), text(type), scopeText(row), where, percent, firstLine(text(error)).slice(0, MOST_OF_AN_ERROR)]
    .filter(Boolean)
    .join("  ");
}

/** Fields that the line shows anyway are not repeated. */
const ON_THE_LINE = new Set([
  "state",
  "type",
  "scope",
  "keyspace",
  "table",
  "entity",
  "shard",
  "node",
  "error",
  ...PROGRESS,
]);

function changesText(changed: JsonRecord): string {
  return Object.entries(changed)
    .filter(([name]) => !ON_THE_LINE.has(name))
    .map(
      ([name, value]) =>
        `${name} ${Array.isArray(value) ? value.length : typeof value === "object" ? JSON.stringify(value) : value}`,
    )
    .join("  ");
}

const MOST_OF_AN_ERROR = 200;
