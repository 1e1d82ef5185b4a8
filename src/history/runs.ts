import { parentOf, type TaskStatus } from "../client/wire.js";
import { isStartedByServer, type KnownTask, spanOf, TaskFold } from "../journal/fold-tasks.js";
import { type JournalReadOptions, readJournal } from "../journal/read-journal.js";
import type { TaskFilter } from "../tasks/filter.js";
import { NIL_UUID, NO_PARENT } from "../vocabulary.js";

/** A task that ran and has ended. Times are in milliseconds since the epoch. */
export interface Run {
  readonly id: string;
  /** `null` of a cluster task. */
  readonly node: string | null;
  readonly module: string | undefined;
  /** The last that is known of it. Of one that nobody saw end, the state is `gone`. */
  readonly status: TaskStatus;
  /** Absent where nobody knows when it began. */
  readonly startMs: number | undefined;
  /** When it ended: as its server says it, or the latest that it can have been. */
  readonly endMs: number;
  /** It ended at most so long before; `undefined` where it may have been at any time since it was last seen. */
  readonly endWithinMs: number | undefined;
  /** Absent where the beginning or the end is not known. */
  readonly durationMs: number | undefined;
  /** The duration is known within this, more or less; 0 where the server told both its times. */
  readonly withinMs: number;
}

/** Which runs. What is absent asks for nothing. */
export interface RunQuery {
  readonly module?: string | undefined;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  /** Address; cluster tasks have none. */
  readonly node?: string | undefined;
  readonly filter?: TaskFilter | undefined;
  /** Those that ended at this time or later. */
  readonly sinceMs?: number | undefined;
  /** Those that had ended by this time. */
  readonly untilMs?: number | undefined;
  /** Also parts of other tasks, and what the server starts by itself. */
  readonly internal?: boolean | undefined;
}

/** The state of a run that nobody saw end, as in a tree. */
export const GONE = "gone";

/** Whether a task is an operation of its own: no part of another, and none that the server starts all the time. */
export function isOperation(task: TaskStatus): boolean {
  return parentOf(task) === undefined && !isStartedByServer(task);
}

/** Takes what any task of a journal names, those too that no run of the query is about; each may be empty. */
export type SeeTable = (keyspace: string, table: string) => void;

/** What a journal tells of the past. */
export interface History {
  /** In the order in which they were first seen; made as they are asked for, as there may be hundreds of thousands. */
  readonly runs: Iterable<Run>;
  /** Time of the first line that was read; absent where there is none. */
  readonly begin: string | undefined;
}

type Reading = Pick<JournalReadOptions, "leftOut" | "signal" | "stdin">;

/**
 * Reads the runs of a journal.
 * @param reading `leftOut` takes what could not be read
 * @throws UsageError, JournalError as `readJournal`
 */
export async function readHistory(
  journal: string,
  query: RunQuery,
  reading: Reading,
  seeTable?: SeeTable,
): Promise<History> {
  const isWanted = wantedBefore(query);
  const keeps = (task: TaskStatus) => {
    seeTable?.(task.keyspace ?? "", task.table ?? "");
    return isWanted(task);
  };
  const fold = new TaskFold({ keeps, keptOf: briefStatus });
  const { sinceMs, untilMs, internal } = query;
  const skipsText = (text: string) => {
    // What was only listed at first did not say of what it is a part.
    if (!namesParent(text) || fold.tasks.has(textOf(text, "id"))) return false;
    seeTable?.(textOf(text, "keyspace"), textOf(text, "table"));
    fold.passTask();
    return true;
  };
  // Most tasks are parts of others: they need not be parsed to be left out.
  const skipping = internal ? {} : { skipsText };
  const options = { ...reading, ...skipping, skip: ["task_progress"] as const, sinceMs, untilMs };
  for await (const lines of readJournal(journal, options)) fold.addAll(lines);
  fold.finish();
  const passes = passesAfter(query);
  return { runs: runsOf(fold, (run) => isWanted(run.status) && passes(run)), begin: fold.begin };
}

function* runsOf({ earlier, tasks }: TaskFold, isWanted: (run: Run) => boolean): Generator<Run> {
  for (const known of [earlier, tasks.values()]) {
    for (const task of known) {
      const run = runOf(task);
      if (run !== undefined && isWanted(run)) yield run;
    }
  }
}

/** The value of a field in the text of a line; empty where there is none, or one with escapes, as no name has. */
function textOf(text: string, field: string): string {
  const start = text.indexOf(`"${field}":"`);
  if (start === -1) return "";
  const from = start + field.length + 4;
  const value = text.slice(from, text.indexOf('"', from));
  return value.includes("\\") ? "" : value;
}

const PARENT = '"parent_id":"';
const NO_PARENTS = ['"', `${NO_PARENT}"`, `${NIL_UUID}"`];

/** Whether the text of a line says that its task has a parent. Within a text of JSON there are no such quotes. */
function namesParent(text: string): boolean {
  const start = text.indexOf(PARENT);
  return start !== -1 && !NO_PARENTS.some((value) => text.startsWith(value, start + PARENT.length));
}

/** As {@link readHistory}, the runs alone. */
export async function readRuns(journal: string, query: RunQuery, reading: Reading): Promise<Run[]> {
  return [...(await readHistory(journal, query, reading)).runs];
}

/** The run of a task; `undefined` while it goes on. */
export function runOf(task: KnownTask): Run | undefined {
  const { id, node, module, status, endedMs, endedWithinMs, isGone } = task;
  if (endedMs === undefined) return undefined;
  const { begin, end } = spanOf(task);
  const isKnown = begin !== undefined && end !== undefined;
  return {
    id,
    node,
    module,
    status: isGone ? { ...status, state: GONE } : status,
    startMs: begin?.atMs,
    endMs: end?.atMs ?? endedMs,
    endWithinMs: end === undefined ? endedWithinMs : end.withinMs,
    durationMs: isKnown ? Math.max(0, end.atMs - begin.atMs) : undefined,
    withinMs: isKnown ? begin.withinMs + end.withinMs : 0,
  };
}

/** What does not change in the life of a task: those that do not match are not even kept. */
function wantedBefore({ keyspace, table, internal = false }: RunQuery): (task: TaskStatus) => boolean {
  return (task) =>
    (internal || isOperation(task)) &&
    // semantics 26: a task that has ended may have lost its names, and then the fold knows them.
    (keyspace === undefined || task.keyspace === keyspace) &&
    (table === undefined || task.table === table);
}

function passesAfter({ module, node, filter, sinceMs, untilMs }: RunQuery): (run: Run) => boolean {
  return (run) =>
    (module === undefined || run.module === module) &&
    (node === undefined || run.node === node) &&
    (sinceMs === undefined || run.endMs >= sinceMs) &&
    (untilMs === undefined || run.endMs <= untilMs) &&
    (filter === undefined || filter(run.status) === "yes");
}

/** Longest part of an error that is kept of each run: there may be hundreds of thousands. */
const LONGEST_ERROR = 1000;

/** A status without what a history does not show. */
function briefStatus(status: TaskStatus): TaskStatus {
  return {
    type: status.type ?? "",
    kind: status.kind ?? "",
    scope: status.scope ?? "",
    state: status.state ?? "",
    start_time: status.start_time ?? "",
    end_time: status.end_time ?? "",
    error: status.error?.slice(0, LONGEST_ERROR) ?? "",
    parent_id: parentOf(status) ?? "",
    shard: status.shard ?? 0,
    keyspace: status.keyspace ?? "",
    table: status.table ?? "",
    entity: status.entity ?? "",
    progress_units: status.progress_units ?? "",
    progress_total: status.progress_total ?? 0,
    progress_completed: status.progress_completed ?? 0,
  };
}
