import type { Release } from "../releases.js";
import { requestAbort } from "./abort.js";
import type { Clock } from "./clock.js";
import { ServerFault, TaskNotAbortable } from "./errors.js";
import type { Retention } from "./module.js";
import { copyOf, type ShownTask } from "./shown-task.js";
import { type NewTask, Task, type TaskHome } from "./task.js";

/** A new cluster task. It is never internal (semantics 5). */
export type NewClusterTask = Omit<NewTask, "isStartedInternally">;

/** How long the status of a finished tablet repair can be read (semantics 26). */
const TABLET_REPAIRS_KEPT_MS = 10 * 24 * 3600 * 1000;

/** The cluster tasks of one module. Tasks of modules that no real server has are listed as those of `node_ops`. */
export class ClusterModule implements TaskHome {
  readonly nodeAddress = undefined;
  readonly startTimeOf: TaskHome["startTimeOf"] = "start";
  readonly idleTotal = 0;
  readonly knowsTotals = true;
  protected readonly tasks = new Map<string, Task>();

  constructor(
    readonly name: string,
    readonly release: Release,
    protected readonly clock: Clock,
  ) {}

  /** Creates and registers a task. Without its parent in releases where cluster tasks have none (semantics 5). */
  create(spec: NewClusterTask): Task {
    const parent = this.release.clusterTasksHaveParents ? spec.parent : undefined;
    // No cluster task is on a shard (catalogue).
    const task = new Task({ ...this.asReleased(spec), parent, shard: 0 }, this);
    this.tasks.set(task.id, task);
    return task;
  }

  /** The tasks that a node lists: unfinished ones, and finished ones for the node's present user_ttl (semantics 24). */
  listedOn(node: Retention): readonly ShownTask[] {
    const listed: ShownTask[] = [];
    for (const task of this.tasks.values()) if (this.isListed(task, node)) listed.push(task);
    return listed;
  }

  find(id: string): Task | undefined {
    return this.tasks.get(id);
  }

  /** What `task_status` shows on the node; `undefined` if it does not know the task. */
  statusOn(_node: Retention, id: string): ShownTask | undefined {
    return this.tasks.get(id);
  }

  /**
   * Does nothing for a task that is only readable: a tablet repair that has ended (semantics 26).
   * @throws {TaskNotAbortable}
   * @throws {ServerFault} if it is too late for that (semantics 24)
   */
  abort(id: string): void {
    const task = this.tasks.get(id);
    if (task !== undefined) requestAbort(task, this.clock);
  }

  /**
   * What a wait answers when the task ends.
   * @param _before - the status when the wait began
   */
  answerAtEnd(task: Task, _before: ShownTask): ShownTask {
    return task;
  }

  /** What a wait answers that begins after the task has ended. */
  answerAfterEnd(shown: ShownTask): ShownTask {
    return shown;
  }

  sequenceNumberOf(): number {
    return 0;
  }

  isInternal(): boolean {
    return false;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  retire(task: Task): void {
    // `suspended` is only ever the answer to a wait, never a state in a list (semantics 4).
    if (task.isTransient || task.state === "suspended") this.forget(task);
  }

  /** Ends the tasks that work on a table that was dropped. */
  dropTable(_keyspace: string, _table: string): void {}

  protected asReleased(spec: NewClusterTask): NewClusterTask {
    return spec;
  }

  protected isListed(task: Task, node: Retention): boolean {
    return !task.isFinished || task.endTimeMs > this.nowMs() - node.userTtlSeconds * 1000;
  }

  protected forget(task: Task): void {
    this.tasks.delete(task.id);
    task.isRegistered = false;
    task.parent?.detach(task);
  }
}

/** The node operations that cannot be aborted even while they are queued, with the server's names of their requests. */
const NEVER_ABORTABLE: ReadonlyMap<string, string> = new Map([
  ["bootstrap", "join"],
  ["replace", "replace"],
]);

/** Semantics 24. */
class NodeOperations extends ClusterModule {
  override readonly startTimeOf = "request";

  override statusOn(node: Retention, id: string): ShownTask | undefined {
    const task = this.tasks.get(id);
    if (task === undefined || this.release.nodeOperationsAreReadable) return task;
    return this.isListed(task, node) ? task : undefined;
  }

  override abort(id: string): void {
    const task = this.tasks.get(id);
    if (!task?.isAbortable) throw new TaskNotAbortable(id);
    if (task.isFinished) throw new ServerFault(`std::runtime_error (Don't know how to abort ${task.id})`);
    if (task.isAborting) return;
    // A decommission counts as queued while its tablets move away (semantics 24).
    const isQueued = task.state === "created" || (task.type === "decommission" && !task.hadChildren);
    if (!isQueued) {
      throw new ServerFault(
        `std::runtime_error (request ${task.id} for node ${task.entity} is already running and cannot be aborted)`,
      );
    }
    const request = NEVER_ABORTABLE.get(task.type);
    if (request !== undefined) {
      throw new ServerFault(`std::runtime_error (cannot abort ${request} request for node ${task.entity})`);
    }
    requestAbort(task, this.clock);
  }

  override retire(task: Task): void {
    super.retire(task);
    if (this.release.nodeOperationsStayAbortable) return;
    task.entity = "";
    task.isAbortable = false;
  }

  protected override asReleased(spec: NewClusterTask): NewClusterTask {
    const { nodeOperationNames, nodeOperationsAreAbortable } = this.release;
    return {
      ...spec,
      type: nodeOperationNames.get(spec.type) ?? spec.type,
      entity: nodeOperationsAreAbortable ? spec.entity : "",
      isAbortable: nodeOperationsAreAbortable,
      progressUnits: "",
      isSilent: true,
    };
  }
}

/** Semantics 25 and 26. */
class TabletTasks extends ClusterModule {
  override readonly startTimeOf = "request";
  /** Finished repairs whose status can still be read. */
  readonly #ended = new Map<string, { readonly task: Task; isTableDropped: boolean }>();

  override listedOn(): readonly ShownTask[] {
    return [...this.tasks.values()].map((task) => this.#shown(task));
  }

  override statusOn(_node: Retention, id: string): ShownTask | undefined {
    const task = this.tasks.get(id);
    if (task !== undefined) return this.#shown(task);
    const ended = this.#ended.get(id);
    if (ended === undefined || ended.task.endTimeMs <= this.nowMs() - TABLET_REPAIRS_KEPT_MS) return undefined;
    return ended.isTableDropped ? droppedRepair(ended.task) : endedRepair(ended.task);
  }

  override answerAfterEnd(shown: ShownTask): ShownTask {
    return { ...shown, state: "done", endTimeMs: this.nowMs() };
  }

  override answerAtEnd(task: Task, before: ShownTask): ShownTask {
    if (task.isTableDropped && !this.release.droppedTableIsDone) {
      const table = `Can't find a column family ${task.table} in keyspace ${task.keyspace}`;
      throw new ServerFault(`data_dictionary::no_such_column_family (${table})`);
    }
    return {
      ...before,
      state: this.#outcome(task),
      endTimeMs: task.endTimeMs,
      children: this.release.tabletRepairsHaveChildren || !isRepair(task) ? task.children : [],
    };
  }

  override retire(task: Task): void {
    this.forget(task);
    if (!isRepair(task) || !this.release.tabletRepairsAreReadable) return;
    this.#ended.set(task.id, { task, isTableDropped: task.isTableDropped });
    // Forgets those that are over, which come first. A timer for each repair would make up most of the timer queue.
    for (const [id, ended] of this.#ended) {
      if (ended.task.endTimeMs > this.nowMs() - TABLET_REPAIRS_KEPT_MS) break;
      this.#ended.delete(id);
    }
  }

  override dropTable(keyspace: string, table: string): void {
    const isOfTable = (task: Task) => task.keyspace === keyspace && task.table === table;
    for (const task of [...this.tasks.values()]) if (isOfTable(task)) task.dropTable();
    for (const ended of this.#ended.values()) if (isOfTable(ended.task)) ended.isTableDropped = true;
  }

  protected override asReleased(spec: NewClusterTask): NewClusterTask {
    const hasProgress = isRepair(spec) && this.release.tabletRepairsHaveProgress;
    return {
      ...spec,
      entity: "",
      isAbortable: isRepair(spec),
      progressUnits: hasProgress ? "tablets" : "",
      isSilent: !hasProgress,
    };
  }

  #outcome(task: Task): Task["state"] {
    if (isRepair(task) || task.isTableDropped || task.state === "done") return "done";
    return task.type === "split" || task.type === "merge" ? "suspended" : "failed";
  }

  #shown(task: Task): ShownTask {
    if (!isRepair(task) || this.release.tabletRepairsHaveChildren) return task;
    return { ...copyOf(task), children: [] };
  }
}

/** Semantics 27. */
class TopologyRequests extends ClusterModule {
  override readonly startTimeOf = "request";

  protected override asReleased(spec: NewClusterTask): NewClusterTask {
    return { ...spec, isAbortable: true, isSilent: true, progressUnits: "" };
  }
}

/** Semantics 28 and 29: always running, and gone once they have ended. */
class MigrationTasks extends ClusterModule {
  override readonly startTimeOf = "nothing";

  override create(spec: NewClusterTask): Task {
    const task = super.create(spec);
    task.start();
    return task;
  }

  override retire(task: Task): void {
    this.forget(task);
  }

  protected override asReleased(spec: NewClusterTask): NewClusterTask {
    return { ...spec, isAbortable: false };
  }
}

const MODULES = new Map<string, typeof ClusterModule>([
  ["node_ops", NodeOperations],
  ["tablets", TabletTasks],
  ["global_topology_requests", TopologyRequests],
  ["vnodes_to_tablets_migration", MigrationTasks],
]);

export function clusterModule(name: string, release: Release, clock: Clock): ClusterModule {
  return new (MODULES.get(name) ?? ClusterModule)(name, release, clock);
}

function isRepair({ type }: { type: string }): boolean {
  return type === "user_repair" || type === "auto_repair";
}

/** The status of a tablet repair that has ended: without type, scope, times and error (semantics 26). */
function endedRepair(task: Task): ShownTask {
  return { ...copyOf(task), type: "", scope: "", startTimeMs: 0, endTimeMs: 0, error: "" };
}

/** The status of a tablet repair that has ended and whose table was dropped: only the id is left (semantics 26). */
function droppedRepair(task: ShownTask): ShownTask {
  return {
    ...copyOf(task),
    type: "",
    scope: "",
    state: "created",
    isAbortable: false,
    startTimeMs: 0,
    endTimeMs: 0,
    error: "",
    keyspace: "",
    table: "",
    progressUnits: "",
    progress: { completed: 0, total: 0 },
    children: [],
  };
}
