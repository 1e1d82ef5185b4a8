import { parentOf, STATS_FIELD_NAMES, STATUS_FIELD_NAMES, type TaskStats, type TaskStatus } from "../../client/wire.js";
import { printable } from "../../strings/printable.js";
import { eachTaskOnce } from "../../tasks/each-task-once.js";
import { limitDepth } from "../../tasks/tree-depth.js";
import { EPOCH } from "../../vocabulary.js";
import type { ViewOptions } from "../terminal/view-options.js";
import { childrenText, fieldText } from "../text/field-text.js";
import { jsonText } from "../text/json-text.js";
import { type PaddedColumn, paddedTable, type TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";
import { loadViews } from "./load-views.js";
import { type Batches, batch, batchOf, collectRows, type Report } from "./report.js";

/** Two columns of `tree` are not titled like their fields. */
const OTHER_TITLES: Readonly<Record<string, string>> = { progress_total: "total", progress_completed: "completed" };

/** The leading columns that tell where a task is from, if a report has tasks of several modules or nodes. */
export type OriginField = "module" | "node";

const TIME_FIELDS = new Set(["start_time", "end_time"]);

/** The text of a task's field; empty for a time that is not set yet. */
const taskText = (field: string, value: unknown) => (value === EPOCH && TIME_FIELDS.has(field) ? "" : fieldText(value));

const statsColumn = (field: string): PaddedColumn<TaskStats> => ({
  title: field,
  text: (row) => taskText(field, row[field]),
});

const statusColumn = (field: string): PaddedColumn<TaskStatus> =>
  field === "children_ids"
    ? { title: field, text: (row) => childrenText(row.children_ids ?? []) }
    : { title: OTHER_TITLES[field] ?? field, text: (row) => taskText(field, row[field]) };

async function* viewStatuses(rows: Batches<TaskStatus>, options: ViewOptions): Pieces {
  const { statusView } = await loadViews();
  yield* statusView(await collectRows(rows), options);
}

async function* tableOf<T>(columns: readonly PaddedColumn<T>[], rows: Batches<T>, options: TableOptions): Pieces {
  yield* paddedTable(columns, await collectRows(rows), options);
}

/** `null` for a time that is not set yet. */
function unsetTimes(record: Record<string, unknown>): void {
  if (record.start_time === EPOCH) record.start_time = null;
  if (record.end_time === EPOCH) record.end_time = null;
}

/** The server's object, with `null` for a time that is not set yet. */
function statsRecord(stats: TaskStats): TaskStats {
  const record = { ...stats };
  unsetTimes(record);
  return record;
}

/** As {@link statsRecord}, with `null` for "no parent", and always with an array of children. */
function statusRecord(status: TaskStatus): TaskStatus {
  const record: Record<string, unknown> = { ...status };
  unsetTimes(record);
  if ("parent_id" in record) record.parent_id = parentOf(status) ?? null;
  record.children_ids = status.children_ids ?? [];
  return record;
}

/**
 * @param origins columns in front of the server's own
 * @param more fields that rows may have, shown only if requested by name
 */
export function taskList(
  rows: Batches<TaskStats>,
  origins: readonly OriginField[] = [],
  more: readonly string[] = [],
): Report<TaskStats> {
  const fields = [...origins, ...STATS_FIELD_NAMES];
  return {
    rows,
    shape: "many",
    fields,
    onRequest: more,
    record: statsRecord,
    table: (stats, options) => tableOf(fields.map(statsColumn), stats, options),
    async *view(stats, options) {
      const { listView } = await loadViews();
      yield* listView(await collectRows(stats), options);
    },
  };
}

/**
 * As {@link taskList}, for one task and its descendants.
 * @param depth levels below the root to show; `undefined`: all
 */
export function taskTree(
  rows: Batches<TaskStatus>,
  origins: readonly OriginField[] = [],
  more: readonly string[] = [],
  depth?: number,
): Report<TaskStatus> {
  const fields = [...origins, ...STATUS_FIELD_NAMES];
  return {
    rows: limitDepth(rows, depth),
    shape: "many",
    fields,
    onRequest: more,
    record: statusRecord,
    table: (statuses, options) => tableOf(fields.map(statusColumn), statuses, options),
    async *view(statuses, options) {
      const { treeView } = await loadViews();
      yield* treeView(await collectRows(statuses), options, depth);
    },
  };
}

/** As {@link taskTree}, for many tasks: a task below another is not shown again. */
export function taskTrees(
  rows: Batches<TaskStatus>,
  origins: readonly OriginField[] = [],
  more: readonly string[] = [],
  depth?: number,
): Report<TaskStatus> {
  const trees = taskTree(rows, origins, more, depth);
  if (depth !== undefined) return { ...trees, rows: limitDepth(eachTaskOnce(rows), depth) };
  return { ...trees, distinct: eachTaskOnce };
}

/** `<key>: <value>` for each field, in the server's order. */
async function* statusLines(rows: Batches<TaskStatus>): Pieces {
  let separator = "";
  for (const status of await collectRows(rows)) {
    let text = separator;
    separator = "\n";
    for (const [key, value] of Object.entries(status)) {
      text += `${printable(key)}: ${key === "children_ids" ? childrenText(status.children_ids ?? []) : taskText(key, value)}\n`;
    }
    yield text;
  }
}

export function taskStatus(
  status: TaskStatus,
  origins: readonly OriginField[] = [],
  more: readonly string[] = [],
): Report<TaskStatus> {
  return {
    rows: batchOf(status),
    shape: "one",
    fields: [...origins, ...STATUS_FIELD_NAMES],
    onRequest: more,
    record: statusRecord,
    table: statusLines,
    view: viewStatuses,
  };
}

/** The outcome of a wait for a task. */
export interface WaitedTask {
  readonly id: string;
  /** The latest known status. */
  readonly status: TaskStatus | undefined;
  /** `done`, `failed`, `suspended`, `timeout`, `unknown`. */
  readonly outcome: string;
  /** Whether the status is the server's answer to the wait: text shows only such (nodetool-tasks: wait). */
  readonly isAnswer: boolean;
}

export const WAITED_TASK_FIELDS: readonly string[] = [...STATUS_FIELD_NAMES, "outcome"];

/**
 * The outcomes of waits. Documents have every task, even with an unknown outcome. Text has the statuses that servers returned, with
 * an empty line between them.
 */
export function waitedTasks(tasks: readonly WaitedTask[], isList: boolean): Report<WaitedTask> {
  async function* answers(rows: Batches<WaitedTask>): Batches<TaskStatus> {
    for await (const batch of rows) yield batch.flatMap(({ status, isAnswer }) => (status && isAnswer ? [status] : []));
  }
  return {
    rows: batch(tasks),
    shape: isList ? "many" : "one",
    fields: WAITED_TASK_FIELDS,
    // There is no task, so only the call knows what was started.
    record: ({ id, status, outcome }) => ({
      ...statusRecord({ id, state: "unknown", ...status }),
      ...(id === "" ? { id: null } : {}),
      outcome,
    }),
    table: (rows) => statusLines(answers(rows)),
    view: (rows, options) => viewStatuses(answers(rows), options),
  };
}

export const STARTED_TASK_FIELDS = ["task_id"];

/** The id of a task that was started, if there was anything to do. Text has nothing else, so that a shell can store it. */
export function startedTask(taskId: string | undefined): Report<string | undefined> {
  return {
    rows: batchOf(taskId),
    shape: "one",
    fields: STARTED_TASK_FIELDS,
    record: (id) => ({ task_id: id ?? null }),
    async *table(rows) {
      for (const id of await collectRows(rows)) if (id !== undefined) yield `${printable(id)}\n`;
    },
  };
}

/** As {@link startedTask}, for several tasks: text has one id per line. */
export function startedTasks<T extends { readonly task_id: string | null }>(
  fields: readonly string[],
  tasks: readonly T[],
): Report<T> {
  return {
    rows: batch(tasks),
    shape: "many",
    fields,
    record: (task) => task,
    async *table(rows) {
      for (const { task_id: id } of await collectRows(rows)) if (id !== null) yield `${printable(id)}\n`;
    },
  };
}

/** Plain strings such as the names of modules, one per line. */
export function nameList(names: readonly string[]): Report<string> {
  return {
    rows: batch(names),
    shape: "many",
    fields: ["module"],
    record: (name) => name,
    async *table(rows) {
      for (const name of await collectRows(rows)) yield `${printable(name)}\n`;
    },
  };
}

/** One value with a label: `Current ttl: 10`. A string is printed plain, anything else as JSON. */
export function namedValue(label: string, field: string, value: unknown): Report<unknown> {
  return {
    rows: batchOf(value),
    shape: "one",
    fields: [field],
    record: (row) => ({ [field]: row }),
    async *table(rows) {
      for (const row of await collectRows(rows))
        yield `${label}: ${typeof row === "string" ? printable(row) : jsonText(row)}\n`;
    },
  };
}
