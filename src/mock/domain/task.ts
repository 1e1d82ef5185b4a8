import type { TaskKind, TaskState } from "../../vocabulary.js";
import { type Progress, ProgressSum } from "./progress.js";
import { TaskRecord } from "./task-record.js";
import type { TaskView } from "./task-view.js";

/** What a caller says of a new task. */
export interface NewTask {
  readonly id: string;
  readonly type: string;
  readonly scope: string;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  readonly entity?: string | undefined;
  readonly progressUnits?: string | undefined;
  readonly shard?: number | undefined;
  readonly isAbortable?: boolean | undefined;
  /** A user starts it: `user_ttl` governs it. */
  readonly isUserTask?: boolean | undefined;
  /** An internal process starts it: internal, though it has no parent. */
  readonly isStartedInternally?: boolean | undefined;
  /** Goes as soon as it ends, whatever the ttl: tablet tasks are listed only while they are active. */
  readonly isTransient?: boolean | undefined;
  readonly parent?: Task | undefined;
}

/** Where a task is registered. */
export interface TaskHome {
  /** None where the tasks span the cluster. */
  readonly nodeAddress: string | undefined;
  /** Tasks can be set aside there. */
  readonly canSuspend: boolean;
  sequenceNumberOf(task: NewTask): number;
  isInternal(task: NewTask): boolean;
  nowMs(): number;
  /** The task has ended: fold it, keep it or let it go. */
  retire(task: Task): void;
}

const NO_CHILDREN: readonly TaskView[] = [];
const NO_PROGRESS: Progress = { completed: 0, total: 0 };

/** A unit of work, from `created` to its end (semantics 4). Calls that come after the end change nothing. */
export class Task implements TaskView {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly keyspace: string;
  readonly table: string;
  readonly entity: string;
  readonly progressUnits: string;
  readonly shard: number;
  readonly sequenceNumber: number;
  readonly isAbortable: boolean;
  readonly isInternal: boolean;
  readonly isUserTask: boolean;
  readonly isTransient: boolean;
  readonly parent: Task | undefined;

  state: TaskState = "created";
  startTimeMs = 0;
  endTimeMs = 0;
  error = "";

  /** Found by its id. The home alone sets it. */
  isRegistered = true;
  /** An abort was requested; the task ends at its next chance (semantics 16). */
  isAborting = false;

  readonly #home: TaskHome;
  /** The children that have not folded: those that run, and those that ended before one of their own children. */
  #attached: Set<Task> | undefined;
  #records: TaskRecord[] | undefined;
  #progress: ProgressSum | undefined;
  /** A set only where there are several: most tasks have one at most. */
  #waiters: Set<() => void> | (() => void) | undefined;

  constructor(spec: NewTask, home: TaskHome) {
    this.id = spec.id;
    this.type = spec.type;
    this.kind = home.nodeAddress === undefined ? "cluster" : "node";
    this.scope = spec.scope;
    this.keyspace = spec.keyspace ?? "";
    this.table = spec.table ?? "";
    this.entity = spec.entity ?? "";
    this.progressUnits = spec.progressUnits ?? "";
    this.shard = spec.shard ?? 0;
    this.sequenceNumber = home.sequenceNumberOf(spec);
    this.isAbortable = spec.isAbortable ?? false;
    this.isInternal = home.isInternal(spec);
    this.isUserTask = spec.isUserTask ?? false;
    this.isTransient = spec.isTransient ?? false;
    this.parent = spec.parent;
    this.#home = home;
    this.parent?.attach(this);
  }

  get nodeAddress(): string | undefined {
    return this.#home.nodeAddress;
  }

  get parentId(): string | undefined {
    return this.parent?.id;
  }

  get isFinished(): boolean {
    return this.state !== "created" && this.state !== "running";
  }

  get progress(): Progress {
    return this.#progress?.read() ?? NO_PROGRESS;
  }

  get children(): readonly TaskView[] {
    const records = this.#records ?? NO_CHILDREN;
    if (this.#attached === undefined) return records;
    const unfinished: TaskView[] = [];
    const finished: TaskView[] = [];
    for (const child of this.#attached) (child.isFinished ? finished : unfinished).push(child);
    return finished.length + records.length === 0 ? unfinished : unfinished.concat(finished, records);
  }

  /** The children that are tasks still, not records. */
  get attachedChildren(): Iterable<Task> {
    return this.#attached ?? [];
  }

  /** It has ended, and all its children have folded into it: it can fold itself (semantics 8, 10). */
  get isWhole(): boolean {
    return this.isFinished && this.#attached === undefined;
  }

  start(): void {
    if (this.state !== "created") return;
    this.state = "running";
    this.startTimeMs = this.#home.nowMs();
  }

  /** Says how far a leaf is. What a parent says of itself gives way to the sum of its children. */
  reportProgress(completed: number, total: number): void {
    if (!this.isFinished) this.#sum().report(completed, total);
  }

  /** Says in advance what the children will sum up to, which then is the total until the task ends (semantics 7). */
  expectTotal(total: number): void {
    if (!this.isFinished) this.#sum().expect(total);
  }

  finish(): void {
    this.#end("done", "");
  }

  fail(error: string): void {
    this.#end("failed", error);
  }

  /** Sets the task aside; where servers cannot, it is done. */
  suspend(): void {
    this.#end(this.#home.canSuspend ? "suspended" : "done", "");
  }

  /**
   * Calls back once, when the task ends, and before it is unregistered.
   * @returns what gives up the waiting
   */
  whenFinished(callback: () => void): () => void {
    if (this.#waiters === undefined) this.#waiters = callback;
    else if (typeof this.#waiters === "function") this.#waiters = new Set([this.#waiters, callback]);
    else this.#waiters.add(callback);
    return () => {
      if (this.#waiters === callback) this.#waiters = undefined;
      else if (typeof this.#waiters === "object") this.#waiters.delete(callback);
    };
  }

  attach(child: Task): void {
    this.#attached ??= new Set();
    this.#attached.add(child);
  }

  detach(child: Task): void {
    this.#attached?.delete(child);
    if (this.#attached?.size === 0) this.#attached = undefined;
  }

  /** Takes in a finished child: of the live one nothing remains but its record (semantics 8). */
  fold(child: Task): void {
    this.detach(child);
    this.#records ??= [];
    this.#records.push(new TaskRecord(child, child.#records ?? []));
  }

  #end(state: TaskState, error: string): void {
    if (this.isFinished) return;
    this.start();
    this.#progress?.close();
    this.state = state;
    this.error = error;
    this.endTimeMs = this.#home.nowMs();
    const waiters = this.#waiters;
    this.#waiters = undefined;
    if (typeof waiters === "function") waiters();
    else if (waiters !== undefined) for (const callback of waiters) callback();
    this.#home.retire(this);
  }

  /**
   * Made when it is needed: most tasks of a large cluster report nothing. Those above come first, and in a loop: a tree may be
   * deeper than the stack.
   */
  #sum(): ProgressSum {
    const missing: Task[] = [];
    for (let task: Task | undefined = this; task !== undefined && task.#progress === undefined; task = task.#countsIn) {
      missing.push(task);
    }
    for (const task of missing.reverse()) {
      const above = task.#countsIn;
      task.#progress = new ProgressSum(above === undefined ? undefined : above.#progress);
    }
    return this.#progress as ProgressSum;
  }

  /** The parent, if its progress is the sum of its children's still, and this one shares its units (semantics 4, 7, 22). */
  get #countsIn(): Task | undefined {
    const { parent } = this;
    if (parent === undefined || parent.isFinished || parent.kind !== "node") return undefined;
    return parent.progressUnits === this.progressUnits ? parent : undefined;
  }
}
