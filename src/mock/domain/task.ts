import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Release } from "../releases.js";
import { abortErrorOf } from "./abort-error.js";
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
  /** In place of the one that its home gives it. */
  readonly sequenceNumber?: number | undefined;
  readonly isAbortable?: boolean | undefined;
  /** A user starts it: `user_ttl` governs it. */
  readonly isUserTask?: boolean | undefined;
  /** An internal process starts it: internal, though it has no parent. */
  readonly isStartedInternally?: boolean | undefined;
  /** Goes as soon as it ends, whatever the ttl. */
  readonly isTransient?: boolean | undefined;
  /** An abort does not stop it; a node task ends failed nevertheless when it ends. */
  readonly ignoresAbort?: boolean | undefined;
  /** The release knows nothing of its progress: what it reports is lost. */
  readonly isSilent?: boolean | undefined;
  /** The tables of a repair, for the errors that name them. */
  readonly tables?: readonly string[] | undefined;
  readonly parent?: Task | undefined;
}

/** Where a task is registered. */
export interface TaskHome {
  /** Of the module. */
  readonly name: string;
  /** None where the tasks span the cluster. */
  readonly nodeAddress: string | undefined;
  readonly release: Release;
  /** What `start_time` tells: when the task started, when it was requested, or nothing (semantics 24, 26, 28). */
  readonly startTimeOf: "start" | "request" | "nothing";
  /** The total of a task with no children and no expectation (semantics 7). */
  readonly idleTotal: 0 | 1;
  /** Its tasks may know in advance what their children will sum up to. */
  readonly knowsTotals: boolean;
  sequenceNumberOf(task: NewTask): number;
  isInternal(task: NewTask): boolean;
  nowMs(): number;
  /** The task has ended: fold it, keep it or let it go. */
  retire(task: Task): void;
}

const NO_CHILDREN: readonly TaskView[] = [];
const NO_TABLES: readonly string[] = [];
const NO_PROGRESS: Progress = { completed: 0, total: 0 };

/** A unit of work, from `created` to its end (semantics 4). Calls that come after the end change nothing. */
export class Task implements TaskView {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly keyspace: string;
  readonly table: string;
  /** Node operations name their node only while they last (semantics 24). */
  entity: string;
  readonly progressUnits: string;
  readonly shard: number;
  readonly sequenceNumber: number;
  isAbortable: boolean;
  readonly isInternal: boolean;
  readonly isUserTask: boolean;
  readonly isTransient: boolean;
  readonly ignoresAbort: boolean;
  readonly isSilent: boolean;
  readonly tables: readonly string[];
  readonly parent: Task | undefined;

  state: TaskState = "created";
  startTimeMs = 0;
  endTimeMs = 0;
  error = "";

  /** Found by its id. The home alone sets it. */
  isRegistered = true;
  /** An abort was requested; the task ends at its next chance (semantics 16). */
  isAborting = false;
  /** It ended because its table is no more. */
  isTableDropped = false;
  /** It has, or had, a child. */
  hadChildren = false;

  readonly #home: TaskHome;
  /** The children that have not folded: those that run, and those that ended before one of their own children. */
  #attached: Set<Task> | undefined;
  #records: TaskRecord[] | undefined;
  #progress: ProgressSum | undefined;
  #said: Progress | undefined;
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
    this.sequenceNumber = spec.sequenceNumber ?? home.sequenceNumberOf(spec);
    this.isAbortable = spec.isAbortable ?? false;
    this.isInternal = home.isInternal(spec);
    this.isUserTask = spec.isUserTask ?? false;
    this.isTransient = spec.isTransient ?? false;
    this.ignoresAbort = spec.ignoresAbort ?? false;
    this.isSilent = spec.isSilent ?? false;
    this.tables = spec.tables ?? NO_TABLES;
    this.parent = spec.parent;
    this.#home = home;
    if (home.startTimeOf === "request") this.startTimeMs = home.nowMs();
    this.parent?.attach(this);
    // It counts in the sums above from its first moment.
    if (home.idleTotal !== 0) this.#sum();
  }

  get moduleName(): string {
    return this.#home.name;
  }

  get release(): Release {
    return this.#home.release;
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
    return this.#said ?? this.#progress?.read() ?? NO_PROGRESS;
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
    if (this.#home.startTimeOf === "start") this.startTimeMs = this.#home.nowMs();
  }

  /** Says how far a leaf is. What a parent says of itself gives way to the sum of its children (semantics 7). */
  reportProgress(completed: number, total: number): void {
    if (this.isFinished || this.isSilent || (this.kind === "node" && this.hadChildren)) return;
    this.#sum().report(completed, total);
  }

  /** Says how far it is, whatever its children say: for one whose progress is known from elsewhere. */
  sayProgress(completed: number, total: number): void {
    if (!this.isFinished) this.#said = { completed, total };
  }

  /** Says in advance what the children will sum up to, which then is the total until the task ends (semantics 7). */
  expectTotal(total: number): void {
    if (!this.isFinished && !this.isSilent && this.#home.knowsTotals) this.#sum().expect(total);
  }

  /** It is done; unless it took no notice of an abort until now: then it fails (rest-api: The test-task API). */
  finish(): void {
    if (this.isAborting && this.ignoresAbort) this.#end("failed", abortErrorOf(this));
    else this.#end("done", "");
  }

  fail(error: string): void {
    this.#end("failed", error);
  }

  /** Sets a cluster task aside; where servers cannot, it is done, and so is a node task (semantics 4). */
  suspend(): void {
    this.#end(this.kind === "cluster" && this.release.canSuspend ? "suspended" : "done", "");
  }

  /** Ends it because the table is no more that it works on. */
  dropTable(): void {
    if (this.isFinished) return;
    this.isTableDropped = true;
    this.finish();
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
    this.hadChildren = true;
    if (this.kind === "node" && !this.isFinished) this.#progress?.giveWay();
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
      task.#progress = new ProgressSum(above === undefined ? undefined : above.#progress, task.#home.idleTotal);
    }
    return this.#progress as ProgressSum;
  }

  /** The parent, if its progress is the sum of its children's still (semantics 4, 7, 22). */
  get #countsIn(): Task | undefined {
    const { parent } = this;
    return parent === undefined || parent.isFinished || parent.kind !== "node" ? undefined : parent;
  }
}
