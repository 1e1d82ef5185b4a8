import { type ChildReference, parentOf, STATUS_FIELD_NAMES, type TaskStatus, timeOf } from "../client/wire.js";
import type { JournalLine, TaskEnded } from "../journal/journal-line.js";
import { isFinished } from "../vocabulary.js";

/** A task that is watched. */
export interface WatchedTask {
  readonly id: string;
  /** `null` of a cluster task. */
  readonly node: string | null;
  readonly module: string;
  /** The latest status. */
  status: TaskStatus;
  hasEnded: boolean;
  /** The request that last showed it running, or existing, was sent at this time. */
  seenMs: number;
  /**
   * When its tree was last read; before that, a time when the task did not exist yet (`undefined`: not known). Parts that are new
   * now did not exist then.
   */
  lookedMs: number | undefined;
  /** Whether its status was ever read; otherwise only a list showed it. */
  isLookedAt: boolean;
  /** Do not read it before this time: a large tree takes long to read. */
  notBeforeMs: number;
  /** A list shows that it ended, or no longer shows it; its outcome is not known yet. */
  isNoticed: boolean;
  /** Whether a request waits for its end. */
  isAwaited: boolean;
  /** The progress that was recorded last, and when. */
  recordedProgress: { completed: number; total: number; atMs: number };
  /** For a listed task: all of its descendants by id, also finished ones, while it is watched. */
  parts: Map<string, WatchedTask> | undefined;
}

/** What the previous recorder knew about a task. */
export interface EarlierTask {
  /** When it last recorded something about it. */
  readonly seenMs: number;
  readonly hasEnded: boolean;
}

/** When a request was sent, and when it was answered. */
export interface RequestTimes {
  readonly requestedMs: number;
  readonly nowMs: number;
}

interface AddedTask {
  readonly task: WatchedTask;
  /** Whether the previous recorder has recorded its end. */
  readonly isEndRecorded: boolean;
  /** A time before the end of the task. */
  readonly endsAfterMs: number;
}

/** If a task has more children than this, its line does not list them all; they name their parent. */
const MOST_NAMED_CHILDREN = 10_000;
const MOST_CHANGED_CHILDREN = 100;

/** Keeps the tasks that exist, and writes the lines that follow from what is seen of them. It drops tasks that are gone. */
export class Register {
  readonly #tasks = new Map<string, WatchedTask>();
  readonly #write: (line: JournalLine) => void;
  readonly #progressEveryMs: number;
  readonly #earlier: Map<string, EarlierTask>;

  /** @param earlier what the previous recorder knew */
  constructor(
    write: (line: JournalLine) => void,
    progressEveryMs: number,
    earlier: Map<string, EarlierTask> = new Map(),
  ) {
    this.#write = write;
    this.#progressEveryMs = progressEveryMs;
    this.#earlier = earlier;
  }

  /** Call it after every node was looked at: what the previous recorder knew is no longer needed. */
  forgetEarlier(): void {
    this.#earlier.clear();
  }

  /** The number of unfinished tasks. */
  get running(): number {
    let count = 0;
    for (const task of this.all()) if (!task.hasEnded) count++;
    return count;
  }

  get(id: string): WatchedTask | undefined {
    return this.#tasks.get(id);
  }

  /** Listed tasks. */
  get listed(): Iterable<WatchedTask> {
    return this.#tasks.values();
  }

  /** All tasks; a part comes after its parent. */
  *all(): Generator<WatchedTask> {
    for (const task of this.#tasks.values()) {
      yield task;
      if (task.parts !== undefined) yield* task.parts.values();
    }
  }

  /** Shifts all times, because the clock was set by this much. */
  shift(ms: number): void {
    for (const task of this.all()) {
      task.seenMs += ms;
      if (task.lookedMs !== undefined) task.lookedMs += ms;
      task.notBeforeMs += ms;
      task.recordedProgress.atMs += ms;
    }
  }

  /** Lines that repeat all tasks that are there, for the start of a segment. */
  *restated(nowMs: number): Generator<JournalLine> {
    for (const { hasEnded, node, id, module, status } of this.all()) {
      if (!hasEnded) yield seenLine(nowMs, node, id, module, status, undefined);
    }
  }

  /**
   * Takes in the statuses of a listed task and its parts.
   * @param statuses the task first
   * @param sinceMs a time when the task did not exist, for a task that was not seen before; `undefined` if nobody had looked
   */
  see(
    node: string | null,
    module: string,
    statuses: readonly TaskStatus[],
    look: RequestTimes,
    sinceMs: number | undefined,
  ): WatchedTask | undefined {
    const [root] = statuses;
    const id = root?.id;
    if (root === undefined || id === undefined) return undefined;
    const known = this.#tasks.get(id);
    // It ended after the request was sent.
    if (known?.hasEnded) return known;
    const { task, isEndRecorded, endsAfterMs } = known
      ? { task: known, isEndRecorded: false, endsAfterMs: known.seenMs }
      : this.#add(undefined, node, module, root, look, sinceMs);
    if (isEndRecorded) return task;
    // Parts end before the task itself.
    this.seeParts(task, statuses, look, known === undefined ? sinceMs : known.lookedMs);
    task.lookedMs = look.requestedMs;
    task.isLookedAt = true;
    this.#update(task, root, look, endsAfterMs);
    return task;
  }

  /**
   * Takes in a task that was not seen before, and whose status could not be read.
   * @param status what the list shows
   */
  seeListed(
    node: string | null,
    module: string,
    status: TaskStatus,
    look: RequestTimes,
    sinceMs: number | undefined,
  ): WatchedTask {
    const { task, endsAfterMs } = this.#add(undefined, node, module, status, look, sinceMs);
    task.lookedMs = sinceMs;
    if (isFinished(status)) task.seenMs = endsAfterMs;
    return task;
  }

  /**
   * Takes in the statuses of the parts of a listed task.
   * @param sinceMs a time when parts that were not seen before did not exist
   */
  seeParts(task: WatchedTask, statuses: readonly TaskStatus[], look: RequestTimes, sinceMs: number | undefined): void {
    const present = new Map(statuses.map((status) => [status.id ?? "", status]));
    for (const status of statuses) {
      if (status.id !== task.id) this.#seePart(task, status, look, sinceMs);
    }
    for (const part of task.parts?.values() ?? []) {
      if (!part.hasEnded && !present.has(part.id)) this.#vanish(task, part, present, look);
    }
  }

  /** A listed task has ended. @param withinMs how long ago that was, at most */
  end(task: WatchedTask, status: TaskStatus, nowMs: number, withinMs: number): void {
    if (!task.hasEnded) this.#end(task, status, nowMs, withinMs);
  }

  /** A listed task is gone, and nobody saw its outcome. */
  gone(task: WatchedTask, nowMs: number): void {
    if (!task.hasEnded) this.#lose(task, nowMs);
    this.forget(task);
  }

  forget({ id }: WatchedTask): void {
    this.#tasks.delete(id);
  }

  /** Turns a listed task into a part, because a tree shows that it is one. */
  #seePart(root: WatchedTask, status: TaskStatus, look: RequestTimes, sinceMs: number | undefined): void {
    const { id } = status;
    // A part that is also listed, such as a child of a cluster task, is watched by itself.
    if (id === undefined || this.#tasks.has(id)) return;
    const known = root.parts?.get(id);
    if (known === undefined) {
      const { task, isEndRecorded, endsAfterMs } = this.#add(root, root.node, root.module, status, look, sinceMs);
      if (!isEndRecorded && isFinished(status)) this.#update(task, status, look, endsAfterMs);
      return;
    }
    if (!known.hasEnded) this.#update(known, status, look, known.seenMs);
  }

  #add(
    root: WatchedTask | undefined,
    node: string | null,
    module: string,
    status: TaskStatus,
    look: RequestTimes,
    sinceMs: number | undefined,
  ): AddedTask {
    const id = status.id as string;
    const task = newTask(id, node, module, status, look.requestedMs);
    if (root === undefined) this.#tasks.set(id, task);
    else {
      root.parts ??= new Map();
      root.parts.set(id, task);
    }
    const earlier = sinceMs === undefined ? this.#earlier.get(id) : undefined;
    this.#earlier.delete(id);
    // The previous recorder has recorded its end.
    if (earlier?.hasEnded && isFinished(status)) {
      this.#close(task);
      return { task, isEndRecorded: true, endsAfterMs: look.nowMs };
    }
    this.#write(seenLine(look.nowMs, node, id, module, status, sinceMs));
    task.recordedProgress = { ...progressOf(status), atMs: look.nowMs };
    return { task, isEndRecorded: false, endsAfterMs: sinceMs ?? earlier?.seenMs ?? beginMs(status, look) };
  }

  #update(task: WatchedTask, status: TaskStatus, look: RequestTimes, sinceMs: number): void {
    if (isFinished(status)) {
      this.#end(task, status, look.nowMs, look.nowMs - sinceMs);
      return;
    }
    const changed = changedFields(task.status, status);
    const about = { node: task.node, id: task.id };
    if (changed !== undefined) {
      this.#write({ at: isoTime(look.nowMs), event: "task_changed", ...about, task: changed });
    }
    task.status = status;
    task.seenMs = look.requestedMs;
    const { completed, total } = progressOf(status);
    const { recordedProgress: last } = task;
    if (look.nowMs - last.atMs < this.#progressEveryMs || (last.completed === completed && last.total === total))
      return;
    task.recordedProgress = { completed, total, atMs: look.nowMs };
    this.#write({ at: isoTime(look.nowMs), event: "task_progress", ...about, completed, total });
  }

  /**
   * A part is no longer in the tree. semantics 9: a finished task keeps the parts that failed, so a part that is missing below one
   * did not fail.
   */
  #vanish(root: WatchedTask, part: WatchedTask, present: ReadonlyMap<string, TaskStatus>, look: RequestTimes): void {
    let above: TaskStatus | undefined;
    for (let id = parentOf(part.status); id !== undefined && above === undefined; ) {
      above = present.get(id);
      const parent = root.parts?.get(id);
      id = parent === undefined ? undefined : parentOf(parent.status);
    }
    if (above === undefined || !isFinished(above)) {
      this.#lose(part, look.nowMs);
      return;
    }
    const { end_time: _, ...status } = part.status;
    this.#end(part, { ...status, state: "done" }, look.nowMs, look.nowMs - part.seenMs, true);
  }

  #end(task: WatchedTask, status: TaskStatus, nowMs: number, withinMs: number, isInferred = false): void {
    this.#loseParts(task, nowMs);
    const line: TaskEnded = {
      at: isoTime(nowMs),
      event: "task_ended",
      node: task.node,
      id: task.id,
      task: recorded(status),
      within_ms: Math.max(0, Math.round(withinMs)),
      ...(isInferred && { inferred: true }),
    };
    this.#write(line);
    this.#close(task);
  }

  /** The remaining parts of a task that has ended are not watched any more. */
  #loseParts(task: WatchedTask, nowMs: number): void {
    for (const part of task.parts?.values() ?? []) if (!part.hasEnded) this.#lose(part, nowMs);
  }

  #lose(task: WatchedTask, nowMs: number): void {
    this.#loseParts(task, nowMs);
    this.#write({
      at: isoTime(nowMs),
      event: "task_gone",
      node: task.node,
      id: task.id,
      within_ms: Math.max(0, Math.round(nowMs - task.seenMs)),
    });
    this.#close(task);
  }

  /** Drops everything about a finished task but its id and its parts. */
  #close(task: WatchedTask): void {
    task.hasEnded = true;
    const { parent_id } = task.status;
    task.status = parent_id === undefined ? {} : { parent_id };
    task.parts = undefined;
  }
}

function newTask(id: string, node: string | null, module: string, status: TaskStatus, seenMs: number): WatchedTask {
  return {
    id,
    node,
    module,
    status,
    hasEnded: false,
    seenMs,
    lookedMs: seenMs,
    isLookedAt: false,
    notBeforeMs: 0,
    isNoticed: false,
    isAwaited: false,
    recordedProgress: { completed: 0, total: 0, atMs: 0 },
    parts: undefined,
  };
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** For a task that existed before anybody looked: it ended after it began. */
function beginMs(status: TaskStatus, { nowMs }: RequestTimes): number {
  return timeOf(status.end_time) ?? timeOf(status.start_time) ?? nowMs;
}

function progressOf({ progress_completed: completed = 0, progress_total: total = 0 }: TaskStatus) {
  return { completed, total };
}

/** @param sinceMs a time when the task did not exist; `undefined` if it may always have existed */
function seenLine(
  nowMs: number,
  node: string | null,
  id: string,
  module: string,
  status: TaskStatus,
  sinceMs: number | undefined,
): JournalLine {
  return {
    at: isoTime(nowMs),
    event: "task_seen",
    node,
    id,
    module,
    task: recorded(status),
    ...(sinceMs === undefined ? { was_there: true } : { within_ms: Math.max(0, Math.round(nowMs - sinceMs)) }),
  };
}

function recorded(status: TaskStatus): TaskStatus {
  if ((status.children_ids?.length ?? 0) <= MOST_NAMED_CHILDREN) return status;
  const { children_ids: _, ...rest } = status;
  return rest;
}

const COMPARED = STATUS_FIELD_NAMES.filter(
  (name) => !["id", "progress_completed", "progress_total", "children_ids"].includes(name),
);

/** The fields that differ; `undefined` if there are none. */
function changedFields(before: TaskStatus, now: TaskStatus): Partial<TaskStatus> | undefined {
  let changed: Record<string, unknown> | undefined;
  for (const name of COMPARED) {
    const value = now[name];
    if (value === undefined || value === before[name]) continue;
    changed ??= {};
    changed[name] = value;
  }
  const children = now.children_ids ?? [];
  if (children.length <= MOST_CHANGED_CHILDREN && !isSameChildren(before.children_ids ?? [], children)) {
    changed ??= {};
    changed.children_ids = children;
  }
  return changed;
}

/** rest-api: in no particular order. */
function isSameChildren(before: readonly ChildReference[], now: readonly ChildReference[]): boolean {
  if (before.length !== now.length) return false;
  const ids = new Set(before.map(({ task_id }) => task_id));
  return now.every(({ task_id }) => ids.has(task_id));
}
