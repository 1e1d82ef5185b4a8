import type { Release } from "../releases.js";
import type { Clock } from "./clock.js";
import { type ClusterModule, clusterModule, type NewClusterTask } from "./cluster-module.js";
import { Node, type NodeIdentity, type SharedState } from "./node.js";
import type { Task } from "./task.js";

/** For how long the others try to reach a node that went down: what needs it fails meanwhile. */
export const OUTAGE_NOTICED_AFTER_MS = 10_000;

export interface TaskManagerOptions {
  readonly clock: Clock;
  readonly release: Release;
  readonly nodes: readonly NodeIdentity[];
  readonly ttlSeconds?: number | undefined;
  /** Of all nodes, or of each; the last one holds for the nodes after it too. */
  readonly userTtlSeconds?: number | readonly number[] | undefined;
}

/** The task manager of a whole cluster: its nodes, each with its own tasks, and the tasks that they all see. */
export class TaskManager implements SharedState {
  readonly clock: Clock;
  readonly release: Release;
  readonly nodes: readonly Node[];
  readonly clusterModules = new Map<string, ClusterModule>();
  /** Called when a node has gone down or come back. */
  onNodeChange: ((node: Node) => void) | undefined;

  constructor(options: TaskManagerOptions) {
    this.clock = options.clock;
    const { release } = options;
    this.release = release;
    const { ttlSeconds = release.defaultTtlSeconds } = options;
    const defaultUserTtlSeconds = release.defaultUserTtlSeconds === "404" ? ttlSeconds : release.defaultUserTtlSeconds;
    const userTtlsSeconds = [options.userTtlSeconds ?? defaultUserTtlSeconds].flat();
    this.nodes = options.nodes.map((identity, index) => {
      const userTtlSeconds = userTtlsSeconds[index] ?? userTtlsSeconds.at(-1) ?? defaultUserTtlSeconds;
      return new Node(identity, { ttlSeconds, userTtlSeconds }, this, this.clock, release);
    });
  }

  get hasFreshOutage(): boolean {
    const sinceMs = this.clock.nowMs() - OUTAGE_NOTICED_AFTER_MS;
    return this.nodes.some((node) => node.downSinceMs !== undefined && node.downSinceMs > sinceMs);
  }

  /** The node goes down, and all of its tasks with it. */
  takeDown(node: Node): void {
    if (!node.isUp) return;
    node.takeDown();
    this.onNodeChange?.(node);
  }

  /** The node comes back, without its tasks. */
  bringUp(node: Node): void {
    if (node.isUp) return;
    node.bringUp();
    this.onNodeChange?.(node);
  }

  /** The task, on whichever node it is registered. */
  findAnywhere(id: string): Task | undefined {
    for (const module of this.clusterModules.values()) {
      const task = module.find(id);
      if (task !== undefined) return task;
    }
    for (const node of this.nodes) {
      const task = node.findOwn(id);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /**
   * Registers a task that spans the cluster: never internal, seen from every node (semantics 5, 19). A module
   * that a node lacks is registered there.
   */
  createClusterTask(moduleName: string, spec: NewClusterTask): Task {
    let module = this.clusterModules.get(moduleName);
    if (module === undefined) {
      module = clusterModule(moduleName, this.release, this.clock);
      this.clusterModules.set(moduleName, module);
      for (const node of this.nodes) if (node.isUp) node.registerModule(moduleName);
    }
    return module.create(spec);
  }

  /** A table is no more: the tasks of tablets that work on it have ended (semantics 25, 26). */
  dropTable(keyspace: string, table: string): void {
    for (const module of this.clusterModules.values()) module.dropTable(keyspace, table);
  }
}
