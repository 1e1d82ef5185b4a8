import { isRefusal, type TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { ChildReference, TaskStatus } from "../client/wire.js";
import { type NodePool, worstOf } from "./node-pool.js";
import type { Located, LocatedStatus } from "./nodes.js";

/** States of a child that is missing from a tree: an entry with only its id and node. */
type AbsentState = "gone" | "unreachable";

/** rest-api: the address of a node that the server does not know; older servers send none. */
const NO_ADDRESS = new Set(["", "0.0.0.0", "::"]);

/** How often a tree may lead to other nodes; real ones do a few times. */
const MAX_LEVELS = 100;

export const isClusterTask = (task: { kind?: string }) => task.kind === "cluster";

/** Puts the node first, as the first column. */
export function located<T extends { kind?: string }>(node: string, task: T): T & Located & { node: string | null } {
  return { node: isClusterTask(task) ? null : node, ...task };
}

/** Reads the part of a tree that a node has. */
export type ReadTree = (
  client: TaskManagerClient,
  call: CallOptions,
  taskId: string,
  node: string,
) => Promise<TaskStatus[]>;

/** A child that its parent names, and that is not in the tree yet. */
interface MissingChild extends ChildReference {
  readonly parent: TaskStatus;
}

/**
 * The tree of a task over all nodes, breadth first. A node's recursive status leaves out tasks on other nodes, and
 * cluster tasks among the children (semantics 20). So every node is queried for its part of each cluster task, and the
 * node of each missing child is queried for it. A child that its node no longer knows is `gone`; one whose node does not
 * answer, or may not be queried, is `unreachable`. No request is sent twice.
 * @param readTree by default as `tree` asks
 * @throws HttpStatusError 400 if no node knows the task
 */
export async function treeOfNodes(
  pool: NodePool,
  taskId: string,
  readTree: ReadTree = recursively(pool),
): Promise<LocatedStatus[]> {
  const tree = new TreeOfNodes(pool, readTree);
  const root = await tree.addRoot(taskId);
  for (let level = 0; await tree.addMissing(); level++) {
    if (level < MAX_LEVELS) continue;
    pool.leftOut.add(`the tree of task ${taskId} crosses nodes more than ${MAX_LEVELS} times: the rest was not read`);
    break;
  }
  return breadthFirst(root.id ?? "", tree.statuses);
}

const recursively =
  ({ budget }: NodePool): ReadTree =>
  async (client, call, id) =>
    budget.mayRead() ? await budget.collect(client.streamTaskStatusRecursive(id, call)) : [];

class TreeOfNodes {
  readonly statuses = new Map<string, LocatedStatus>();
  readonly #pool: NodePool;
  readonly #readTree: ReadTree;
  /** For each requested cluster task: the nodes that returned their part, or do not know the task. */
  readonly #queried = new Map<string, Set<string>>();
  readonly #looked = new Set<TaskStatus>();

  constructor(pool: NodePool, readTree: ReadTree) {
    this.#pool = pool;
    this.#readTree = readTree;
  }

  /** @throws what the nodes answered, where none knows the task */
  async addRoot(taskId: string): Promise<TaskStatus> {
    const { root, failed } = await this.#addParts(taskId);
    if (root === undefined || isClusterTask(root)) {
      this.#pool.missDown();
      for (const { node, error } of failed) this.#pool.miss(node, error);
    }
    if (root === undefined) throw worstOf(failed.map(({ error }) => error));
    return root;
  }

  /** Queries every node that was not queried for it yet; for a node task, the first node that knows it is enough. */
  async #addParts(taskId: string) {
    let root: TaskStatus | undefined;
    const failed: { node: string; error: TaskManagerError }[] = [];
    const queried = this.#queriedFor(taskId);
    const others = this.#pool.liveNodes.filter((node) => !queried.has(node));
    const answers = this.#pool.queryAsAnswered(
      (client, call, node) => this.#readTree(client, call, taskId, node),
      others,
    );
    for await (const { node, value, error } of answers) {
      if (error !== undefined) {
        if (isRefusal(error)) queried.add(node);
        failed.push({ node, error });
        continue;
      }
      queried.add(node);
      this.#add(node, value);
      root ??= value[0];
      // A node task is on one node only: there is no need to wait for the others.
      if (value[0] !== undefined && !isClusterTask(value[0])) break;
    }
    return { root, failed };
  }

  /**
   * Requests the children that are named and missing.
   * @returns whether there were any
   */
  async addMissing(): Promise<boolean> {
    const missing = this.#missingChildren();
    const onNodes = missing.filter(({ node }) => !NO_ADDRESS.has(node));
    const answers = this.#pool.queryEach(
      onNodes.map(({ task_id: id, node }) => ({
        node,
        question: (client, call) => this.#readTree(client, call, id, node),
      })),
    );
    const clusterTasks: string[] = [];
    let index = 0;
    for await (const { node, value, error } of answers) {
      const child = onNodes[index++] as MissingChild;
      if (value?.[0] !== undefined) {
        this.#add(node, value);
        if (!isClusterTask(value[0])) continue;
        this.#queriedFor(child.task_id).add(node);
        clusterTasks.push(child.task_id);
      } else this.#addAbsent(child, error === undefined || isRefusal(error) ? "gone" : "unreachable");
    }
    for (const id of clusterTasks) {
      const { failed } = await this.#addParts(id);
      for (const { node, error } of failed) this.#pool.miss(node, error);
    }
    for (const child of missing) {
      if (!NO_ADDRESS.has(child.node) || this.statuses.has(child.task_id)) continue;
      const { root } = await this.#addParts(child.task_id);
      if (root === undefined) this.#addAbsent(child, "unreachable");
    }
    return missing.length > 0 && this.#pool.budget.mayRead();
  }

  #missingChildren(): MissingChild[] {
    const missing: MissingChild[] = [];
    for (const status of [...this.statuses.values()]) {
      if (this.#looked.has(status)) continue;
      this.#looked.add(status);
      for (const { task_id, node: address } of status.children_ids ?? []) {
        if (this.statuses.has(task_id)) continue;
        const node = this.#pool.nameOf(address);
        const child = { task_id, node, parent: status };
        // A node task's missing children were folded away on its node (semantics 9).
        if (!isClusterTask(status) && (node === status.node || !this.#pool.isKnown(node))) continue;
        if (NO_ADDRESS.has(node) || this.#pool.mayAsk(node)) missing.push(child);
        else this.#addAbsent(child, "unreachable");
      }
    }
    return missing;
  }

  #queriedFor(taskId: string): Set<string> {
    let queried = this.#queried.get(taskId);
    if (queried === undefined) {
      queried = new Set();
      this.#queried.set(taskId, queried);
    }
    return queried;
  }

  #add(node: string, answer: readonly TaskStatus[]): void {
    for (const status of answer) {
      const { id = "" } = status;
      if (!this.statuses.has(id)) this.statuses.set(id, located(node, status));
    }
  }

  #addAbsent({ task_id: id, node, parent }: MissingChild, state: AbsentState): void {
    const where = NO_ADDRESS.has(node) ? null : node;
    this.statuses.set(id, { node: where, id, state, parent_id: parent.id, children_ids: [] });
  }
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
  // A server without children_ids still sent the descendants: keep them.
  for (const status of statuses.values()) ordered.add(status);
  return [...ordered];
}
