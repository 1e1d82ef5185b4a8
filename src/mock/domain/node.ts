import type { Clock } from "./clock.js";
import { ModuleNotFound, TaskNotFound } from "./errors.js";
import type { Generation } from "./generation.js";
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

/** One node's view: its own tasks, and the cluster's (semantics 19). */
export class Node implements NodeIdentity, Retention {
  readonly address: string;
  readonly hostId: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly shards: number;
  ttlSeconds: number;
  userTtlSeconds: number;
  readonly #modules = new Map<string, Module>();

  constructor(
    identity: NodeIdentity,
    retention: Retention,
    private readonly clusterModules: ReadonlyMap<string, Module>,
    private readonly clock: Clock,
    private readonly generation: Generation,
  ) {
    this.address = identity.address;
    this.hostId = identity.hostId;
    this.datacenter = identity.datacenter;
    this.rack = identity.rack;
    this.shards = identity.shards;
    this.ttlSeconds = retention.ttlSeconds;
    this.userTtlSeconds = retention.userTtlSeconds;
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
    const module = new Module(name, this.address, this.clock, this.generation, this);
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
    for (const module of [this.module(moduleName), this.clusterModules.get(moduleName)]) {
      for (const task of module?.tasks ?? []) if (passes(task, filter)) selected.push(task);
    }
    return selected;
  }

  /** @throws {TaskNotFound} */
  find(id: string): Task {
    for (const modules of [this.#modules, this.clusterModules]) {
      for (const module of modules.values()) {
        const task = module.find(id);
        if (task !== undefined) return task;
      }
    }
    throw new TaskNotFound(id);
  }

  /**
   * The task, as a look shows it. In the seed generation the look unregisters a finished node task.
   * @throws {TaskNotFound}
   */
  look(id: string): Task {
    const task = this.find(id);
    this.#letGoAfterLook(task);
    return task;
  }

  /**
   * The task and its descendants on this node, breadth first. In the seed generation it unregisters the root as a look does.
   * @throws {TaskNotFound}
   */
  lookAtTree(id: string): TaskView[] {
    const task = this.find(id);
    const views = breadthFirst(task, this.address);
    this.#letGoAfterLook(task);
    return views;
  }

  #letGoAfterLook(task: Task): void {
    if (!this.generation.looksUnregister || !task.isFinished || task.kind !== "node") return;
    for (const module of this.#modules.values()) if (module.find(task.id) === task) module.unregister(task);
  }
}

function passes(task: Task, filter: ListFilter): boolean {
  if (task.isInternal && !filter.internal) return false;
  if (filter.keyspace && task.keyspace !== filter.keyspace) return false;
  return !filter.table || task.table === filter.table;
}
