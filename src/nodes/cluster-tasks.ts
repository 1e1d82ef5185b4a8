import { HttpStatusError, isRefusal } from "../client/errors.js";
import type { ListOptions } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { type Cluster, gravestOf } from "./cluster.js";

/** Where a task was found: a node's address, or `null` for a cluster task, which is no node's own. */
export interface Placed {
  readonly node: string | null;
}

/** States of a child that should be in a tree and is not: they stand in its place, with nothing but its id and node. */
export const ABSENT_STATES = ["gone", "unreachable"] as const;

const isClusterTask = (task: { kind?: string }) => task.kind === "cluster";

/** Puts the node first, so that it is the first column too. */
function place<T extends TaskStats | TaskStatus>(node: string, task: T): T & Placed {
  return { node: isClusterTask(task) ? null : node, ...task };
}

/** rest-api: lists come in no particular order; within a node, tasks of one tree stand together. */
function byTree(a: TaskStats, b: TaskStats): number {
  return (a.sequence_number ?? 0) - (b.sequence_number ?? 0) || ((a.task_id ?? "") < (b.task_id ?? "") ? -1 : 1);
}

/**
 * The tasks of a module on all live nodes, node after node; a cluster task, which every node lists, once.
 * @throws HttpStatusError where every node that answered refused, as for an unknown module
 */
export async function* listClusterTasks(
  cluster: Cluster,
  module: string,
  options: Pick<ListOptions, "internal" | "keyspace" | "table">,
): AsyncGenerator<(TaskStats & Placed)[]> {
  const seen = new Set<string>();
  let answered = false;
  let refusal: Error | undefined;
  for await (const answer of cluster.ask((client, call) => client.listModuleTasks(module, { ...options, ...call }))) {
    if (answer.error !== undefined) {
      if (isRefusal(answer.error)) refusal ??= answer.error;
      continue;
    }
    answered = true;
    const tasks = answer.value.filter((task) => {
      if (!isClusterTask(task) || task.task_id === undefined) return true;
      if (seen.has(task.task_id)) return false;
      seen.add(task.task_id);
      return true;
    });
    yield tasks.sort(byTree).map((task) => place(answer.node, task));
  }
  if (!answered && refusal !== undefined) throw refusal;
}

/**
 * The status of a task, wherever in the cluster it is.
 * @throws HttpStatusError 400 where no node knows it
 */
export async function findClusterStatus(cluster: Cluster, taskId: string): Promise<TaskStatus & Placed> {
  const { node, value } = await cluster.find((client, call) => client.taskStatus(taskId, call));
  return place(node, value);
}

/**
 * The node that knows a task, found without destroying what is found (rest-api, two generations: `wait_task` with timeout 0
 * unregisters nothing, and its 408 says that the task is there and unfinished).
 */
export async function locateTask(cluster: Cluster, taskId: string): Promise<string | undefined> {
  try {
    const { node } = await cluster.find(async (client, call) => {
      try {
        await client.waitTask(taskId, { ...call, timeoutSeconds: 0 });
      } catch (error) {
        if (!(error instanceof HttpStatusError && error.status === 408)) throw error;
      }
    });
    return node;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/**
 * The tree of a task over all nodes, breadth first. A node's recursive status leaves out what lives on other nodes (semantics
 * 20), so every node is asked for its part of the tree; a child on a node that discovery did not name is asked of that node.
 * A child that its node no longer knows stands there as `gone`, one whose node does not answer as `unreachable`. No question
 * is asked twice.
 * @throws HttpStatusError 400 where no node knows the task
 */
export async function clusterTree(cluster: Cluster, taskId: string): Promise<(TaskStatus & Placed)[]> {
  const statuses = new Map<string, TaskStatus & Placed>();
  /** Nodes that gave their part, and what they did not say of a child is not there. */
  const asked = new Set<string>();
  const add = (node: string, answer: readonly TaskStatus[]) => {
    for (const status of answer) if (!statuses.has(status.id ?? "")) statuses.set(status.id ?? "", place(node, status));
  };
  let rootId: string | undefined;
  const errors: unknown[] = [];
  const answers = cluster.askAsTheyCome((client, call) => client.taskStatusRecursive(taskId, call));
  for await (const { node, value, error } of answers) {
    if (error !== undefined) {
      errors.push(error);
      continue;
    }
    asked.add(node);
    add(node, value);
    rootId ??= value[0]?.id;
    // A node task is on one node only: nothing is gained by waiting for the others to say that they do not know it.
    if (value[0] !== undefined && !isClusterTask(value[0])) break;
  }
  if (rootId === undefined) throw gravestOf(errors);
  const looked = new Set<TaskStatus>();
  for (;;) {
    const missing: { id: string; node: string; parent: TaskStatus }[] = [];
    for (const status of [...statuses.values()]) {
      if (looked.has(status)) continue;
      looked.add(status);
      for (const { task_id: id, node } of status.children_ids ?? []) {
        if (statuses.has(id)) continue;
        if (cluster.hasFailed(node)) statuses.set(id, absent("unreachable", id, node, status));
        // A node task's missing children were folded away on their node (semantics 9); a cluster task's are gone (21).
        else if (asked.has(node) && isClusterTask(status)) statuses.set(id, absent("gone", id, node, status));
        else if (node !== status.node) missing.push({ id, node, parent: status });
      }
    }
    if (missing.length === 0) break;
    const answers = cluster.askEach(
      missing.map(({ id, node }) => ({ node, question: (client, call) => client.taskStatusRecursive(id, call) })),
    );
    let index = 0;
    for await (const { node, value, error } of answers) {
      const { id, parent } = missing[index++] as (typeof missing)[number];
      if (error === undefined) add(node, value);
      const known = error instanceof HttpStatusError && error.status === 400;
      if (!statuses.has(id))
        statuses.set(id, absent(error === undefined || known ? "gone" : "unreachable", id, node, parent));
    }
  }
  return breadthFirst(rootId, statuses);
}

/** The trees of listed tasks, each of its own node or, of a cluster task, over all; a task that is gone meanwhile has none. */
export async function* clusterTrees(
  cluster: Cluster,
  tasks: readonly (TaskStats & Placed)[],
): AsyncGenerator<(TaskStatus & Placed)[]> {
  const nodeTasks = tasks.flatMap(({ node, task_id: id }) => (node === null || id === undefined ? [] : [{ node, id }]));
  const answers = cluster.askEach(
    nodeTasks.map(({ node, id }) => ({ node, question: (client, call) => client.taskStatusRecursive(id, call) })),
  );
  for await (const { node, value } of answers) {
    if (value !== undefined) yield value.map((status) => place(node, status));
  }
  // Side by side: one after the other, each would take the time of the slowest node anew.
  const trees = tasks.flatMap(({ node, task_id: id }) =>
    node !== null || id === undefined ? [] : [clusterTree(cluster, id)],
  );
  for (const tree of trees) tree.catch(() => {});
  for (const tree of trees) {
    try {
      yield await tree;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function absent(
  state: (typeof ABSENT_STATES)[number],
  id: string,
  node: string,
  parent: TaskStatus,
): TaskStatus & Placed {
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
