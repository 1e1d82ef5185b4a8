import type { Clock } from "./clock.js";
import { GENERATIONS, type Generation, type GenerationName } from "./generation.js";
import { Module } from "./module.js";
import { Node, type NodeIdentity, type SharedState } from "./node.js";
import type { NewTask, Task } from "./task.js";

/** `ttl` and `user_ttl` as the server's configuration has them (rest-api: Two generations). */
const DEFAULT_RETENTION = { ttlSeconds: 0, userTtlSeconds: 3600 };

/** For how long the others try to reach a node that went down: what needs it fails meanwhile. */
export const OUTAGE_NOTICED_AFTER_MS = 10_000;

export interface TaskManagerOptions {
  readonly clock: Clock;
  readonly generation: GenerationName;
  readonly nodes: readonly NodeIdentity[];
  /** The modules that every node has. */
  readonly moduleNames: readonly string[];
  readonly ttlSeconds?: number | undefined;
  readonly userTtlSeconds?: number | undefined;
}

/** The task manager of a whole cluster: its nodes, each with its own tasks, and the tasks that they all see. */
export class TaskManager implements SharedState {
  readonly clock: Clock;
  readonly generation: Generation;
  readonly nodes: readonly Node[];
  readonly clusterModules = new Map<string, Module>();
  /** Called when a node has gone down or come back. */
  onNodeChange: ((node: Node) => void) | undefined;

  constructor(options: TaskManagerOptions) {
    this.clock = options.clock;
    this.generation = GENERATIONS[options.generation];
    const { ttlSeconds = DEFAULT_RETENTION.ttlSeconds, userTtlSeconds = DEFAULT_RETENTION.userTtlSeconds } = options;
    const retention = { ttlSeconds, userTtlSeconds };
    this.nodes = options.nodes.map(
      (identity) => new Node(identity, options.moduleNames, retention, this, this.clock, this.generation),
    );
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
   * Registers a task that spans the cluster: never internal, without a parent, seen from every node (semantics 5, 19). A module
   * that a node lacks is registered there.
   */
  createClusterTask(moduleName: string, spec: Omit<NewTask, "parent" | "isStartedInternally">): Task {
    let module = this.clusterModules.get(moduleName);
    if (module === undefined) {
      // How long a cluster task stays is promised by nobody (semantics 14): here, as long as the first node says.
      module = new Module(moduleName, undefined, this.clock, this.generation, this.nodes[0] ?? DEFAULT_RETENTION);
      this.clusterModules.set(moduleName, module);
      for (const node of this.nodes) if (node.isUp) node.registerModule(moduleName);
    }
    return module.create(spec);
  }
}
