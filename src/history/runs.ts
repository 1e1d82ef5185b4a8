import { parentOf, type TaskStatus } from "../client/wire.js";
import { isStartedByServer, type KnownTask, spanOf, TaskFold } from "../journal/fold-tasks.js";
import { type JournalReadOptions, readJournal } from "../journal/read-journal.js";
import type { TaskFilter } from "../tasks/filter.js";
import { NIL_UUID, NO_PARENT } from "../vocabulary.js";

/** A task that has ended. Times are in milliseconds since the epoch. */
export interface Run {
  readonly id: string;
  /** `null` for a cluster task. */
  readonly node: string | null;
  readonly module: string | undefined;
  /** The latest known. If nobody saw the task end, the state is `gone`. */
  readonly status: TaskStatus;
  /** `undefined` if nobody knows when it began. */
  readonly startMs: number | undefined;
  /** When it ended: by its server, or else the latest possible time. */
  readonly endMs: number;
  /** It ended at most this long before `endMs`; `undefined` if it may have ended at any time since it was last seen. */
  readonly endWithinMs: number | undefined;
  /** `undefined` if begin or end is unknown. */
  readonly durationMs: number | undefined;
  /** The duration is known to within this, plus or minus; 0 if the server reported both times. */
  readonly withinMs: number;
}

/** Selects runs. A field that is absent selects all. */
export interface RunQuery {
  readonly module?: string | undefined;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  /** An address. Cluster tasks have none. */
  readonly node?: string | undefined;
  readonly filter?: TaskFilter | undefined;
  /** Runs that ended at this time or later. */
  readonly sinceMs?: number | undefined;
  /** Runs that had ended by this time. */
  readonly untilMs?: number | undefined;
  /** Also parts of other tasks, and tasks that the server starts itself. */
  readonly internal?: boolean | undefined;
}

/** The state of a run whose end nobody saw, as in a tree. */
const GONE = "gone";

/** Whether a task is an operation of its own: not a part of another, and not started by the server itself. */
function isOperation(task: TaskStatus): boolean {
  return parentOf(task) === undefined && !isStartedByServer(task);
}

/** Called with the keyspace and table of any task of a journal, even outside the query; each may be empty. */
export type SeeTable = (keyspace: string, table: string) => void;

/** The runs in a journal. */
export interface History {
  /** In the order in which they were first seen. Created one by one, as there may be hundreds of thousands. */
  readonly runs: Iterable<Run>;
  /** The time of the first line that was read; `undefined` if there is none. */
  readonly begin: string | undefined;
}

type Reading = Pick<JournalReadOptions, "leftOut" | "signal" | "stdin">;

/**
 * Reads the runs of a journal.
 * @param reading its `leftOut` receives what could not be read
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
  /** Tasks of the lines that were read and are not yet in the fold. */
  const read = new Set<string>();
  const skipsText = (text: string) => {
    const id = textOf(text, "id");
    if (!namesParent(text)) {
      read.add(id);
      return false;
    }
    // A task that was only listed at first did not name its parent then.
    if (read.has(id) || fold.tasks.has(id)) return false;
    seeTable?.(textOf(text, "keyspace"), textOf(text, "table"));
    fold.passTask();
    return true;
  };
  // Most tasks are parts of others, and can be skipped without parsing.
  const skipping = internal ? {} : { skipsText };
  const options = { ...reading, ...skipping, skip: ["task_progress"] as const, sinceMs, untilMs };
  for await (const lines of readJournal(journal, options)) {
    fold.addAll(lines);
    read.clear();
  }
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

/** The value of a field in the text of a line; empty if there is none, or if it has escapes, which names never have. */
function textOf(text: string, field: string): string {
  const start = text.indexOf(`"${field}":"`);
  if (start === -1) return "";
  const from = start + field.length + 4;
  const value = text.slice(from, text.indexOf('"', from));
  return value.includes("\\") ? "" : value;
}

const PARENT = '"parent_id":"';
const NO_PARENTS = ['"', `${NO_PARENT}"`, `${NIL_UUID}"`];

/** Whether the text of a line names a parent. Within a JSON string, quotes are escaped, so it cannot match there. */
function namesParent(text: string): boolean {
  const start = text.indexOf(PARENT);
  return start !== -1 && !NO_PARENTS.some((value) => text.startsWith(value, start + PARENT.length));
}

/** The run of a task; `undefined` while it is not finished. */
function runOf(task: KnownTask): Run | undefined {
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

/** Checks fields that never change during a task. Tasks that do not match are dropped at once. */
function wantedBefore({ keyspace, table, internal = false }: RunQuery): (task: TaskStatus) => boolean {
  return (task) =>
    (internal || isOperation(task)) &&
    // semantics 26: a finished task may have lost its names, but the fold still knows them.
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

/** The error of each run is cut to this length, as there may be hundreds of thousands of runs. */
const LONGEST_ERROR = 1000;

/** A status without the fields that a history does not show. */
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
