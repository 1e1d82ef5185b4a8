import { isRefusal, type TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import { type NodePool, worstOf } from "./node-pool.js";
import type { Located, LocatedStatus } from "./nodes.js";

/** States of a child that should be in a tree and is not: they stand in its place, with nothing but its id and node. */
type AbsentState = "gone" | "unreachable";

export const isClusterTask = (task: { kind?: string }) => task.kind === "cluster";

/** Puts the node first, so that it is the first column too. */
export function located<T extends { kind?: string }>(node: string, task: T): T & Located & { node: string | null } {
  return { node: isClusterTask(task) ? null : node, ...task };
}

/** Asks a node for its part of a tree. */
export type AskTree = (
  client: TaskManagerClient,
  call: CallOptions,
  taskId: string,
  node: string,
) => Promise<TaskStatus[]>;

/**
 * The tree of a task over all nodes, breadth first. A node's recursive status leaves out what lives on other nodes (semantics
 * 20), so every node is asked for its part of the tree; a child on a node that discovery did not name is asked of that node.
 * A child that its node no longer knows stands there as `gone`, one whose node does not answer as `unreachable`. No question
 * is asked twice.
 * @param ask by default as `tree` asks
 * @throws HttpStatusError 400 where no node knows the task
 */
export async function treeOfNodes(
  pool: NodePool,
  taskId: string,
  ask: AskTree = (client, call, id) => client.taskStatusRecursive(id, call),
): Promise<LocatedStatus[]> {
  const statuses = new Map<string, LocatedStatus>();
  /** Nodes that gave their part, and what they did not say of a child is not there. */
  const asked = new Set<string>();
  const add = (node: string, answer: readonly TaskStatus[]) => {
    for (const status of answer)
      if (!statuses.has(status.id ?? "")) statuses.set(status.id ?? "", located(node, status));
  };
  let root: TaskStatus | undefined;
  const failed: { node: string; error: TaskManagerError }[] = [];
  const answers = pool.askAsTheyCome((client, call, node) => ask(client, call, taskId, node));
  for await (const { node, value, error } of answers) {
    if (error !== undefined) {
      failed.push({ node, error });
      continue;
    }
    asked.add(node);
    add(node, value);
    root ??= value[0];
    // A node task is on one node only: nothing is gained by waiting for the others to say that they do not know it.
    if (value[0] !== undefined && !isClusterTask(value[0])) break;
  }
  if (root === undefined || isClusterTask(root)) {
    pool.missDown();
    for (const { node, error } of failed) pool.miss(node, error);
  }
  if (root === undefined) throw worstOf(failed.map(({ error }) => error));
  const looked = new Set<TaskStatus>();
  for (;;) {
    const missing: { id: string; node: string; parent: TaskStatus }[] = [];
    for (const status of [...statuses.values()]) {
      if (looked.has(status)) continue;
      looked.add(status);
      for (const { task_id: id, node } of status.children_ids ?? []) {
        if (statuses.has(id)) continue;
        if (pool.hasFailed(node)) statuses.set(id, absent("unreachable", id, node, status));
        // A node task's missing children were folded away on their node (semantics 9); a cluster task's are gone (21).
        else if (asked.has(node) && isClusterTask(status)) statuses.set(id, absent("gone", id, node, status));
        else if (node !== status.node) missing.push({ id, node, parent: status });
      }
    }
    if (missing.length === 0) break;
    const answers = pool.askEach(
      missing.map(({ id, node }) => ({ node, question: (client, call) => ask(client, call, id, node) })),
    );
    let index = 0;
    for await (const { node, value, error } of answers) {
      const { id, parent } = missing[index++] as (typeof missing)[number];
      if (error === undefined) add(node, value);
      const state = error === undefined || isRefusal(error) ? "gone" : "unreachable";
      if (!statuses.has(id)) statuses.set(id, absent(state, id, node, parent));
    }
  }
  return breadthFirst(root.id ?? "", statuses);
}

function absent(state: AbsentState, id: string, node: string, parent: TaskStatus): LocatedStatus {
  return { node, id, state, parent_id: parent.id, children_ids: [] };
}

function breadthFirst<T extends TaskStatus>(rootId: string, statuses: ReadonlyMap<string, T>): T[] {
  const root = statuses.get(rootId);
  const ordered = new Set<T>(root === undefined ? [] : [root]);
  for (const status of ordered) {
    for (const { task_id } of status.children_ids ?? []) {
      const child = statuses.get(task_id);
      if (child !== undefined) ordered.add(child);
    }
  }
  // A server that leaves children_ids out still sent the descendants: they are not lost.
  for (const status of statuses.values()) ordered.add(status);
  return [...ordered];
}
