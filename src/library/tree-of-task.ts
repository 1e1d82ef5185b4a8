import type { TaskManagerClient } from "../client/task-manager.js";
import { NodePool } from "../nodes/node-pool.js";
import type { LocatedStatus, UnansweredNode } from "../nodes/nodes.js";
import { treeOfNodes } from "../nodes/task-tree.js";

export interface TreeOfTaskOptions {
  readonly signal?: AbortSignal;
  /** Time limit for the answer of each node, in milliseconds. Default 10,000. */
  readonly nodeTimeoutMs?: number;
  /** Nodes queried at once. Default 32. */
  readonly concurrency?: number;
  /** Maximum number of tasks to read. Default 2,000,000. */
  readonly maxTasks?: number;
}

/** A task and its descendants over many nodes. */
export interface TreeOfTask {
  /**
   * Breadth first. A child that is gone or unreachable has only its id, its node and the state `gone` or `unreachable`.
   */
  readonly statuses: readonly LocatedStatus[];
  /** Nodes that did not answer, so that the tree is incomplete. */
  readonly unanswered: readonly UnansweredNode[];
  /** Messages about what else was left out. */
  readonly leftOut: readonly string[];
}

const NODE_TIMEOUT_MS = 10_000;
const CONCURRENCY = 32;
const MAX_TASKS = 2_000_000;

/**
 * Reads the tree of a task over all nodes. A node returns only the descendants on itself, so every node is asked for
 * its part. Only the given nodes are queried. Servers before 2025.1 then forget a finished task.
 * @param clients a client per node, by its gossip address
 * @throws HttpStatusError 400 if no node knows the task
 */
export async function treeOfTask(
  clients: ReadonlyMap<string, TaskManagerClient>,
  taskId: string,
  options: TreeOfTaskOptions = {},
): Promise<TreeOfTask> {
  const pool = new NodePool({
    nodes: [...clients.keys()].map((address) => ({ address, live: true })),
    // Only these are queried, and the caller closes them.
    open: async (address) => clients.get(address) as TaskManagerClient,
    nodeTimeoutMs: options.nodeTimeoutMs ?? NODE_TIMEOUT_MS,
    concurrency: options.concurrency ?? CONCURRENCY,
    maxTasks: options.maxTasks ?? MAX_TASKS,
    signal: options.signal,
  });
  const statuses = await treeOfNodes(pool, taskId);
  return { statuses, unanswered: pool.everUnanswered, leftOut: [...pool.leftOut] };
}
