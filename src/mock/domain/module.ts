import type { Release } from "../releases.js";
import { failAborted } from "./abort.js";
import type { Clock, Scheduled } from "./clock.js";
import { type NewTask, Task, type TaskHome } from "./task.js";

/** The error of a task whose node goes down. No client sees it, because the task is unregistered first. */
const NODE_DOWN_ERROR = "the node went down";

/** How long a node keeps finished tasks. Both values may change at any time. */
export interface Retention {
  readonly ttlSeconds: number;
  readonly userTtlSeconds: number;
}

/** Modules whose tasks all have the sequence number 0 (semantics 3). */
const MODULES_WITHOUT_NUMBERS: ReadonlySet<string> = new Set(["snapshot", "sstables_loader"]);

/** A module of one node: the tasks that serve one purpose (semantics 1). */
export class Module implements TaskHome {
  readonly startTimeOf = "start";
  readonly knowsTotals: boolean;
  readonly #tasks = new Map<string, Task>();
  readonly #expiries = new Map<Task, Scheduled>();
  /** The last number that was given out, by shard. */
  readonly #lastSequenceNumbers: number[] = [];
  #isClosing = false;

  constructor(
    readonly name: string,
    readonly nodeAddress: string,
    readonly release: Release,
    private readonly clock: Clock,
    private readonly retention: Retention,
  ) {
    this.knowsTotals = name !== "compaction" || release.compactionsExpectTotals;
  }

  get idleTotal(): 0 | 1 {
    return this.release.idleTotal;
  }

  get tasks(): Iterable<Task> {
    return this.#tasks.values();
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Semantics 3. */
  sequenceNumberOf({ parent, shard = 0 }: NewTask): number {
    if (MODULES_WITHOUT_NUMBERS.has(this.name)) return 0;
    return parent?.kind === "node" ? parent.sequenceNumber : this.takeNumber(shard);
  }

  /** Semantics 5. */
  isInternal({ parent, isStartedInternally = false }: NewTask): boolean {
    if (parent === undefined || isStartedInternally) return isStartedInternally;
    // The children of a node operation are never internal, in any release (semantics 24).
    return parent.kind === "node" || (this.release.clusterChildrenAreInternal && this.name !== "node_ops");
  }

  /** Starts the sequence numbers from 1 again (semantics: Traps). */
  countAfresh(): void {
    this.#lastSequenceNumbers.length = 0;
  }

  /** Creates and registers a task. If the abort of its parent was requested, it is aborted at once (semantics 16). */
  create(spec: NewTask): Task {
    const task = new Task(asReleased(spec, this.release), this);
    this.#tasks.set(task.id, task);
    if (spec.parent?.isAborting && !task.ignoresAbort) {
      task.isAborting = true;
      failAborted(task);
    }
    return task;
  }

  /** Folds a task that has ended, where it can fold, and unregisters it, now or when its ttl is over (semantics 8 to 12). */
  retire(task: Task): void {
    if (!task.isRegistered) return;
    const { parent } = task;
    if (parent?.kind === "node" && task.canFold && parent.isRegistered) parent.fold(task);
    const keptSeconds = this.#keptSeconds(task);
    if (keptSeconds === 0) this.unregister(task);
    else this.#expiries.set(task, this.clock.schedule(this.nowMs() + keptSeconds * 1000, this.#expire, task));
  }

  unregister(task: Task): void {
    if (!this.#tasks.delete(task.id)) return;
    task.isRegistered = false;
    this.#expiries.get(task)?.cancel();
    this.#expiries.delete(task);
    // A cluster task no longer shows a child that its node has unregistered (semantics 21).
    if (task.parent?.kind === "cluster") task.parent.detach(task);
  }

  /** Unregisters all finished tasks (semantics 18). */
  drain(): void {
    for (const task of this.#tasks.values()) if (task.isFinished) this.unregister(task);
  }

  /** Unregisters each task as it ends, and resolves once all have ended (rest-api: The test-task API). */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.drain();
    for (let task = this.#firstTask; task !== undefined; task = this.#firstTask) {
      const running = task;
      await new Promise<void>((resolve) => running.whenFinished(resolve));
    }
  }

  get #firstTask(): Task | undefined {
    return this.#tasks.values().next().value;
  }

  /** The node goes down: unregisters all tasks, then fails them, so that waits for them end. */
  loseTasks(): void {
    const lost = [...this.#tasks.values()];
    for (const task of lost) this.unregister(task);
    for (const task of lost) task.fail(NODE_DOWN_ERROR);
  }

  readonly #expire = (task: Task): void => this.unregister(task);

  /** The next sequence number of a shard (semantics 3). A repair that finds nothing to repair takes one too (semantics 32). */
  takeNumber(shard: number): number {
    const next = (this.#lastSequenceNumbers[shard] ?? 0) + 1;
    this.#lastSequenceNumbers[shard] = next;
    return next;
  }

  #keptSeconds(task: Task): number {
    if (task.isInternal || task.isTransient || this.#isClosing) return 0;
    return task.isUserTask ? this.retention.userTtlSeconds : this.retention.ttlSeconds;
  }
}

/** The task as the release has it: units, progress and abortability of backups and restores differ (releases). */
function asReleased(spec: NewTask, release: Release): NewTask {
  switch (spec.type) {
    case "backup":
      return { ...spec, progressUnits: release.backupUnits, isSilent: release.backupUnits === "" };
    case "download_sstables":
      return {
        ...spec,
        progressUnits: release.restoreUnits,
        isSilent: release.restoreUnits === "",
        isAbortable: release.restoreIsAbortable,
      };
    default:
      return spec;
  }
}
