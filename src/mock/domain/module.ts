import type { Release } from "../releases.js";
import { failAborted } from "./abort.js";
import type { Clock, Scheduled } from "./clock.js";
import { type NewTask, Task, type TaskHome } from "./task.js";

/** With which error a task ends whose node goes down. Nobody reads it there: the task is gone. */
const NODE_DOWN_ERROR = "the node went down";

/** For how long finished tasks stay, as the node has it now. */
export interface Retention {
  readonly ttlSeconds: number;
  readonly userTtlSeconds: number;
}

/** Backups and restores have no number of their own (semantics 3). */
const MODULES_WITHOUT_NUMBERS: ReadonlySet<string> = new Set(["snapshot", "sstables_loader"]);

/** The tasks of one purpose on one node (semantics 1). */
export class Module implements TaskHome {
  readonly startTimeOf = "start";
  readonly knowsTotals: boolean;
  readonly #tasks = new Map<string, Task>();
  readonly #expiries = new Map<Task, Scheduled>();
  /** By shard: the number that the last root took. */
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
    // The streaming of a node operation never is, in no release (semantics 24).
    return parent.kind === "node" || (this.release.clusterChildrenAreInternal && this.name !== "node_ops");
  }

  /** Lets the next root of each shard take number 1. */
  countAfresh(): void {
    this.#lastSequenceNumbers.length = 0;
  }

  /** Registers a task, `created`. A child of a task whose abort was requested is aborted at once (semantics 16). */
  create(spec: NewTask): Task {
    const task = new Task(asReleased(spec, this.release), this);
    this.#tasks.set(task.id, task);
    if (spec.parent?.isAborting) {
      task.isAborting = true;
      failAborted(task);
    }
    return task;
  }

  /** What becomes of a task that has ended (semantics 8 to 14). */
  retire(task: Task): void {
    if (!task.isRegistered) return;
    const { parent } = task;
    if (parent?.kind === "node" && task.isWhole && parent.isRegistered) parent.fold(task);
    const keptSeconds = this.#keptSeconds(task);
    if (keptSeconds === 0) this.unregister(task);
    else this.#expiries.set(task, this.clock.schedule(this.nowMs() + keptSeconds * 1000, this.#expire, task));
  }

  unregister(task: Task): void {
    if (!this.#tasks.delete(task.id)) return;
    task.isRegistered = false;
    this.#expiries.get(task)?.cancel();
    this.#expiries.delete(task);
    // A cluster task knows only the children that its nodes still know (semantics 21).
    if (task.parent?.kind === "cluster") task.parent.detach(task);
  }

  /** Unregisters what has finished (semantics 18). */
  drain(): void {
    for (const task of this.#tasks.values()) if (task.isFinished) this.unregister(task);
  }

  /** Unregisters everything: the module goes. Resolves once all that runs has ended (rest-api: The test-task API). */
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

  /** Loses everything, as when the node goes down: first nothing is registered, then whoever waits hears of an end. */
  lose(): void {
    const lost = [...this.#tasks.values()];
    for (const task of lost) this.unregister(task);
    for (const task of lost) task.fail(NODE_DOWN_ERROR);
  }

  readonly #expire = (task: Task): void => this.unregister(task);

  /** The number of the next root of the shard (semantics 3); a repair that finds nothing to do takes one too (semantics 32). */
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

/** What a release knows of its backups and restores. */
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
