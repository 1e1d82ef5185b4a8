import type { Release } from "../releases.js";
import type { Clock } from "./clock.js";
import { type ClusterModule, clusterModule, type NewClusterTask } from "./cluster-module.js";
import { Node, type NodeIdentity, type SharedState } from "./node.js";
import type { Task } from "./task.js";

/** How long it takes until the others notice that a node is down (semantics 23). */
const OUTAGE_NOTICED_AFTER_MS = 10_000;

export interface TaskManagerOptions {
  readonly clock: Clock;
  readonly release: Release;
  readonly nodes: readonly NodeIdentity[];
  /** One value for all nodes, or a list with one for each node; its last value is also for all further nodes. */
  readonly ttlSeconds?: number | readonly number[] | undefined;
  /** As `ttlSeconds`. */
  readonly userTtlSeconds?: number | readonly number[] | undefined;
}

/** The task manager of a whole cluster: the nodes with their tasks, and the cluster tasks. */
export class TaskManager implements SharedState {
  readonly clock: Clock;
  readonly release: Release;
  readonly nodes: readonly Node[];
  readonly clusterModules = new Map<string, ClusterModule>();
  /** Called after a node has gone down or come back. */
  onNodeChange: ((node: Node) => void) | undefined;

  constructor(options: TaskManagerOptions) {
    this.clock = options.clock;
    const { release } = options;
    this.release = release;
    const { defaultTtlSeconds, defaultUserTtlSeconds } = release;
    const ttlOf = perNode(options.ttlSeconds, defaultTtlSeconds);
    // A node without user_ttl uses its ttl.
    const userTtlOf = perNode(
      options.userTtlSeconds,
      defaultUserTtlSeconds === "404" ? defaultTtlSeconds : defaultUserTtlSeconds,
    );
    this.nodes = options.nodes.map((identity, index) => {
      const [ttlSeconds, userTtlSeconds] = [ttlOf(index), userTtlOf(index)];
      return new Node(identity, { ttlSeconds, userTtlSeconds }, this, this.clock, release);
    });
  }

  get hasFreshOutage(): boolean {
    const sinceMs = this.clock.nowMs() - OUTAGE_NOTICED_AFTER_MS;
    return this.nodes.some((node) => node.downSinceMs !== undefined && node.downSinceMs > sinceMs);
  }

  /** Takes a node down; its tasks are lost. */
  takeDown(node: Node): void {
    if (!node.isUp) return;
    node.takeDown();
    this.onNodeChange?.(node);
  }

  /** Starts a node again, without its tasks. */
  bringUp(node: Node): void {
    if (node.isUp) return;
    node.bringUp();
    this.onNodeChange?.(node);
  }

  /** The task with this id, on whichever node. */
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

  /** Creates and registers a cluster task (semantics 19). Also registers its module on every node that lacks it. */
  createClusterTask(moduleName: string, spec: NewClusterTask): Task {
    let module = this.clusterModules.get(moduleName);
    if (module === undefined) {
      module = clusterModule(moduleName, this.release, this.clock);
      this.clusterModules.set(moduleName, module);
      for (const node of this.nodes) if (node.isUp) node.registerModule(moduleName);
    }
    return module.create(spec);
  }

  /** Ends the tablet tasks of a table that was dropped (semantics 25, 26). */
  dropTable(keyspace: string, table: string): void {
    for (const module of this.clusterModules.values()) module.dropTable(keyspace, table);
  }
}

/** The value for a node, by the node's index. */
function perNode(values: number | readonly number[] | undefined, otherwise: number): (index: number) => number {
  const all = [values ?? otherwise].flat();
  return (index) => all[index] ?? all.at(-1) ?? otherwise;
}
