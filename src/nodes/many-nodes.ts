import { isRefusal, isRequestFailure } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import { inParallel } from "../runtime/in-parallel.js";
import type { TaskFilter, Verdict } from "../tasks/filter.js";
import type { KnownNode } from "./discovery.js";
import { careOf, idsOf, type Looked, moduleIsGone, PARTS_LEFT_ALONE, statusesOrNone } from "./look.js";
import type { NodePool } from "./node-pool.js";
import type {
  ListedTask,
  LocatedStats,
  LocatedStatus,
  LocatedTask,
  NodeAnswer,
  Nodes,
  Question,
  TaskQuery,
  UnansweredNode,
} from "./nodes.js";
import { RowFilter } from "./row-filter.js";
import { isClusterTask, located, treeOfNodes } from "./task-tree.js";
import { TOPOLOGY_FIELDS } from "./topology.js";

/** A listed task whose tree may be shown. */
interface Root {
  readonly id: string;
  /** `null` for a cluster task. */
  readonly node: string | null;
  readonly stats: LocatedStats;
  readonly verdict: Verdict;
}

/** Trees of cluster tasks that are read in parallel, and nodes whose tasks are read in parallel. */
const MAX_TREES = 32;

type ListedQuery = Omit<TaskQuery, "module" | "filter">;

/** Many nodes as one. */
export class ManyNodes implements Nodes {
  readonly isMany = true;
  readonly nodeFields = ["node"] as const;
  readonly nodeFieldsOnRequest = TOPOLOGY_FIELDS;
  readonly contact: TaskManagerClient;
  readonly #pool: NodePool;
  /** Nodes that list cluster tasks: every node that lists one knows it. */
  readonly #listedOn = new Map<string, string>();

  constructor(contact: TaskManagerClient, pool: NodePool) {
    this.contact = contact;
    this.#pool = pool;
  }

  get call(): CallOptions {
    return this.#pool.call;
  }

  get known(): readonly KnownNode[] {
    return this.#pool.nodes;
  }

  get leftOut(): Set<string> {
    return this.#pool.leftOut;
  }

  get unanswered(): readonly UnansweredNode[] {
    return this.#pool.unanswered;
  }

  get everUnanswered(): readonly UnansweredNode[] {
    return this.#pool.everUnanswered;
  }

  async startRound({ forgetsEarlier } = { forgetsEarlier: false }): Promise<void> {
    await this.#pool.startRound(forgetsEarlier);
  }

  forgetMissing(): void {
    this.#pool.forgetMissing();
    this.leftOut.clear();
  }

  clientOf(address: string): Promise<TaskManagerClient> {
    return this.#pool.client(address);
  }

  async modules(): Promise<string[]> {
    try {
      return await this.contact.listModules(this.call);
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      // All nodes have the same modules. If the contact does not answer, that is reported when all nodes are
      // queried.
      return (await this.#pool.find((client, call) => client.listModules(call))).value;
    }
  }

  async *tasks({ module, filter, ...query }: TaskQuery): AsyncGenerator<LocatedStats[]> {
    const rowFilter = new RowFilter(filter, this.leftOut);
    for (const each of module === undefined ? await this.modules() : [module]) {
      try {
        for await (const { node, tasks } of this.#listed(each, query)) {
          const look = async (unknown: readonly TaskStats[]) =>
            await this.#pool.looks(node, await this.#pool.client(node)).statuses(idsOf(unknown), each, this.call);
          const rows = await rowFilter.rows(tasks, look);
          yield rows.map((task) => located(node, module === undefined ? { module: each, ...task } : task));
        }
      } catch (error) {
        if (module !== undefined || !isRefusal(error)) throw error;
        this.leftOut.add(moduleIsGone(each));
      }
    }
    rowFilter.end();
  }

  /** The tasks of a module on each node; each cluster task once. */
  async *#listed(module: string, query: ListedQuery): AsyncGenerator<{ node: string; tasks: TaskStats[] }> {
    const seen = new Set<string>();
    for await (const { node, value } of this.each((client, call) =>
      this.#pool.budget.collect(client.streamModuleTasks(module, { ...query, ...call })),
    )) {
      const tasks = value.filter((task) => {
        if (!isClusterTask(task) || task.task_id === undefined) return true;
        if (seen.has(task.task_id)) return false;
        seen.add(task.task_id);
        this.#listedOn.set(task.task_id, node);
        return true;
      });
      yield { node, tasks: tasks.sort(byTree) };
    }
  }

  async status(id: string): Promise<LocatedStatus> {
    const { node, value } = await this.#pool.find((client, call, address) =>
      this.#pool.looks(address, client).status(id, call),
    );
    return located(node, value);
  }

  async look(id: string): Promise<LocatedStatus> {
    const { node, value } = await this.#pool.find((client, call, address) =>
      this.#pool.looks(address, client).status(id, call, careOf(this.leftOut)),
    );
    return located(node, value);
  }

  async lookAtTree(id: string, { isRepeated } = { isRepeated: false }): Promise<LocatedStatus[]> {
    const { budget } = this.#pool;
    const care = isRepeated ? careOf(this.leftOut) : undefined;
    return await treeOfNodes(this.#pool, id, async (client, call, taskId, node) => {
      if (!budget.mayRead()) return [];
      const tree = await this.#pool.looks(node, client).tree(taskId, call, care);
      if (!tree.isWhole) this.#pool.leftOut.add(PARTS_LEFT_ALONE);
      return [...budget.take(tree.statuses)];
    });
  }

  async *tree(id: string): AsyncGenerator<LocatedStatus[]> {
    yield await treeOfNodes(this.#pool, id);
  }

  /**
   * First the trees of cluster tasks, then those of tasks that are not part of one: a task that is shown as a child is
   * not shown again as a root.
   */
  async *trees(filter: TaskFilter | undefined): AsyncGenerator<LocatedStatus[]> {
    const rowFilter = new RowFilter(filter, this.leftOut);
    const roots = new Map<string, Root>();
    for await (const batch of this.tasks({})) {
      for (const { module: _, ...stats } of batch) {
        const verdict = rowFilter.verdict(stats);
        const { task_id: id, node = null } = stats;
        if (id !== undefined && verdict !== "no" && !roots.has(id)) roots.set(id, { id, node, stats, verdict });
      }
    }
    const shown = new Set<string>();
    const isShown = ({ id, verdict }: Root, tree: readonly LocatedStatus[]) => {
      if (tree[0] === undefined || shown.has(id) || (verdict !== "yes" && !rowFilter.accepts(tree[0]))) return false;
      for (const { id: part = "" } of tree) shown.add(part);
      return true;
    };
    for (const { root, tree } of await this.#clusterTrees([...roots.values()].filter(({ node }) => node === null))) {
      if (isShown(root, tree)) yield tree;
    }
    const nodeTasks = [...roots.values()].filter(({ id, node }) => node !== null && !shown.has(id));
    const answers = this.#pool.queryEach(
      nodeTasks.map(({ id, node }) => ({
        node: node as string,
        question: async (client, call) => {
          const { budget } = this.#pool;
          return budget.mayRead() ? await budget.collect(client.streamTaskStatusRecursive(id, call)) : [];
        },
      })),
    );
    let index = 0;
    for await (const { node, value } of answers) {
      const root = nodeTasks[index++] as Root;
      const tree = value?.map((status) => located(node, status)) ?? [];
      if (isShown(root, tree)) yield tree;
    }
    rowFilter.end();
  }

  /** Trees of cluster tasks, those that contain others first. A task that is gone meanwhile has none. */
  async #clusterTrees(roots: readonly Root[]): Promise<{ root: Root; tree: LocatedStatus[] }[]> {
    // In parallel: otherwise each would take the time of the slowest node.
    const trees = await Promise.all(
      inParallel(roots, MAX_TREES, async (root) => {
        try {
          return { root, tree: await treeOfNodes(this.#pool, root.id) };
        } catch (error) {
          if (isRefusal(error)) return { root, tree: [] };
          if (!isRequestFailure(error)) throw error;
          // Nodes that did not answer are reported as unanswered.
          const { task_id: id, ...stats } = root.stats;
          return { root, tree: [{ ...stats, id } as LocatedStatus] };
        }
      }),
    );
    const parts = new Set(trees.flatMap(({ tree }) => tree.slice(1).map(({ id }) => id)));
    return trees.sort((a, b) => Number(parts.has(a.root.id)) - Number(parts.has(b.root.id)));
  }

  async locate(tasks: readonly (string | ListedTask)[]): Promise<LocatedTask[]> {
    return await Promise.all(
      tasks.map(async (task) => {
        const id = typeof task === "string" ? task : task.task_id;
        const listedOn = typeof task === "string" ? undefined : (task.node ?? this.#listedOn.get(id));
        const address = listedOn ?? (await this.#find(id));
        if (address === undefined) return { id, client: this.contact, reached: false };
        return { id, client: await this.#pool.client(address), reached: true };
      }),
    );
  }

  async lookAt(tasks: readonly ListedTask[], module: string): Promise<Looked[]> {
    const byNode = new Map<string, ListedTask[]>();
    for (const task of tasks) {
      const node = task.node ?? this.#listedOn.get(task.task_id);
      if (node === undefined) continue;
      const some = byNode.get(node);
      if (some === undefined) byNode.set(node, [task]);
      else some.push(task);
    }
    const looked = new Map<ListedTask, Looked>();
    await Promise.all(
      inParallel(byNode, MAX_TREES, async ([node, some]) => {
        const looks = this.#pool.looks(node, await this.#pool.client(node));
        const statuses = await statusesOrNone(looks, idsOf(some), module, this.call);
        for (const [index, task] of some.entries()) looked.set(task, statuses[index]);
      }),
    );
    return tasks.map((task) => looked.get(task));
  }

  /** The node that knows a task. */
  async #find(id: string): Promise<string | undefined> {
    try {
      return (await this.#pool.find((client, call, node) => this.#pool.looks(node, client).find(id, call))).node;
    } catch (error) {
      if (isRequestFailure(error)) return undefined;
      throw error;
    }
  }

  async *each<T>(question: Question<T>, options?: { readonly parallel: number }): AsyncGenerator<NodeAnswer<T>> {
    let answered = false;
    let refusal: Error | undefined;
    for await (const { node, value, error } of this.#pool.query(question, options?.parallel)) {
      if (error === undefined) {
        answered = true;
        yield { node, value };
      } else if (isRefusal(error)) refusal ??= error;
    }
    if (!answered && refusal !== undefined) throw refusal;
  }
}

/** rest-api: lists have no particular order; within a node, tasks of one tree are kept together. */
function byTree(a: TaskStats, b: TaskStats): number {
  return (a.sequence_number ?? 0) - (b.sequence_number ?? 0) || ((a.task_id ?? "") < (b.task_id ?? "") ? -1 : 1);
}
