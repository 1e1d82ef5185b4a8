import { HttpStatusError, isRefusal } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import type { TaskFilter } from "../tasks/filter.js";
import type { KnownNode } from "./discovery.js";
import {
  careOf,
  idsOf,
  type Looked,
  type Looks,
  looksAt,
  moduleIsGone,
  PARTS_LEFT_ALONE,
  statusesOrNone,
} from "./look.js";
import type { ListedTask, LocatedTask, NodeAnswer, Nodes, Question, TaskQuery } from "./nodes.js";
import { RowFilter } from "./row-filter.js";
import { TaskBudget } from "./task-budget.js";

/** One node, with exactly nodetool's requests, in the same order (nodetool-tasks: Subcommands). */
export class OneNode implements Nodes {
  readonly isMany = false;
  readonly nodeFields = [];
  readonly nodeFieldsOnRequest = [];
  readonly leftOut: Set<string>;
  readonly unanswered = [];
  readonly everUnanswered = [];
  readonly contact: TaskManagerClient;
  readonly call: CallOptions;
  readonly known: readonly KnownNode[];
  readonly #budget: TaskBudget;
  readonly #looks: Looks;

  constructor(contact: TaskManagerClient, call: CallOptions, maxTasks: number, leftOut = new Set<string>()) {
    this.leftOut = leftOut;
    this.#budget = new TaskBudget(maxTasks, this.leftOut);
    this.#looks = looksAt(contact, call);
    this.contact = contact;
    this.call = call;
    this.known = [{ address: new URL(contact.origin).hostname, live: true }];
  }

  modules(): Promise<string[]> {
    return this.contact.listModules(this.call);
  }

  async *tasks({ module, filter, ...query }: TaskQuery): AsyncGenerator<TaskStats[]> {
    const rowFilter = new RowFilter(filter, this.leftOut);
    for (const each of module === undefined ? await this.modules() : [module]) {
      const listed = this.contact.streamModuleTasks(each, { ...query, ...this.call });
      try {
        for await (const batch of this.#budget.within(listed)) {
          const rows = await rowFilter.rows(batch, (tasks) => this.#looks.statuses(idsOf(tasks), each, this.call));
          yield module === undefined ? rows.map((stats) => ({ module: each, ...stats })) : rows;
        }
      } catch (error) {
        if (module !== undefined || !isRefusal(error)) throw error;
        this.leftOut.add(moduleIsGone(each));
      }
    }
    rowFilter.end();
  }

  status(id: string): Promise<TaskStatus> {
    return this.contact.taskStatus(id, this.call);
  }

  look(id: string): Promise<TaskStatus> {
    return this.#looks.status(id, this.call, careOf(this.leftOut));
  }

  async lookAtTree(id: string, { isRepeated } = { isRepeated: false }): Promise<TaskStatus[]> {
    const { statuses, isWhole } = await this.#looks.tree(id, this.call, isRepeated ? careOf(this.leftOut) : undefined);
    if (!isWhole) this.leftOut.add(PARTS_LEFT_ALONE);
    return [...this.#budget.take(statuses)];
  }

  tree(id: string): AsyncGenerator<TaskStatus[]> {
    return this.#budget.within(this.contact.streamTaskStatusRecursive(id, this.call));
  }

  async *trees(filter: TaskFilter | undefined): AsyncGenerator<TaskStatus[]> {
    const rowFilter = new RowFilter(filter, this.leftOut);
    for (const module of await this.modules()) {
      for (const stats of await this.#budget.collect(this.contact.streamModuleTasks(module, this.call))) {
        const verdict = rowFilter.verdict(stats);
        if (stats.task_id === undefined || verdict === "no" || !this.#budget.mayRead()) continue;
        const tree = await this.#treeIfKept(stats.task_id);
        if (tree[0] !== undefined && (verdict === "yes" || rowFilter.accepts(tree[0]))) yield tree;
      }
    }
    rowFilter.end();
  }

  async #treeIfKept(id: string): Promise<TaskStatus[]> {
    try {
      return await this.#budget.collect(this.contact.streamTaskStatusRecursive(id, this.call));
    } catch (error) {
      // It was unregistered since it was listed. nodetool-tasks: tree accepts any 400 for that, but not a proxy's.
      if (error instanceof HttpStatusError && error.status === 400 && error.body !== "foreign") return [];
      throw error;
    }
  }

  async locate(tasks: readonly (string | ListedTask)[]): Promise<LocatedTask[]> {
    const client = this.contact;
    return tasks.map((task) =>
      typeof task === "string" ? { id: task, client, reached: false } : { id: task.task_id, client, reached: true },
    );
  }

  lookAt(tasks: readonly ListedTask[], module: string): Promise<Looked[]> {
    return statusesOrNone(this.#looks, idsOf(tasks), module, this.call);
  }

  async *each<T>(question: Question<T>): AsyncGenerator<NodeAnswer<T>> {
    const [{ address }] = this.known as [KnownNode];
    yield { node: address, value: await question(this.contact, this.call, address) };
  }

  async clientOf(): Promise<TaskManagerClient> {
    return this.contact;
  }

  async startRound(): Promise<void> {
    this.#budget.startRound();
  }

  forgetMissing(): void {
    this.leftOut.clear();
  }
}
