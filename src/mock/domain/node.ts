import type { Release } from "../releases.js";
import { requestAbort } from "./abort.js";
import type { Clock } from "./clock.js";
import type { ClusterModule } from "./cluster-module.js";
import { ModuleNotFound, NodeUnreachable, TaskNotFound, WaitTimedOut } from "./errors.js";
import { Module, type Retention } from "./module.js";
import type { Task } from "./task.js";
import { breadthFirst, snapshotOf, type TaskView } from "./task-view.js";
import { type WaitOptions, waitUntilFinished } from "./waiting.js";

/** Where a node is, and what it is called. */
export interface NodeIdentity {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
}

/** What a list leaves out: what has another keyspace or table; where these are absent, nothing. */
export interface ListFilter {
  readonly internal?: boolean;
  readonly keyspace?: string;
  readonly table?: string;
}

/** What all nodes share. */
export interface SharedState {
  /** The modules of the tasks that span the cluster. */
  readonly clusterModules: ReadonlyMap<string, ClusterModule>;
  /** A node went down so lately that the others try to reach it still. */
  readonly hasFreshOutage: boolean;
}

/** One node's view: its own tasks, and the cluster's (semantics 19). */
export class Node implements NodeIdentity, Retention {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
  ttlSeconds = 0;
  #userTtlSeconds = 0;
  /** When it went down; absent while it is up. */
  downSinceMs: number | undefined;
  readonly #modules = new Map<string, Module>();

  /**
   * @param retention - as its configuration has it
   */
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

  /** A server that has one ttl keeps all for that, whoever started it. */
  get userTtlSeconds(): number {
    return this.release.defaultUserTtlSeconds === "404" ? this.ttlSeconds : this.#userTtlSeconds;
  }

  set userTtlSeconds(seconds: number) {
    this.#userTtlSeconds = seconds;
  }

  /** Goes down, and all of its tasks with it. Does nothing while it is down. */
  takeDown(): void {
    if (!this.isUp) return;
    this.downSinceMs = this.clock.nowMs();
    const modules = [...this.#modules.values()];
    this.#modules.clear();
    for (const module of modules) module.lose();
  }

  /** Comes back as it was configured: no tasks, sequence numbers from 1, ttls as at first. */
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

  /** The module, made if it is not there yet. */
  registerModule(name: string): Module {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const module = new Module(name, this.address, this.release, this.clock, this);
    this.#modules.set(name, module);
    return module;
  }

  /**
   * Resolves once all its tasks have ended.
   * @throws {ModuleNotFound}
   */
  async unregisterModule(name: string): Promise<void> {
    await this.module(name).close();
    this.#modules.delete(name);
  }

  /**
   * The tasks of a module that the filter lets through.
   * @throws {ModuleNotFound}
   */
  list(moduleName: string, filter: ListFilter = {}): TaskView[] {
    const selected: TaskView[] = [];
    const ofCluster = this.shared.clusterModules.get(moduleName)?.listedOn(this) ?? [];
    for (const tasks of [this.module(moduleName).tasks, ofCluster]) {
      for (const task of tasks) if (passes(task, filter)) selected.push(task);
    }
    return selected;
  }

  /** The task, if it is one of the node's own. */
  findOwn(id: string): Task | undefined {
    for (const module of this.#modules.values()) {
      const task = module.find(id);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** The task, if it is registered here: one of the node's own, or of the cluster's. */
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
   * The task, as a look shows it. Until 2024 the look unregisters a finished node task.
   * @throws {TaskNotFound}
   * @throws {NodeUnreachable} where the children of a cluster task cannot be asked for
   */
  look(id: string): TaskView {
    const own = this.findOwn(id);
    if (own === undefined) return this.#clusterTask(id).view;
    if (this.release.statusUnregisters) this.#letGo(own);
    return own;
  }

  /**
   * The task and its descendants on this node, breadth first. Until 2024 it unregisters the root as a look does.
   * @throws {TaskNotFound}
   * @throws {NodeUnreachable}
   */
  lookAtTree(id: string): TaskView[] {
    const own = this.findOwn(id);
    const views = breadthFirst(own ?? this.#clusterTask(id).view, this.address);
    if (own !== undefined && this.release.recursiveStatusUnregisters) this.#letGo(own);
    return views;
  }

  /**
   * Resolves with the status of the task once it has ended.
   * @throws {TaskNotFound}
   * @throws {WaitTimedOut}
   * @throws {NodeUnreachable}
   */
  async wait(id: string, options: WaitOptions = {}): Promise<TaskView> {
    const own = this.findOwn(id);
    // In no time no other shard can answer whether it knows the task (rest-api: wait_task).
    if (options.timeoutMs === 0 && (this.shards > 1 || !own?.isFinished)) throw new WaitTimedOut();
    if (own !== undefined) {
      await waitUntilFinished(own, this.clock, options);
      return own;
    }
    const { module, view } = this.#clusterTask(id);
    const task = module.find(id);
    if (task === undefined || task.isFinished) return module.finalOf(view);
    const before = snapshotOf(view);
    await waitUntilFinished(task, this.clock, options);
    return module.outcomeOf(task, before);
  }

  /**
   * Requests that the task stops.
   * @throws {TaskNotFound}
   * @throws {TaskNotAbortable}
   * @throws {ServerFault} where the operation has come too far
   */
  abort(id: string): void {
    const own = this.findOwn(id);
    if (own !== undefined) {
      requestAbort(own, this.clock);
      return;
    }
    const { module, view } = this.#readableClusterTask(id);
    module.abort(view);
  }

  #clusterTask(id: string): { module: ClusterModule; view: TaskView } {
    const found = this.#readableClusterTask(id);
    if (this.shared.hasFreshOutage && this.release.closesWhileNodeGoesDown) throw new NodeUnreachable();
    return found;
  }

  #readableClusterTask(id: string): { module: ClusterModule; view: TaskView } {
    for (const module of this.shared.clusterModules.values()) {
      const view = module.statusOn(this, id);
      if (view !== undefined) return { module, view };
    }
    throw new TaskNotFound(id);
  }

  #letGo(task: Task): void {
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

function passes(task: TaskView, filter: ListFilter): boolean {
  if (task.isInternal && !filter.internal) return false;
  if (filter.keyspace !== undefined && task.keyspace !== filter.keyspace) return false;
  return filter.table === undefined || task.table === filter.table;
}
