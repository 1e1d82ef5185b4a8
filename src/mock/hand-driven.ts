import type { Node } from "./domain/node.js";
import type { Task } from "./domain/task.js";
import type { TaskManager } from "./domain/task-manager.js";
import type { Random } from "./random.js";
import { newTaskId } from "./task-id.js";

/** A task to create that the caller controls. */
export interface HandDrivenTask {
  readonly module: string;
  readonly type: string;
  readonly scope: string;
  readonly id?: string | undefined;
  /** `cluster` if it spans the cluster. Default `node`. */
  readonly kind?: "node" | "cluster" | undefined;
  /** The index of its node in `urls`. Default: the parent's, or 0. */
  readonly node?: number | undefined;
  readonly shard?: number | undefined;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  readonly entity?: string | undefined;
  readonly progressUnits?: string | undefined;
  readonly isAbortable?: boolean | undefined;
  readonly isUserTask?: boolean | undefined;
  readonly isStartedInternally?: boolean | undefined;
  /** Whether an abort comes too late for it: it is accepted, and changes nothing. */
  readonly ignoresAbort?: boolean | undefined;
  readonly parent?: Task | undefined;
  /** Leaves it in the state `created` until the caller starts it. */
  readonly isQueued?: boolean | undefined;
}

/**
 * Creates a task that the caller controls.
 * @throws Error if it cannot be created as given
 */
export function createByHand(manager: TaskManager, ids: Random, wanted: HandDrivenTask): Task {
  const { module: moduleName, kind, node: nodeIndex, isQueued = false, ...description } = wanted;
  const { parent, shard = 0 } = description;
  // Lower case, as in the ids that calls look up.
  const id = description.id?.toLowerCase() ?? newTaskId(wanted, ids);
  const node = nodeAt(manager, nodeIndex ?? indexOfNode(manager, parent?.nodeAddress));
  if (kind === "cluster" && parent?.kind === "node") throw new Error("the parent of a cluster task is a cluster task");
  if (parent?.kind === "node" && parent.nodeAddress !== node.address) {
    throw new Error("the child of a node task lives on the node of its parent");
  }
  if (kind !== "cluster" && !node.isUp) throw new Error(`the node at ${node.address} is down`);
  if (shard >= node.shards) throw new Error(`there is no shard ${shard}`);
  if (description.id !== undefined && manager.findAnywhere(id) !== undefined) {
    throw new Error(`task with id ${id} already exists`);
  }
  const spec = { ...description, id };
  const task =
    kind === "cluster" ? manager.createClusterTask(moduleName, spec) : node.registerModule(moduleName).create(spec);
  if (!isQueued) task.start();
  return task;
}

/** @throws Error if there is no such node */
export function nodeAt(manager: TaskManager, index: number): Node {
  const node = manager.nodes[index];
  if (node === undefined) throw new Error(`there is no node ${index}`);
  return node;
}

function indexOfNode(manager: TaskManager, address: string | undefined): number {
  const index = manager.nodes.findIndex((node) => node.address === address);
  return Math.max(index, 0);
}
