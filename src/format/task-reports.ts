import { parentOf, type TaskStats, type TaskStatus } from "../client/wire.js";
import { EPOCH } from "../vocabulary.js";
import { childrenText, fieldText } from "./field-text.js";
import { type PaddedColumn, paddedTable } from "./padded-table.js";
import { printable } from "./printable.js";
import { type Batches, batchOf, collectRows, type Pieces, type Report } from "./report.js";

/** Columns of `list` in nodetool's order. */
const STATS_COLUMNS: readonly PaddedColumn<TaskStats>[] = [
  "task_id",
  "type",
  "kind",
  "scope",
  "state",
  "sequence_number",
  "keyspace",
  "table",
  "entity",
  "shard",
  "start_time",
  "end_time",
].map((field) => ({ title: field, text: (row) => fieldText(row[field]) }));

/** Columns of `tree` in nodetool's order; two have other titles than their fields. */
const STATUS_COLUMNS: readonly PaddedColumn<TaskStatus>[] = [
  "id",
  "type",
  "kind",
  "scope",
  "state",
  "is_abortable",
  "start_time",
  "end_time",
  "error",
  "parent_id",
  "sequence_number",
  "shard",
  "keyspace",
  "table",
  "entity",
  "progress_units",
  "progress_total",
  "progress_completed",
]
  .map(
    (field): PaddedColumn<TaskStatus> => ({
      title: field === "progress_total" ? "total" : field === "progress_completed" ? "completed" : field,
      text: (row) => fieldText(row[field]),
    }),
  )
  .concat({ title: "children_ids", text: (row) => childrenText(row.children_ids ?? []) });

async function* tableOf<T>(columns: readonly PaddedColumn<T>[], rows: Batches<T>): Pieces {
  yield* paddedTable(columns, await collectRows(rows));
}

/** The server's object, with `null` for a time that is not set yet. */
function statsRecord(stats: TaskStats): TaskStats {
  const record: Record<string, unknown> = { ...stats };
  for (const field of ["start_time", "end_time"]) if (record[field] === EPOCH) record[field] = null;
  return record;
}

/** As {@link statsRecord}, with `null` for "no parent", and always with an array of children. */
export function statusRecord(status: TaskStatus): TaskStatus {
  const record: Record<string, unknown> = statsRecord(status);
  if ("parent_id" in record) record.parent_id = parentOf(status) ?? null;
  record.children_ids = status.children_ids ?? [];
  return record;
}

export function taskList(rows: Batches<TaskStats>): Report<TaskStats> {
  return { rows, shape: "many", record: statsRecord, plain: (stats) => tableOf(STATS_COLUMNS, stats) };
}

export function taskTree(rows: Batches<TaskStatus>): Report<TaskStatus> {
  return { rows, shape: "many", record: statusRecord, plain: (statuses) => tableOf(STATUS_COLUMNS, statuses) };
}

/** `<key>: <value>` for each field in the server's order. */
async function* statusLines(rows: Batches<TaskStatus>): Pieces {
  let separator = "";
  for (const status of await collectRows(rows)) {
    let text = separator;
    separator = "\n";
    for (const [key, value] of Object.entries(status)) {
      text += `${printable(key)}: ${key === "children_ids" ? childrenText(status.children_ids ?? []) : fieldText(value)}\n`;
    }
    yield text;
  }
}

export function taskStatus(status: TaskStatus): Report<TaskStatus> {
  return { rows: batchOf(status), shape: "one", record: statusRecord, plain: statusLines };
}

/** Statuses of several tasks: in text an empty line between them. */
export function taskStatuses(statuses: readonly TaskStatus[]): Report<TaskStatus> {
  return { rows: batchOf(...statuses), shape: "many", record: statusRecord, plain: statusLines };
}

/** The id of a task that was started; in text nothing else, so that a shell can keep it. */
export function startedTask(taskId: string): Report<string> {
  return {
    rows: batchOf(taskId),
    shape: "one",
    record: (id) => ({ task_id: id }),
    async *plain(rows) {
      for (const id of await collectRows(rows)) yield `${printable(id)}\n`;
    },
  };
}

/** Bare strings, one a line. */
export function nameList(names: readonly string[]): Report<string> {
  return {
    rows: batchOf(...names),
    shape: "many",
    record: (name) => name,
    async *plain(rows) {
      for (const name of await collectRows(rows)) yield `${printable(name)}\n`;
    },
  };
}

/** One value with a name: `Current ttl: 10`. */
export function namedValue(label: string, field: string, value: unknown): Report<unknown> {
  return {
    rows: batchOf(value),
    shape: "one",
    record: (row) => ({ [field]: row }),
    async *plain(rows) {
      for (const row of await collectRows(rows)) yield `${label}: ${fieldText(row)}\n`;
    },
  };
}
