import type { Node } from "./domain/node.js";
import type { Task } from "./domain/task.js";
import type { TaskManager } from "./domain/task-manager.js";
import type { Random } from "./random.js";
import type { KeyspaceSchema } from "./schema.js";
import { newTaskId } from "./task-id.js";

const MODULE = "vnodes_to_tablets_migration";

/** How a node stores keyspaces that migrate. A change takes effect when the node starts again. */
type StorageMode = "vnodes" | "tablets";

/** The migrations of keyspaces from vnodes to tablets (semantics 28), and the storage mode of each node. */
export class TabletMigrations {
  readonly #tasks = new Map<KeyspaceSchema, Task>();
  readonly #current = new Map<Node, StorageMode>();
  readonly #intended = new Map<Node, StorageMode>();

  constructor(
    private readonly manager: TaskManager,
    private readonly ids: Random,
  ) {}

  isMigrating(keyspace: KeyspaceSchema): boolean {
    return this.#tasks.has(keyspace);
  }

  currentMode(node: Node): StorageMode {
    return this.#current.get(node) ?? "vnodes";
  }

  intendedMode(node: Node): StorageMode {
    return this.#intended.get(node) ?? "vnodes";
  }

  /** Begins a migration; does nothing if there is one. */
  prepare(keyspace: KeyspaceSchema): void {
    if (this.isMigrating(keyspace)) return;
    const type = MODULE;
    const { name } = keyspace;
    const task = this.manager.createClusterTask(MODULE, {
      id: newTaskId({ kind: "cluster", module: MODULE, type, keyspace: name }, this.ids),
      type,
      scope: "keyspace",
      keyspace: name,
      progressUnits: "nodes",
    });
    this.#tasks.set(keyspace, task);
    this.#report();
  }

  /** Sets the storage mode that the node has after its next start. */
  intend(node: Node, mode: StorageMode): void {
    this.#intended.set(node, mode);
  }

  /** A node has started: it now has its intended storage mode. */
  started(node: Node): void {
    this.#current.set(node, this.intendedMode(node));
    this.#report();
  }

  /**
   * Ends a migration: as done if all nodes use tablets, as rolled back if none does.
   * @throws Error if only some do, or there is no migration
   */
  finalize(keyspace: KeyspaceSchema): void {
    const task = this.#tasks.get(keyspace);
    if (task === undefined) throw new Error(`keyspace ${keyspace.name} does not migrate`);
    const modes = new Set(this.manager.nodes.map((node) => this.currentMode(node)));
    if (modes.size > 1) throw new Error("some nodes use tablets, and some do not");
    this.#tasks.delete(keyspace);
    if (modes.has("tablets")) {
      keyspace.replication = "tablets";
      task.finish();
    } else {
      task.suspend();
    }
    if (this.#tasks.size === 0) {
      this.#current.clear();
      this.#intended.clear();
    }
  }

  #report(): void {
    const { nodes } = this.manager;
    const migrated = nodes.filter((node) => this.currentMode(node) === "tablets").length;
    for (const task of this.#tasks.values()) task.reportProgress(migrated, nodes.length);
  }
}
