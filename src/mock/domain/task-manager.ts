import type { Clock } from "./clock.js";
import { GENERATIONS, type Generation, type GenerationName } from "./generation.js";
import { Module } from "./module.js";
import { Node, type NodeIdentity } from "./node.js";
import type { NewTask, Task } from "./task.js";

/** `ttl` and `user_ttl` as the server's configuration has them (rest-api: Two generations). */
const DEFAULT_RETENTION = { ttlSeconds: 0, userTtlSeconds: 3600 };

export interface TaskManagerOptions {
  readonly clock: Clock;
  readonly generation: GenerationName;
  readonly nodes: readonly NodeIdentity[];
  /** The modules that every node has. */
  readonly moduleNames: readonly string[];
}

/** The task manager of a whole cluster: its nodes, each with its own tasks, and the tasks that they all see. */
export class TaskManager {
  readonly clock: Clock;
  readonly generation: Generation;
  readonly nodes: readonly Node[];
  readonly #clusterModules = new Map<string, Module>();

  constructor(options: TaskManagerOptions) {
    this.clock = options.clock;
    this.generation = GENERATIONS[options.generation];
    this.nodes = options.nodes.map(
      (identity) => new Node(identity, DEFAULT_RETENTION, this.#clusterModules, this.clock, this.generation),
    );
    for (const node of this.nodes) for (const name of options.moduleNames) node.registerModule(name);
  }

  /**
   * Registers a task that spans the cluster: never internal, without a parent, seen from every node (semantics 5, 19). A module
   * that a node lacks is registered there.
   */
  createClusterTask(moduleName: string, spec: Omit<NewTask, "parent" | "isStartedInternally">): Task {
    let module = this.#clusterModules.get(moduleName);
    if (module === undefined) {
      // How long a cluster task stays is promised by nobody (semantics 14): here, as long as the first node says.
      module = new Module(moduleName, undefined, this.clock, this.generation, this.nodes[0] ?? DEFAULT_RETENTION);
      this.#clusterModules.set(moduleName, module);
      for (const node of this.nodes) node.registerModule(moduleName);
    }
    return module.create(spec);
  }
}
