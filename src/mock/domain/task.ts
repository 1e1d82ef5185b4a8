import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Release } from "../releases.js";
import { abortErrorOf } from "./abort-error.js";
import { type Progress, ProgressSum } from "./progress.js";
import { copyOf, type ShownTask } from "./shown-task.js";

/** A task to be created. */
export interface NewTask {
  readonly id: string;
  readonly type: string;
  readonly scope: string;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  readonly entity?: string | undefined;
  readonly progressUnits?: string | undefined;
  readonly shard?: number | undefined;
  /** Default: what its module gives it (semantics 3). */
  readonly sequenceNumber?: number | undefined;
  readonly isAbortable?: boolean | undefined;
  /** Started by a user, so kept for `user_ttl` (semantics 11). */
  readonly isUserTask?: boolean | undefined;
  /** Started by the server itself, so internal though it has no parent (semantics 5). */
  readonly isStartedInternally?: boolean | undefined;
  /** Unregistered as soon as it ends, whatever the ttl is. */
  readonly isTransient?: boolean | undefined;
  /** An abort comes too late for it: the request succeeds, and nothing changes (semantics 16). */
  readonly ignoresAbort?: boolean | undefined;
  /** It notices an abort only when it is told to finish, and then fails (rest-api: The test-task API). */
  readonly noticesAbortLate?: boolean | undefined;
  /** The release does not show its progress: reports are ignored. */
  readonly isSilent?: boolean | undefined;
  /** The tables of a repair; the error of an aborted one names them. */
  readonly tables?: readonly string[] | undefined;
  readonly parent?: Task | undefined;
}

/** Where a task is registered: a module of a node, or of the cluster. */
export interface TaskHome {
  /** The module's name. */
  readonly name: string;
  /** `undefined` for cluster tasks. */
  readonly nodeAddress: string | undefined;
  readonly release: Release;
  /** What `start_time` shows: when the task started, when it was requested, or nothing (semantics 24, 26, 28). */
  readonly startTimeOf: "start" | "request" | "nothing";
  /** The total of a task without children and without an expected total (semantics 7). */
  readonly idleTotal: 0 | 1;
  /** Whether its tasks can have an expected total (semantics 7). */
  readonly knowsTotals: boolean;
  sequenceNumberOf(task: NewTask): number;
  isInternal(task: NewTask): boolean;
  nowMs(): number;
  /** Called when a task has ended: folds, keeps or unregisters it. */
  retire(task: Task): void;
}

const NO_CHILDREN: readonly ShownTask[] = [];
const NO_TABLES: readonly string[] = [];
const NO_PROGRESS: Progress = { completed: 0, total: 0 };

/** A task, from `created` to its end (semantics 4). Once it has ended, nothing changes it. */
export class Task implements ShownTask {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly keyspace: string;
  readonly table: string;
  /** Set to empty when a node operation ends (semantics 24). */
  entity: string;
  readonly progressUnits: string;
  readonly shard: number;
  readonly sequenceNumber: number;
  isAbortable: boolean;
  readonly isInternal: boolean;
  readonly isUserTask: boolean;
  readonly isTransient: boolean;
  readonly ignoresAbort: boolean;
  readonly noticesAbortLate: boolean;
  readonly isSilent: boolean;
  readonly tables: readonly string[];
  readonly parent: Task | undefined;

  state: TaskState = "created";
  startTimeMs = 0;
  endTimeMs = 0;
  error = "";

  /** Whether it can be found by its id. Only its home changes this. */
  isRegistered = true;
  /** Whether its abort was requested (semantics 16). */
  isAborting = false;
  /** Whether it ended because its table was dropped. */
  isTableDropped = false;
  /** Whether it ever had a child. */
  hadChildren = false;

  readonly #home: TaskHome;
  /** Children that have not folded: unfinished ones, and those that ended before one of their own children (semantics 10). */
  #attached: Set<Task> | undefined;
  /** The last status of each child that has folded; it never changes. */
  #foldedChildren: ShownTask[] | undefined;
  #progress: ProgressSum | undefined;
  #shownProgress: Progress | undefined;
  /** A set only for several: most tasks have none or one, and an empty set for each of 100,000 tasks would take too much memory. */
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
    this.noticesAbortLate = spec.noticesAbortLate ?? false;
    this.isSilent = spec.isSilent ?? false;
    this.tables = spec.tables ?? NO_TABLES;
    this.parent = spec.parent;
    this.#home = home;
    if (home.startTimeOf === "request") this.startTimeMs = home.nowMs();
    this.parent?.attach(this);
    // Its total counts in the sums of its parents from the beginning.
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
    return this.#shownProgress ?? this.#progress?.read() ?? NO_PROGRESS;
  }

  get children(): readonly ShownTask[] {
    const folded = this.#foldedChildren ?? NO_CHILDREN;
    if (this.#attached === undefined) return folded;
    const unfinished: ShownTask[] = [];
    const finished: ShownTask[] = [];
    for (const child of this.#attached) (child.isFinished ? finished : unfinished).push(child);
    return finished.length + folded.length === 0 ? unfinished : unfinished.concat(finished, folded);
  }

  /** The children that have not folded. */
  get attachedChildren(): Iterable<Task> {
    return this.#attached ?? [];
  }

  /**
   * Whether it has ended and all its children have folded, so that it can fold itself (semantics 8). As on real servers, a child
   * that could not fold (semantics 10) keeps its parent from folding too.
   */
  get canFold(): boolean {
    return this.isFinished && this.#attached === undefined;
  }

  start(): void {
    if (this.state !== "created") return;
    this.state = "running";
    if (this.#home.startTimeOf === "start") this.startTimeMs = this.#home.nowMs();
  }

  /** Sets the progress of a leaf. Ignored for a node task with children: its progress is their sum (semantics 7). */
  reportProgress(completed: number, total: number): void {
    if (this.isFinished || this.isSilent || (this.kind === "node" && this.hadChildren)) return;
    this.#sum().report(completed, total);
  }

  /** Sets the progress of a task that is replayed from a journal: it is shown instead of the sum of its children. */
  showProgress(completed: number, total: number): void {
    if (!this.isFinished) this.#shownProgress = { completed, total };
  }

  /** Sets the total that the children are expected to reach; shown until the task ends, if its module can know it (semantics 7). */
  expectTotal(total: number): void {
    if (!this.isFinished && !this.isSilent && this.#home.knowsTotals) this.#sum().expect(total);
  }

  /** Ends it as done; as failed, if it notices an abort only now (rest-api: The test-task API). */
  finish(): void {
    if (this.isAborting && this.noticesAbortLate) this.#end("failed", abortErrorOf(this));
    else this.#end("done", "");
  }

  fail(error: string): void {
    this.#end("failed", error);
  }

  /** Ends a cluster task as suspended. Node tasks, and all tasks in releases without that state, end as done (semantics 4). */
  suspend(): void {
    this.#end(this.kind === "cluster" && this.release.canSuspend ? "suspended" : "done", "");
  }

  /** Ends it because its table was dropped. */
  dropTable(): void {
    if (this.isFinished) return;
    this.isTableDropped = true;
    this.finish();
  }

  /**
   * Calls back when the task ends, before it is unregistered. Never for a task that has ended.
   * @returns a function that cancels the callback
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
    if (this.kind === "node" && !this.isFinished) this.#progress?.dropOwn();
    this.#attached ??= new Set();
    this.#attached.add(child);
  }

  detach(child: Task): void {
    this.#attached?.delete(child);
    if (this.#attached?.size === 0) this.#attached = undefined;
  }

  /** Replaces a finished child by its last status, with those of its own children that lead to a failure (semantics 8, 9). */
  fold(child: Task): void {
    this.detach(child);
    this.#foldedChildren ??= [];
    this.#foldedChildren.push(copyOf(child, child.#foldedChildren?.filter(leadsToFailure) ?? NO_CHILDREN));
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
   * The sum of this task. It is created on first use, because most tasks report no progress. The sums of its parents are created
   * before it; in a loop, because a tree may be deeper than the stack.
   */
  #sum(): ProgressSum {
    const missing: Task[] = [];
    let next: Task | undefined = this;
    while (next !== undefined && next.#progress === undefined) {
      missing.push(next);
      next = next.#summingParent;
    }
    for (const task of missing.reverse()) {
      const parent = task.#summingParent;
      task.#progress = new ProgressSum(parent === undefined ? undefined : parent.#progress, task.#home.idleTotal);
    }
    return this.#progress as ProgressSum;
  }

  /** The parent whose progress includes that of this task, if it has such a one: an unfinished node task (semantics 4, 7, 22). */
  get #summingParent(): Task | undefined {
    const { parent } = this;
    return parent === undefined || parent.isFinished || parent.kind !== "node" ? undefined : parent;
  }
}

/** Whether a folded task or one of its descendants failed. */
function leadsToFailure({ state, children }: ShownTask): boolean {
  return state === "failed" || children.length > 0;
}
