import type { TaskManagerClient } from "../client/task-manager.js";
import { NodePool } from "../nodes/node-pool.js";
import type { LocatedStatus, UnansweredNode } from "../nodes/nodes.js";
import { treeOfNodes } from "../nodes/task-tree.js";

export interface TreeOfTaskOptions {
  readonly signal?: AbortSignal;
  /** Limit for the answer of each node. Default 10,000. */
  readonly nodeTimeoutMs?: number;
  /** Nodes asked at once. Default 32. */
  readonly concurrency?: number;
  /** Most tasks that are read. Default 2,000,000. */
  readonly maxTasks?: number;
}

/** A task and its descendants over many nodes. */
export interface TreeOfTask {
  /** Breadth first; a child that is gone or out of reach has nothing but its id, its node and the state `gone` or `unreachable`. */
  readonly statuses: readonly LocatedStatus[];
  /** Nodes that did not answer, so that the tree is a part. */
  readonly unanswered: readonly UnansweredNode[];
  /** Sentences on what else was left out. */
  readonly leftOut: readonly string[];
}

const NODE_TIMEOUT_MS = 10_000;
const CONCURRENCY = 32;
const MAX_TASKS = 2_000_000;

/**
 * The tree of a task over all nodes. A node tells only of the descendants that live on it, so every node is asked for its part. No
 * other node is asked than those given. Servers before 2025.1 forget a finished task that is asked for so.
 * @param clients - a client for each node, by the address under which the node gossips
 * @throws HttpStatusError 400 where no node knows the task
 */
export async function treeOfTask(
  clients: ReadonlyMap<string, TaskManagerClient>,
  taskId: string,
  options: TreeOfTaskOptions = {},
): Promise<TreeOfTask> {
  const pool = new NodePool({
    nodes: [...clients.keys()].map((address) => ({ address, live: true })),
    // Only those are asked for, and they stay the caller's to close.
    open: async (address) => clients.get(address) as TaskManagerClient,
    nodeTimeoutMs: options.nodeTimeoutMs ?? NODE_TIMEOUT_MS,
    concurrency: options.concurrency ?? CONCURRENCY,
    maxTasks: options.maxTasks ?? MAX_TASKS,
    signal: options.signal,
  });
  const statuses = await treeOfNodes(pool, taskId);
  return { statuses, unanswered: pool.everUnanswered, leftOut: [...pool.leftOut] };
}
