import { isRefusal, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { inParallel } from "../runtime/in-parallel.js";
import type { KnownNode } from "./discovery.js";
import { PARTS_LEFT_ALONE } from "./look.js";
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
  TreeQuery,
  UnansweredNode,
} from "./nodes.js";
import { isClusterTask, located, treeOfNodes } from "./task-tree.js";
import { TOPOLOGY_FIELDS } from "./topology.js";
import { isWanted } from "./wanted.js";

type ListedQuery = Omit<TaskQuery, "module">;

/** Many nodes as one. */
export class ManyNodes implements Nodes {
  readonly isMany = true;
  readonly places = ["node"] as const;
  readonly placesOnRequest = TOPOLOGY_FIELDS;
  readonly leftOut = new Set<string>();
  readonly contact: TaskManagerClient;
  readonly #pool: NodePool;
  /** Where cluster tasks were listed: each node that lists one knows it. */
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

  get unanswered(): readonly UnansweredNode[] {
    return this.#pool.unanswered;
  }

  get everUnanswered(): readonly UnansweredNode[] {
    return this.#pool.everUnanswered;
  }

  startRound(): void {
    this.#pool.startRound();
  }

  async modules(): Promise<string[]> {
    return await this.contact.listModules(this.call);
  }

  async *tasks({ module, ...query }: TaskQuery): AsyncGenerator<LocatedStats[]> {
    if (module !== undefined) {
      yield* this.#tasksOf(module, query);
      return;
    }
    for (const each of await this.modules()) {
      for await (const batch of this.#tasksOf(each, query)) {
        yield batch.map(({ node, ...stats }) => ({ node, module: each, ...stats }));
      }
    }
  }

  async *#tasksOf(module: string, query: ListedQuery): AsyncGenerator<LocatedStats[]> {
    const seen = new Set<string>();
    for await (const { node, value } of this.each((client, call) =>
      client.listModuleTasks(module, { ...query, ...call }),
    )) {
      const tasks = value.filter((task) => {
        if (!isClusterTask(task) || task.task_id === undefined) return true;
        if (seen.has(task.task_id)) return false;
        seen.add(task.task_id);
        this.#listedOn.set(task.task_id, node);
        return true;
      });
      yield tasks.sort(byTree).map((task) => located(node, task));
    }
  }

  async status(id: string): Promise<LocatedStatus> {
    const { node, value } = await this.#look(id);
    return located(node, value);
  }

  async lookAtTree(id: string): Promise<LocatedStatus[]> {
    return await treeOfNodes(this.#pool, id, async (client, call, taskId, node) => {
      const tree = await this.#pool.looks(node, client).tree(taskId, call);
      if (!tree.isWhole) this.leftOut.add(PARTS_LEFT_ALONE);
      return tree.statuses;
    });
  }

  async *tree(id: string): AsyncGenerator<LocatedStatus[]> {
    yield await treeOfNodes(this.#pool, id);
  }

  async *trees({ filter, unjudged }: TreeQuery): AsyncGenerator<LocatedStatus[]> {
    for (const module of await this.modules()) {
      for await (const listed of this.#tasksOf(module, {})) {
        const verdicts = new Map(listed.map((stats) => [stats.task_id, filter?.(stats) ?? "yes"]));
        const candidates = listed.filter(({ task_id }) => verdicts.get(task_id) !== "no");
        for await (const tree of this.#treesOf(candidates)) {
          if (isWanted(verdicts.get(tree[0]?.id) ?? "yes", tree[0], filter, unjudged)) yield tree;
        }
      }
    }
  }

  /** The trees of listed tasks, each of its own node or, of a cluster task, over all; a task that is gone meanwhile has none. */
  async *#treesOf(tasks: readonly LocatedStats[]): AsyncGenerator<LocatedStatus[]> {
    const nodeTasks = tasks.flatMap(({ node, task_id: id }) =>
      typeof node !== "string" || id === undefined ? [] : [{ node, id }],
    );
    const answers = this.#pool.askEach(
      nodeTasks.map(({ node, id }) => ({ node, question: (client, call) => client.taskStatusRecursive(id, call) })),
    );
    for await (const { node, value } of answers) {
      if (value !== undefined) yield value.map((status) => located(node, status));
    }
    // Side by side: one after the other, each would take the time of the slowest node anew.
    const clusterTasks = tasks.flatMap(({ node, task_id: id }) => (node !== null || id === undefined ? [] : [id]));
    for (const tree of inParallel(clusterTasks, Number.POSITIVE_INFINITY, (id) => treeOfNodes(this.#pool, id))) {
      try {
        yield await tree;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
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

  /** The node that knows a task. */
  async #find(id: string): Promise<string | undefined> {
    try {
      return (await this.#look(id)).node;
    } catch (error) {
      if (error instanceof TaskManagerError && !(error instanceof RequestAbortedError)) return undefined;
      throw error;
    }
  }

  #look(id: string): Promise<{ readonly node: string; readonly value: TaskStatus }> {
    return this.#pool.find((client, call, node) => this.#pool.looks(node, client).status(id, call));
  }

  async *each<T>(question: Question<T>, terms?: { readonly parallel: number }): AsyncGenerator<NodeAnswer<T>> {
    let answered = false;
    let refusal: Error | undefined;
    for await (const { node, value, error } of this.#pool.ask(question, terms?.parallel)) {
      if (error === undefined) {
        answered = true;
        yield { node, value };
      } else if (isRefusal(error)) refusal ??= error;
    }
    if (!answered && refusal !== undefined) throw refusal;
  }
}

/** rest-api: lists come in no particular order; within a node, tasks of one tree stand together. */
function byTree(a: TaskStats, b: TaskStats): number {
  return (a.sequence_number ?? 0) - (b.sequence_number ?? 0) || ((a.task_id ?? "") < (b.task_id ?? "") ? -1 : 1);
}
