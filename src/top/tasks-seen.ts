import { type TaskStats, type TaskStatus, timeOf } from "../client/wire.js";
import { entityText } from "../format/text/task-words.js";
import { FINISHED_STATES } from "../vocabulary.js";
import { RateMeter } from "../waiting/rate.js";
import type { NodeLook } from "./look-at-node.js";

/** A root task, with what was observed over time. */
export interface SeenTask {
  readonly id: string;
  /** `null` for a cluster task. */
  readonly node: string | null;
  readonly module: string;
  readonly stats: TaskStats;
  /** The last status that was read. */
  readonly status: TaskStatus | undefined;
  readonly state: string;
  /** `keyspace.table`, or what else the task works on. */
  readonly place: string;
  /** All text that a filter searches, in lower case. */
  readonly words: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** When it was first seen in its present state; `undefined` if it was in it from the start. */
  readonly changedMs: number | undefined;
  readonly pace: Pace;
}

/** The speed of a task, kept from one look to the next. */
interface Pace {
  readonly meter: RateMeter;
  /** When its progress last changed, by the monotonic clock. */
  movedMs: number;
  completed: number | undefined;
  /** When a status was last read, by the monotonic clock. */
  readMs: number | undefined;
}

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly monotonicMs: number;
}

export type SeenTasks = ReadonlyMap<string, SeenTask>;

/** Merges what nodes list: every node lists the cluster tasks, and a child of one is listed on its node as if it were a root. */
export class TaskMemory {
  #tasks = new Map<string, SeenTask>();
  /** Known children of cluster tasks. */
  #children = new Set<string>();
  #isFirst = true;

  get tasks(): SeenTasks {
    return this.#tasks;
  }

  /** @param looks the last look at each node that answers, in the order of the nodes */
  see(looks: Iterable<NodeLook>, moment: Moment): SeenTasks {
    const tasks = new Map<string, SeenTask>();
    const listed = new Set<string>();
    for (const { node, rows, statuses } of looks) {
      for (const row of rows) {
        const { task_id: id } = row;
        if (id === undefined) continue;
        listed.add(id);
        const status = statuses.get(id);
        for (const child of status?.kind === "cluster" ? (status.children_ids ?? []) : [])
          this.#children.add(child.task_id);
        if (tasks.has(id)) {
          if (status !== undefined) tasks.set(id, this.#seen(row, node, status, moment));
        } else tasks.set(id, this.#seen(row, node, status, moment));
      }
    }
    for (const id of this.#children) {
      if (listed.has(id)) tasks.delete(id);
      else this.#children.delete(id);
    }
    this.#tasks = tasks;
    this.#isFirst = false;
    return tasks;
  }

  #seen(row: NodeLook["rows"][number], node: string, read: TaskStatus | undefined, moment: Moment): SeenTask {
    const { module, task_id: id = "", keyspace = "", table = "", type = "", kind } = row;
    const before = this.#tasks.get(id);
    const pace = before?.pace ?? newPace(moment);
    const status = read ?? before?.status;
    // The status is read after the list, so it is newer.
    const state = read?.state ?? row.state ?? "";
    if (read !== undefined && read !== before?.status) move(pace, read, moment);
    const isSame = before !== undefined && before.state === state;
    const place = table === "" ? keyspace || entityText(row) : `${keyspace}.${table}`;
    const own = kind === "cluster" ? null : node;
    return {
      id,
      node: own,
      module,
      stats: row,
      status,
      state,
      place,
      words: isSame ? before.words : [state, type, place, module, own ?? "cluster", id].join(" ").toLowerCase(),
      startMs: timeOf(status?.start_time) ?? timeOf(row.start_time),
      endMs: timeOf(read?.end_time) ?? timeOf(row.end_time) ?? (FINISHED_STATES.has(state) ? before?.endMs : undefined),
      changedMs: isSame ? before.changedMs : this.#isFirst ? undefined : moment.nowMs,
      pace,
    };
  }
}

const newPace = ({ monotonicMs }: Moment): Pace => ({
  meter: new RateMeter(),
  movedMs: monotonicMs,
  completed: undefined,
  readMs: undefined,
});

function move(
  pace: Pace,
  { progress_completed: completed, progress_total: total = 0 }: TaskStatus,
  moment: Moment,
): void {
  const { monotonicMs } = moment;
  pace.readMs = monotonicMs;
  if (typeof completed !== "number") return;
  if (completed !== pace.completed) {
    pace.completed = completed;
    pace.movedMs = monotonicMs;
  }
  pace.meter.add({ atMs: monotonicMs, completed, total });
}

/** How long a running task has made no progress, in milliseconds; `undefined` if it reports none. */
export function stalledMs(
  { state, status, pace }: SeenTask,
  { monotonicMs }: Pick<Moment, "monotonicMs">,
): number | undefined {
  if (state !== "running" || pace.completed === undefined || !((status?.progress_total ?? 0) > 0)) return undefined;
  return monotonicMs - pace.movedMs;
}
