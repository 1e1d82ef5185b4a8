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

/** What a journal says about a task. */
export class KnownTask {
  /** It began at most this long before it was first seen; `undefined` if it existed before the recording began. */
  readonly seenWithinMs: number | undefined;
  /** When it was seen to have ended or to be gone; `undefined` while it runs. */
  endedMs: number | undefined = undefined;
  /** It ended at most this long before `endedMs`; `undefined` if nobody knows. */
  endedWithinMs: number | undefined = undefined;
  /** Its outcome was not seen. */
  isGone = false;
  /** Whether the start time of its server contradicts when it was first seen: then the clocks of server and recorder differ. */
  readonly clockDiffers: boolean;
  readonly #status: PackedStatus;

  /**
   * @param node `null` for a cluster task
   * @param module `undefined` if the line that names it is missing
   * @param seenMs when it was first seen, in milliseconds since the epoch
   * @param segment the number of the last segment that named it
   * @param texts shared by all tasks of a journal
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

  /** Its latest status, with fields of earlier ones that the latest no longer has. */
  get status(): TaskStatus {
    return this.#status.unpacked();
  }

  /** The start time by its server, in milliseconds since the epoch; `undefined` if the server gives none. The end time likewise. */
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
  /** Which tasks to keep. Default: all. Called again when more is known about a task. */
  readonly keeps?: (task: TaskStatus) => boolean;
  /** Which fields of a status to keep. Default: all. */
  readonly keptOf?: (status: TaskStatus) => TaskStatus;
}

/** Folds the lines of a journal into what is known about tasks and nodes after the last line. It forgets nothing. */
export class TaskFold {
  /** By id, in the order in which they were first seen. */
  readonly tasks = new Map<string, KnownTask>();
  /** Former tasks with an id that was used again (semantics 28). */
  readonly earlier: KnownTask[] = [];
  /** Nodes that are watched. */
  readonly nodes = new Set<string>();
  /** Nodes that do not answer. */
  readonly lost = new Map<string, NodeLost>();
  readonly gaps: Gap[] = [];
  /** The first line of the newest segment. */
  segment: SegmentStarted | undefined;
  /** Time of the first line, and of the last. */
  begin: string | undefined;
  end: string | undefined;
  /** Whether the recorder was stopped normally, and nothing was recorded since. */
  isStopped = false;
  readonly #options: FoldOptions;
  readonly #running = new Set<KnownTask>();
  readonly #texts = new CommonTexts();
  #segments = 0;
  #segmentMs = 0;
  /** Whether the newest segment names a task. A segment that was just begun may not name them yet. */
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

  /** Call it for a line about a task that is otherwise skipped. */
  passTask(): void {
    this.#namesTasks = true;
  }

  /** Call it after the last line. */
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
      // If the node still does not answer, another line says so.
      this.lost.delete(node);
    }
  }

  /**
   * A segment begins with all tasks that exist. So a task that ran before and is not among them ended while nobody watched. For a
   * node that does not answer, this is unknown.
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
    // Keeps one string instead of two.
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
      // The task was recorded as ended or gone before; this line is more exact.
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

  /** The task was recorded as gone, but still runs. */
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

/** Fields that a server may drop once a task has ended (semantics 21, 26). */
const KEPT_TEXTS: ReadonlySet<string> = new Set(["type", "scope", "keyspace", "table", "entity"]);

/** Updates a status with the latest one. */
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
  const isSame = ({ task_id, node }: ChildReference, index: number) =>
    last[index]?.task_id === task_id && last[index]?.node === node;
  if (before.length === last.length && before.every(isSame)) return before;
  const named = new Set(last.map(({ task_id }) => task_id));
  const missing = before.filter(({ task_id }) => !named.has(task_id));
  return missing.length === 0 ? last : [...missing, ...last];
}

/** semantics 5: types of internal tasks that have no parent. */
const INTERNAL_TYPES = new Set(["regular compaction"]);

/** Whether the server starts the task itself, again and again, though it has no parent. */
export const isStartedByServer = ({ type = "" }: TaskStatus): boolean => INTERNAL_TYPES.has(type);

/** When a task began: by its server, otherwise as the recorder saw it; `undefined` if nobody knows. */
function beginOf(task: KnownTask): MeasuredTime | undefined {
  const atMs = task.saidBeginMs;
  return atMs === undefined ? seenToBegin(task) : { atMs, withinMs: 0 };
}

const seenToBegin = ({ seenMs, seenWithinMs }: KnownTask): MeasuredTime | undefined =>
  seenWithinMs === undefined ? undefined : { atMs: seenMs, withinMs: seenWithinMs };

/** When a task ended, likewise; also `undefined` while it runs. */
function endOf(task: KnownTask): MeasuredTime | undefined {
  const { endedMs, endedWithinMs } = task;
  if (endedMs === undefined) return undefined;
  const atMs = serverEndMs(task);
  // semantics 25: for a tablet task, the server reports the time of the request as the end.
  const withinMs = atMs === undefined || isOnTablets(task) ? endedWithinMs : 0;
  return withinMs === undefined ? undefined : { atMs: atMs ?? endedMs, withinMs };
}

const serverEndMs = ({ saidEndMs, isGone }: KnownTask): number | undefined => (isGone ? undefined : saidEndMs);

const isOnTablets = ({ node, module }: KnownTask): boolean => node === null && module === "tablets";

/** Servers report times in whole seconds. */
const SECOND_MS = 1000;

/** When a task began and ended; either is `undefined` if nobody knows. */
export interface MeasuredSpan {
  readonly begin: MeasuredTime | undefined;
  readonly end: MeasuredTime | undefined;
}

/**
 * The begin and the end of a task, such that their difference is its duration. If its server reports only one of the two, that one
 * is used only if the server's clock and the recorder's agree on the begin. Otherwise both times are the recorder's.
 */
export function spanOf(task: KnownTask): MeasuredSpan {
  const [begin, end] = [beginOf(task), endOf(task)];
  if (begin === undefined || !task.clockDiffers || serverEndMs(task) !== undefined) return { begin, end };
  return { begin: seenToBegin(task), end };
}

/** semantics 28: an id may be used again. The same start time means that it is the same task. */
function isSameRun({ saidBeginMs: beginMs }: KnownTask, now: TaskStatus): boolean {
  return beginMs !== undefined && beginMs === timeOf(now.start_time);
}
