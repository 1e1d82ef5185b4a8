import type { Release } from "../releases.js";
import { requestAbort } from "./abort.js";
import type { Clock } from "./clock.js";
import type { ClusterModule } from "./cluster-module.js";
import { ModuleNotFound, NodeUnreachable, TaskNotFound, WaitTimedOut } from "./errors.js";
import { Module, type Retention } from "./module.js";
import { breadthFirst, copyOf, type ShownTask } from "./shown-task.js";
import type { Task } from "./task.js";
import { type WaitOptions, waitUntilFinished } from "./waiting.js";

/** Address, name and place of a node. */
export interface NodeIdentity {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
}

/** Which tasks a list has: only those of a keyspace or table, and internal ones only if `internal` is true. */
export interface ListFilter {
  readonly internal?: boolean;
  readonly keyspace?: string;
  readonly table?: string;
}

/** What the nodes of a cluster have in common. */
export interface SharedState {
  /** By name: the modules that have cluster tasks. */
  readonly clusterModules: ReadonlyMap<string, ClusterModule>;
  /** Whether a node went down so recently that the others have not noticed (semantics 23). */
  readonly hasFreshOutage: boolean;
}

/** One node: its own tasks, and what it shows of the cluster tasks (semantics 19). */
export class Node implements NodeIdentity, Retention {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
  ttlSeconds = 0;
  #userTtlSeconds = 0;
  /** When it went down; `undefined` while it is up. */
  downSinceMs: number | undefined;
  readonly #modules = new Map<string, Module>();

  /** @param retention - the configured values, which a restart brings back */
  constructor(
    identity: NodeIdentity,
    private readonly retention: Retention,
    private readonly shared: SharedState,
    private readonly clock: Clock,
    private readonly release: Release,
  ) {
    this.address = identity.address;
    this.hostId = identity.hostId;
    this.datacenter = identity.datacenter;
    this.rack = identity.rack;
    this.shards = identity.shards;
    this.#boot();
  }

  get isUp(): boolean {
    return this.downSinceMs === undefined;
  }

  /** Releases without user_ttl use ttl for all tasks. */
  get userTtlSeconds(): number {
    return this.release.defaultUserTtlSeconds === "404" ? this.ttlSeconds : this.#userTtlSeconds;
  }

  set userTtlSeconds(seconds: number) {
    this.#userTtlSeconds = seconds;
  }

  /** Takes the node down; its tasks are lost. Does nothing if it is down. */
  takeDown(): void {
    if (!this.isUp) return;
    this.downSinceMs = this.clock.nowMs();
    const modules = [...this.#modules.values()];
    this.#modules.clear();
    for (const module of modules) module.loseTasks();
  }

  /** Starts the node again: no tasks, sequence numbers from 1, configured ttls. Does nothing if it is up. */
  bringUp(): void {
    if (this.isUp) return;
    this.downSinceMs = undefined;
    this.#boot();
  }

  #boot(): void {
    this.ttlSeconds = this.retention.ttlSeconds;
    this.userTtlSeconds = this.retention.userTtlSeconds;
    for (const name of this.release.modules) this.registerModule(name);
    for (const name of this.shared.clusterModules.keys()) this.registerModule(name);
  }

  get moduleNames(): string[] {
    return [...this.#modules.keys()];
  }

  /** @throws {ModuleNotFound} */
  module(name: string): Module {
    const module = this.#modules.get(name);
    if (module === undefined) throw new ModuleNotFound(name);
    return module;
  }

  /** The module; creates it if the node has none of this name. */
  registerModule(name: string): Module {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const module = new Module(name, this.address, this.release, this.clock, this);
    this.#modules.set(name, module);
    return module;
  }

  /**
   * Removes a module once all its tasks have ended.
   * @throws {ModuleNotFound}
   */
  async unregisterModule(name: string): Promise<void> {
    await this.module(name).close();
    this.#modules.delete(name);
  }

  /**
   * The tasks of a module, its cluster tasks last.
   * @throws {ModuleNotFound}
   */
  list(moduleName: string, filter: ListFilter = {}): ShownTask[] {
    const selected: ShownTask[] = [];
    const ofCluster = this.shared.clusterModules.get(moduleName)?.listedOn(this) ?? [];
    for (const tasks of [this.module(moduleName).tasks, ofCluster]) {
      for (const task of tasks) if (passes(task, filter)) selected.push(task);
    }
    return selected;
  }

  /** The task, if it runs on this node. */
  findOwn(id: string): Task | undefined {
    for (const module of this.#modules.values()) {
      const task = module.find(id);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** The task, if it runs on this node or is a cluster task. */
  findKnown(id: string): Task | undefined {
    return this.findOwn(id) ?? findIn(this.shared.clusterModules.values(), id);
  }

  /** @throws {TaskNotFound} */
  find(id: string): Task {
    const task = this.findKnown(id);
    if (task === undefined) throw new TaskNotFound(id);
    return task;
  }

  /**
   * The status of a task. In releases until 2024, reading it unregisters a finished node task.
   * @throws {TaskNotFound}
   * @throws {NodeUnreachable} for a cluster task, if a node that has just gone down cannot be asked for children (semantics 23)
   */
  status(id: string): ShownTask {
    const own = this.findOwn(id);
    if (own === undefined) return this.#clusterTask(id).shown;
    if (this.release.statusUnregisters) this.#unregisterFinished(own);
    return own;
  }

  /**
   * The task and its descendants on this node, breadth first (semantics 20). Unregisters the task as {@link status} does.
   * @throws {TaskNotFound}
   * @throws {NodeUnreachable}
   */
  recursiveStatus(id: string): ShownTask[] {
    const own = this.findOwn(id);
    const tasks = breadthFirst(own ?? this.#clusterTask(id).shown, this.address);
    if (own !== undefined && this.release.recursiveStatusUnregisters) this.#unregisterFinished(own);
    return tasks;
  }

  /**
   * Resolves with the status of the task once it has ended.
   * @throws {TaskNotFound}
   * @throws {WaitTimedOut}
   * @throws {NodeUnreachable}
   */
  async wait(id: string, options: WaitOptions = {}): Promise<ShownTask> {
    const own = this.findOwn(id);
    // With a timeout of 0, other shards have no time to say whether they know the task (rest-api: wait_task).
    if (options.timeoutMs === 0 && (this.shards > 1 || !own?.isFinished)) throw new WaitTimedOut();
    if (own !== undefined) {
      await waitUntilFinished(own, this.clock, options);
      return own;
    }
    const { module, shown } = this.#clusterTask(id);
    const task = module.find(id);
    if (task === undefined || task.isFinished) return module.answerAfterEnd(shown);
    const before = copyOf(shown);
    await waitUntilFinished(task, this.clock, options);
    this.#checkOutage();
    return module.answerAtEnd(task, before);
  }

  /**
   * Asks a task to stop (semantics 16).
   * @throws {TaskNotFound}
   * @throws {TaskNotAbortable}
   * @throws {ServerFault} if it is too late for that (semantics 24)
   */
  abort(id: string): void {
    const own = this.findOwn(id);
    if (own !== undefined) {
      requestAbort(own, this.clock);
      return;
    }
    this.#findClusterTask(id).module.abort(id);
  }

  #clusterTask(id: string): { module: ClusterModule; shown: ShownTask } {
    const found = this.#findClusterTask(id);
    this.#checkOutage();
    return found;
  }

  /**
   * Children of a cluster task are searched for on all nodes.
   * @throws {NodeUnreachable} in some releases, until a node that went down is left out of the search (semantics 23)
   */
  #checkOutage(): void {
    if (this.shared.hasFreshOutage && this.release.closesWhileNodeGoesDown) throw new NodeUnreachable();
  }

  #findClusterTask(id: string): { module: ClusterModule; shown: ShownTask } {
    for (const module of this.shared.clusterModules.values()) {
      const shown = module.statusOn(this, id);
      if (shown !== undefined) return { module, shown };
    }
    throw new TaskNotFound(id);
  }

  #unregisterFinished(task: Task): void {
    if (!task.isFinished) return;
    for (const module of this.#modules.values()) if (module.find(task.id) === task) module.unregister(task);
  }
}

function findIn(modules: Iterable<ClusterModule>, id: string): Task | undefined {
  for (const module of modules) {
    const task = module.find(id);
    if (task !== undefined) return task;
  }
  return undefined;
}

function passes(task: ShownTask, filter: ListFilter): boolean {
  if (task.isInternal && !filter.internal) return false;
  if (filter.keyspace !== undefined && task.keyspace !== filter.keyspace) return false;
  return filter.table === undefined || task.table === filter.table;
}
