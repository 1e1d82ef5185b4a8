import { type ChildReference, parentOf, type TaskStatus, timeOf } from "../client/wire.js";
import type { MeasuredTime } from "../tasks/timeline/span.js";
import { isFinished } from "../vocabulary.js";
import type {
  Gap,
  JournalLine,
  NodeLost,
  SegmentStarted,
  TaskChanged,
  TaskEnded,
  TaskGone,
  TaskProgress,
  TaskSeen,
} from "./journal-line.js";
import { CommonTexts, PackedStatus } from "./packed-status.js";

/** What a journal knows of a task. */
export class KnownTask {
  /** It began at most so long before it was first seen; `undefined` where it was there before the watching began. */
  readonly seenWithinMs: number | undefined;
  /** When it was seen to have ended, or to be gone; `undefined` while it runs. */
  endedMs: number | undefined = undefined;
  /** It ended at most so long before that; `undefined` where nobody knows. */
  endedWithinMs: number | undefined = undefined;
  /** Nobody saw how it ended. */
  isGone = false;
  /** Whether its server said that it began at another time than that at which it was seen to: their clocks differ. */
  readonly clockDiffers: boolean;
  readonly #status: PackedStatus;

  /**
   * @param node `null` of a cluster task
   * @param module absent where the line that names it is missing
   * @param seenMs when it was first seen, in milliseconds since the epoch
   * @param segment number of the segment that named it last
   * @param texts of all tasks of a journal
   */
  constructor(
    readonly id: string,
    readonly node: string | null,
    readonly module: string | undefined,
    status: TaskStatus,
    readonly seenMs: number,
    seenWithinMs: number | undefined,
    public segment: number,
    texts: CommonTexts,
  ) {
    this.seenWithinMs = seenWithinMs;
    this.#status = new PackedStatus(status, texts);
    const beginMs = this.saidBeginMs;
    const earliestMs = seenMs - (seenWithinMs ?? Number.POSITIVE_INFINITY);
    this.clockDiffers = beginMs !== undefined && !(beginMs <= seenMs + SECOND_MS && beginMs >= earliestMs - SECOND_MS);
  }

  /** The last that was said of it, with what was said before and is not any more. */
  get status(): TaskStatus {
    return this.#status.unpacked();
  }

  /** When its server says that it began and ended, in milliseconds since the epoch; `undefined` where it does not. */
  get saidBeginMs(): number | undefined {
    return this.#status.beginMs;
  }

  get saidEndMs(): number | undefined {
    return this.#status.endMs;
  }

  /** The parent's id. */
  get parent(): string | undefined {
    return this.#status.parent;
  }

  say(status: TaskStatus, texts: CommonTexts): void {
    this.#status.say(status, texts);
  }

  sayProgress(completed: number, total: number, texts: CommonTexts): void {
    this.#status.sayProgress(completed, total, texts);
  }
}

export interface FoldOptions {
  /** Which tasks to keep; without it, all. Asked again where more is known of one. */
  readonly keeps?: (task: TaskStatus) => boolean;
  /** What to keep of a status; without it, all. */
  readonly keptOf?: (status: TaskStatus) => TaskStatus;
}

/** Folds the lines of a journal, as they come, into what is known of tasks and nodes after the last of them. It forgets nothing. */
export class TaskFold {
  /** By id, in the order in which they were first seen. */
  readonly tasks = new Map<string, KnownTask>();
  /** Earlier tasks of an id that was used again (semantics 28). */
  readonly earlier: KnownTask[] = [];
  /** Nodes that are watched. */
  readonly nodes = new Set<string>();
  /** Nodes that do not answer. */
  readonly lost = new Map<string, NodeLost>();
  readonly gaps: Gap[] = [];
  /** What the newest segment says of itself. */
  segment: SegmentStarted | undefined;
  /** Time of the first line, and of the last. */
  begin: string | undefined;
  end: string | undefined;
  /** Whether the recorder stopped in order, and nothing was recorded after it. */
  isStopped = false;
  readonly #options: FoldOptions;
  readonly #running = new Set<KnownTask>();
  readonly #texts = new CommonTexts();
  #segments = 0;
  #segmentMs = 0;
  /** Whether the newest segment names a task: one that was just begun may not name them yet. */
  #namesTasks = false;

  constructor(options: FoldOptions = {}) {
    this.#options = options;
  }

  addAll(lines: readonly JournalLine[]): void {
    for (const line of lines) this.add(line);
  }

  add(line: JournalLine): void {
    this.begin ??= line.at;
    this.end = line.at;
    this.isStopped = line.event === "recording_stopped";
    switch (line.event) {
      case "segment_started":
        this.#start(line);
        break;
      case "task_seen":
        this.#see(line);
        break;
      case "task_progress":
        this.#progress(line);
        break;
      case "task_changed":
        this.#change(line);
        break;
      case "task_ended":
        this.#finish(line);
        break;
      case "task_gone":
        this.#lose(line);
        break;
      case "node_lost":
        this.lost.set(line.node, line);
        break;
      case "node_back":
        this.lost.delete(line.node);
        break;
      case "gap":
        this.gaps.push(line);
        break;
      default:
    }
  }

  /** To be called for a line about a task that is of no use otherwise. */
  passTask(): void {
    this.#namesTasks = true;
  }

  /** To be called after the last line. */
  finish(): void {
    this.#loseUnnamed();
  }

  #start(line: SegmentStarted): void {
    this.#loseUnnamed();
    this.segment = line;
    this.#segments++;
    this.#segmentMs = Date.parse(line.at);
    this.#namesTasks = false;
    for (const node of line.nodes) {
      this.nodes.add(node);
      // It is said again of one that does not answer still.
      this.lost.delete(node);
    }
  }

  /**
   * A segment begins with every task that is still there: one that ran before and is not among them ended while nobody watched. Of a
   * node that does not answer nobody knows.
   */
  #loseUnnamed(): void {
    if (!this.#namesTasks) return;
    for (const task of this.#running) {
      if (task.segment === this.#segments || (task.node !== null && this.lost.has(task.node))) continue;
      this.#end(task, this.#segmentMs, undefined);
      task.isGone = true;
    }
  }

  #see(line: TaskSeen): void {
    this.#namesTasks = true;
    const { id, node, module, task } = line;
    const before = this.tasks.get(id);
    const hasEnded = isFinished(task);
    if (before !== undefined && (before.endedMs === undefined || hasEnded || isSameRun(before, task))) {
      before.segment = this.#segments;
      if (before.endedMs !== undefined && !before.isGone) return;
      this.#merge(before, task);
      if (hasEnded) this.#end(before, Date.parse(line.at), undefined);
      else this.#runsStill(before);
      return;
    }
    if (this.#options.keeps?.(task) === false) return;
    if (before !== undefined) this.earlier.push(before);
    if (node !== null) this.nodes.add(node);
    // One text in place of two.
    if (task.id === id) task.id = id;
    const parent = this.tasks.get(task.parent_id ?? "");
    if (parent !== undefined) task.parent_id = parent.id;
    const seenMs = Date.parse(line.at);
    const withinMs = line.was_there ? undefined : (line.within_ms ?? (this.segment?.tick_seconds ?? 0) * 1000);
    const known = new KnownTask(id, node, module, this.#kept(task), seenMs, withinMs, this.#segments, this.#texts);
    this.tasks.set(id, known);
    if (hasEnded) this.#end(known, seenMs, known.seenWithinMs);
    else this.#running.add(known);
  }

  #progress({ id, completed, total }: TaskProgress): void {
    this.#runningTask(id)?.sayProgress(completed, total, this.#texts);
  }

  #change({ id, task }: TaskChanged): void {
    const known = this.#runningTask(id);
    if (known !== undefined) known.say(this.#kept({ ...known.status, ...task }), this.#texts);
  }

  #finish(line: TaskEnded): void {
    const { id, node, task } = line;
    const known = this.tasks.get(id);
    if (known !== undefined) {
      // What was seen to have ended, or was thought to be gone, is now known better.
      known.segment = this.#segments;
      this.#merge(known, task);
      this.#end(known, Date.parse(line.at), line.within_ms);
      return;
    }
    if (this.#options.keeps?.(task) === false) return;
    const atMs = Date.parse(line.at);
    const unseen = new KnownTask(id, node, undefined, this.#kept(task), atMs, undefined, this.#segments, this.#texts);
    this.tasks.set(id, unseen);
    this.#end(unseen, atMs, line.within_ms);
  }

  #lose(line: TaskGone): void {
    const known = this.#runningTask(line.id);
    if (known === undefined) return;
    this.#end(known, Date.parse(line.at), line.within_ms);
    known.isGone = true;
  }

  #kept(status: TaskStatus): TaskStatus {
    return this.#options.keptOf?.(status) ?? status;
  }

  #merge(task: KnownTask, last: TaskStatus): void {
    const { status } = task;
    mergeInto(status, this.#kept(last));
    task.say(status, this.#texts);
  }

  #end(task: KnownTask, atMs: number, withinMs: number | undefined): void {
    task.endedMs = atMs;
    task.endedWithinMs = withinMs;
    task.isGone = false;
    this.#running.delete(task);
  }

  /** It was thought to be gone. */
  #runsStill(task: KnownTask): void {
    task.endedMs = undefined;
    task.endedWithinMs = undefined;
    task.isGone = false;
    this.#running.add(task);
  }

  #runningTask(id: string): KnownTask | undefined {
    const known = this.tasks.get(id);
    if (known === undefined || known.endedMs !== undefined) return undefined;
    known.segment = this.#segments;
    return known;
  }
}

/** What a server may leave out once a task has ended, though it said it before (semantics 21, 26). */
const KEPT_TEXTS: ReadonlySet<string> = new Set(["type", "scope", "keyspace", "table", "entity"]);

/** Says of a task what was said of it last. */
function mergeInto(status: TaskStatus, last: TaskStatus): void {
  for (const field in last) {
    const value = last[field];
    if (value === status[field] || isSaidLess(field, status, last)) continue;
    status[field] =
      field === "children_ids" ? allChildren(status.children_ids, value as TaskStatus["children_ids"]) : value;
  }
}

function isSaidLess(field: string, before: TaskStatus, last: TaskStatus): boolean {
  if (field === "start_time") return timeOf(last.start_time) === undefined && timeOf(before.start_time) !== undefined;
  if (field === "parent_id") return parentOf(last) === undefined && parentOf(before) !== undefined;
  return last[field] === "" && KEPT_TEXTS.has(field);
}

function allChildren(
  before: ChildReference[] | undefined,
  last: ChildReference[] | undefined,
): ChildReference[] | undefined {
  if (before === undefined || before.length === 0) return last;
  if (last === undefined || last.length === 0) return before;
  const isSame = ({ task_id, node }: ChildReference, place: number) =>
    last[place]?.task_id === task_id && last[place]?.node === node;
  if (before.length === last.length && before.every(isSame)) return before;
  const named = new Set(last.map(({ task_id }) => task_id));
  const missing = before.filter(({ task_id }) => !named.has(task_id));
  return missing.length === 0 ? last : [...missing, ...last];
}

/** semantics 5: roots that only `internal=true` lists. */
const INTERNAL_TYPES = new Set(["regular compaction"]);

/** Whether a task is one that the server starts by itself, all the time, though it is no part of another. */
export const isStartedByServer = ({ type = "" }: TaskStatus): boolean => INTERNAL_TYPES.has(type);

/** When a task began: as its server says it, else as the recorder saw it; `undefined` where nobody knows. */
export function beginOf(task: KnownTask): MeasuredTime | undefined {
  const atMs = task.saidBeginMs;
  return atMs === undefined ? seenToBegin(task) : { atMs, withinMs: 0 };
}

const seenToBegin = ({ seenMs, seenWithinMs }: KnownTask): MeasuredTime | undefined =>
  seenWithinMs === undefined ? undefined : { atMs: seenMs, withinMs: seenWithinMs };

/** When a task ended, in the same way; `undefined` too while it runs. */
export function endOf(task: KnownTask): MeasuredTime | undefined {
  const { endedMs, endedWithinMs } = task;
  if (endedMs === undefined) return undefined;
  const atMs = toldEndMs(task);
  // semantics 25: of a task on tablets the server says when it answered.
  const withinMs = atMs === undefined || isOnTablets(task) ? endedWithinMs : 0;
  return withinMs === undefined ? undefined : { atMs: atMs ?? endedMs, withinMs };
}

const toldEndMs = ({ saidEndMs, isGone }: KnownTask): number | undefined => (isGone ? undefined : saidEndMs);

const isOnTablets = ({ node, module }: KnownTask): boolean => node === null && module === "tablets";

/** Times of a server are in whole seconds. */
const SECOND_MS = 1000;

/** Between these a task ran; either is `undefined` where nobody knows. */
export interface Span {
  readonly begin: MeasuredTime | undefined;
  readonly end: MeasuredTime | undefined;
}

/**
 * When a task began and ended, so that how long it took can be told. Where the server says the one and not the other, its clock and the
 * recorder's must agree on when it began: else both times are as the recorder saw them.
 */
export function spanOf(task: KnownTask): Span {
  const [begin, end] = [beginOf(task), endOf(task)];
  if (begin === undefined || !task.clockDiffers || toldEndMs(task) !== undefined) return { begin, end };
  return { begin: seenToBegin(task), end };
}

/** semantics 28: an id may be used again; what began at the same time is the same task, seen once more. */
function isSameRun({ saidBeginMs: beginMs }: KnownTask, now: TaskStatus): boolean {
  return beginMs !== undefined && beginMs === timeOf(now.start_time);
}
