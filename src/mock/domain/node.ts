import type { Release } from "../releases.js";
import type { Clock } from "./clock.js";
import { ModuleNotFound, NodeUnreachable, TaskNotFound } from "./errors.js";
import { Module, type Retention } from "./module.js";
import type { Task } from "./task.js";
import { breadthFirst, type TaskView } from "./task-view.js";

/** Where a node is, and what it is called. */
export interface NodeIdentity {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
}

/** What a list leaves out. An empty keyspace or table filters nothing. */
export interface ListFilter {
  readonly internal?: boolean;
  readonly keyspace?: string;
  readonly table?: string;
}

/** What all nodes share. */
export interface SharedState {
  /** The modules of the tasks that span the cluster. */
  readonly clusterModules: ReadonlyMap<string, Module>;
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
    const module = new Module(name, this.address, this.clock, this.release, this);
    this.#modules.set(name, module);
    return module;
  }

  /** @throws {ModuleNotFound} */
  unregisterModule(name: string): void {
    this.module(name).close();
    this.#modules.delete(name);
  }

  /**
   * The tasks of a module that the filter lets through.
   * @throws {ModuleNotFound}
   */
  list(moduleName: string, filter: ListFilter = {}): Task[] {
    const selected: Task[] = [];
    for (const module of [this.module(moduleName), this.shared.clusterModules.get(moduleName)]) {
      for (const task of module?.tasks ?? []) if (passes(task, filter)) selected.push(task);
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

  /** The task, if the node knows of it: one of its own, or of the cluster's. */
  findKnown(id: string): Task | undefined {
    const own = this.findOwn(id);
    if (own !== undefined) return own;
    for (const module of this.shared.clusterModules.values()) {
      const task = module.find(id);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /**
   * @throws {TaskNotFound}
   * @throws {NodeUnreachable} where the children of a cluster task cannot be asked for
   */
  find(id: string): Task {
    const task = this.findKnown(id);
    if (task === undefined) throw new TaskNotFound(id);
    if (task.kind === "cluster" && this.shared.hasFreshOutage) throw new NodeUnreachable();
    return task;
  }

  /**
   * The task, as a look shows it. Until 2024 the look unregisters a finished node task.
   * @throws {TaskNotFound}
   */
  look(id: string): Task {
    const task = this.find(id);
    if (this.release.statusUnregisters) this.#letGo(task);
    return task;
  }

  /**
   * The task and its descendants on this node, breadth first. Until 2024 it unregisters the root as a look does.
   * @throws {TaskNotFound}
   */
  lookAtTree(id: string): TaskView[] {
    const task = this.find(id);
    const views = breadthFirst(task, this.address);
    if (this.release.recursiveStatusUnregisters) this.#letGo(task);
    return views;
  }

  #letGo(task: Task): void {
    if (!task.isFinished || task.kind !== "node") return;
    for (const module of this.#modules.values()) if (module.find(task.id) === task) module.unregister(task);
  }
}

function passes(task: Task, filter: ListFilter): boolean {
  if (task.isInternal && !filter.internal) return false;
  if (filter.keyspace && task.keyspace !== filter.keyspace) return false;
  return !filter.table || task.table === filter.table;
}
