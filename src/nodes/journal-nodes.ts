import type { CallOptions } from "../client/task-manager.js";
import { STATS_FIELD_NAMES, type TaskStats, type TaskStatus } from "../client/wire.js";
import { isStartedByServer, type KnownTask, spanOf, TaskFold } from "../journal/fold-tasks.js";
import { emptyJournal, readJournal, STDIN_JOURNAL } from "../journal/read-journal.js";
import { timeAt } from "../journal/time-point.js";
import { stdinPieces } from "../runtime/read-stdin.js";
import type { Runtime } from "../runtime/runtime.js";
import { secondText } from "../strings/time-text.js";
import type { TaskFilter } from "../tasks/filter.js";
import type { ProgressPoint } from "../tasks/progress.js";
import type { SeenTimes } from "../tasks/timeline/span.js";
import { UsageError } from "../usage-error.js";
import { digitsOf, MODULE_NAMES } from "../vocabulary.js";
import type { ConnectionOptions } from "./connection-options.js";
import { compareAddresses, type KnownNode } from "./discovery.js";
import { JournalClient, type RecordedNode, UnknownTaskError } from "./journal-client.js";
import type {
  Connection,
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
import { TaskBudget } from "./task-budget.js";
import { isClusterTask } from "./task-tree.js";

/**
 * Reads a journal, up to the time of `--at`, instead of nodes.
 * @param looksBack whether the command works with a journal
 * @throws UsageError if it does not, if there is no such journal, or if it starts later
 */
export async function openJournal(
  runtime: Runtime,
  journal: string,
  { at, maxTasks }: Pick<ConnectionOptions, "at" | "maxTasks">,
  looksBack: boolean,
): Promise<Connection> {
  if (!looksBack) {
    throw new UsageError(
      "option '--from <journal>': not supported by this command. It works with list, modules, status, tree, explain, wait, timeline and compare.",
    );
  }
  const untilMs = at === undefined ? undefined : timeAt(at, runtime.clock.now());
  const { clock, interrupt: signal } = runtime;
  const leftOut = new Set<string>();
  const fold = new TaskFold();
  const stdin = journal === STDIN_JOURNAL ? stdinPieces(runtime) : undefined;
  for await (const lines of readJournal(journal, { leftOut, untilMs, stdin, signal })) fold.addAll(lines);
  fold.finish();
  if (fold.begin === undefined) {
    if (untilMs === undefined) throw emptyJournal(journal);
    throw new UsageError(`option '--at <time>': the journal '${journal}' starts after ${secondText(untilMs)}`);
  }
  const nowMs = untilMs ?? Date.parse(fold.end ?? fold.begin);
  sayWhatWasNotWatched(fold, untilMs, leftOut);
  const nodes = new JournalNodes(journal, fold, { signal }, new TaskBudget(maxTasks, leftOut), leftOut);
  // Ages and durations count up to this time.
  return { nodes, clock: { ...clock, now: () => nowMs }, discover: async () => nodes, close: async () => {} };
}

function sayWhatWasNotWatched(fold: TaskFold, untilMs: number | undefined, leftOut: Set<string>): void {
  if (untilMs === undefined) return;
  const gap = fold.gaps.find(({ from, to }) => Date.parse(from) <= untilMs && untilMs < Date.parse(to));
  if (gap !== undefined) {
    leftOut.add(`nothing was recorded from ${gap.from} to ${gap.to}: showing the state before that`);
  } else if (fold.isStopped && fold.end !== undefined) {
    leftOut.add(`the recording stopped at ${fold.end}: showing the state at that time`);
  }
}

/** Rows are passed on in batches, like those of a server. */
const BATCH_ROWS = 1000;

/** A journal as nodes. Finished tasks are still there, because a journal forgets nothing. */
class JournalNodes implements Nodes {
  readonly isMany: boolean;
  readonly nodeFields: readonly "node"[];
  readonly nodeFieldsOnRequest = [];
  readonly contact: JournalClient;
  readonly call: CallOptions;
  readonly known: readonly KnownNode[];
  readonly leftOut: Set<string>;
  readonly everUnanswered: UnansweredNode[] = [];
  readonly #journal: string;
  readonly #fold: TaskFold;
  readonly #budget: TaskBudget;
  #children: ReadonlyMap<string, readonly KnownTask[]> | undefined;

  constructor(journal: string, fold: TaskFold, call: CallOptions, budget: TaskBudget, leftOut: Set<string>) {
    this.#journal = journal;
    this.#fold = fold;
    this.#budget = budget;
    this.call = call;
    this.leftOut = leftOut;
    this.isMany = fold.nodes.size > 1 || fold.segment?.all_nodes === true;
    this.nodeFields = this.isMany ? ["node"] : [];
    this.known = [...fold.nodes].sort(compareAddresses).map((address) => ({ address, live: !fold.lost.has(address) }));
    this.contact = new JournalClient(this.#recordedNode());
  }

  get unanswered(): readonly UnansweredNode[] {
    return this.everUnanswered;
  }

  async modules(): Promise<string[]> {
    return this.#modules();
  }

  #modules(): string[] {
    const found = new Set<string>();
    for (const { module } of this.#fold.tasks.values()) if (module !== undefined) found.add(module);
    return [...MODULE_NAMES.filter((name) => found.delete(name)), ...found];
  }

  async *tasks(query: TaskQuery): AsyncGenerator<LocatedStats[]> {
    this.#missLost();
    yield* this.#budget.within(this.#listed(query));
  }

  async *#listed({ module, internal = false, keyspace, table, filter }: TaskQuery): AsyncGenerator<LocatedStats[]> {
    const rowFilter = new RowFilter(filter, this.leftOut);
    if (module !== undefined && !this.#modules().includes(module) && !MODULE_NAMES.includes(module)) {
      throw new UsageError(`the journal '${this.#journal}' has no task of module '${module}'`);
    }
    let batch: LocatedStats[] = [];
    for (const task of this.#fold.tasks.values()) {
      if (module !== undefined && task.module !== module) continue;
      if (!internal && this.#isInternal(task)) continue;
      const { status } = task;
      if ((keyspace ?? status.keyspace) !== status.keyspace || (table ?? status.table) !== status.table) continue;
      const row = this.#statsOf(task, status, module === undefined);
      if (filter !== undefined && !rowFilter.accepts(row as TaskStatus)) continue;
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    yield batch;
    rowFilter.end();
  }

  async status(id: string): Promise<LocatedStatus> {
    return this.#statusOf(this.#find(id));
  }

  look(id: string): Promise<LocatedStatus> {
    return this.status(id);
  }

  async lookAtTree(id: string): Promise<readonly LocatedStatus[]> {
    return this.#budget.take(this.#treeOf(this.#find(id)));
  }

  async *tree(id: string): AsyncGenerator<LocatedStatus[]> {
    yield [...(await this.lookAtTree(id))];
  }

  async *trees(filter: TaskFilter | undefined): AsyncGenerator<LocatedStatus[]> {
    this.#missLost();
    const rowFilter = new RowFilter(filter, this.leftOut);
    const shown = new Set<string>();
    const roots = [...this.#fold.tasks.values()].filter((task) => !this.#isInternal(task));
    // First those that may contain others.
    const isPart = (task: KnownTask) => Number(task.parent !== undefined);
    for (const task of roots.sort((a, b) => isPart(a) - isPart(b))) {
      if (shown.has(task.id) || !rowFilter.accepts(this.#statusOf(task))) continue;
      if (!this.#budget.mayRead()) break;
      const tree = this.#budget.take(this.#treeOf(task));
      for (const { id = "" } of tree) shown.add(id);
      yield [...tree];
    }
    rowFilter.end();
  }

  async locate(tasks: readonly (string | ListedTask)[]): Promise<LocatedTask[]> {
    return tasks.map((task) => ({
      id: typeof task === "string" ? task : task.task_id,
      client: this.contact,
      reached: true,
    }));
  }

  async lookAt(tasks: readonly ListedTask[]): Promise<(TaskStatus | "gone")[]> {
    return tasks.map(({ task_id }) => {
      const task = this.#fold.tasks.get(task_id);
      return task === undefined ? "gone" : task.status;
    });
  }

  async *each<T>(question: Question<T>): AsyncGenerator<NodeAnswer<T>> {
    this.#missLost();
    for (const { address, live } of this.known) {
      if (live) yield { node: address, value: await question(this.contact, this.call, address) };
    }
  }

  async progressOver(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly ProgressPoint[]>> {
    const points = new Map<string, ProgressPoint[]>();
    // Stdin cannot be read again.
    if (this.#journal === STDIN_JOURNAL) return points;
    const add = (id: string, at: string, completed: number | undefined, total: number | undefined) => {
      if (!ids.has(id) || completed === undefined || total === undefined) return;
      const point = { atMs: Date.parse(at), completed, total };
      const known = points.get(id);
      if (known === undefined) points.set(id, [point]);
      else known.push(point);
    };
    const { signal } = this.call;
    const untilMs = this.#fold.end === undefined ? undefined : Date.parse(this.#fold.end);
    for await (const lines of readJournal(this.#journal, { leftOut: this.leftOut, untilMs, signal })) {
      for (const line of lines) {
        if (line.event === "task_progress") add(line.id, line.at, line.completed, line.total);
        else if (line.event === "task_seen" || line.event === "task_ended") {
          add(line.id, line.at, line.task.progress_completed, line.task.progress_total);
        }
      }
    }
    return points;
  }

  timesSeen(ids: Iterable<string>): ReadonlyMap<string, SeenTimes> {
    const times = new Map<string, SeenTimes>();
    for (const id of ids) {
      const task = this.#fold.tasks.get(id);
      if (task !== undefined) times.set(id, spanOf(task));
    }
    return times;
  }

  async startRound(): Promise<void> {
    this.#budget.startRound();
  }

  async clientOf(): Promise<JournalClient> {
    return this.contact;
  }

  forgetMissing(): void {
    this.leftOut.clear();
    this.everUnanswered.length = 0;
  }

  /** What a lost node did since then is unknown, so a result for all nodes is incomplete. */
  #missLost(): void {
    if (this.everUnanswered.length > 0) return;
    for (const { node, at, reason } of this.#fold.lost.values()) {
      this.everUnanswered.push({ node, reason: `lost since ${at}: ${reason}` });
    }
  }

  /** semantics 5: part of a node task, or started by the server itself. */
  #isInternal(task: KnownTask): boolean {
    const { parent } = task;
    if (parent === undefined) return isStartedByServer(task.status);
    const known = this.#fold.tasks.get(parent);
    return known === undefined || !isClusterTask(known.status);
  }

  /** @throws UnknownTaskError */
  #find(id: string): KnownTask {
    const { tasks, begin, end } = this.#fold;
    const found = tasks.get(id);
    if (found !== undefined) return found;
    const digits = digitsOf(id);
    for (const task of tasks.values()) if (digitsOf(task.id) === digits) return task;
    throw new UnknownTaskError(id, `the journal '${this.#journal}' has no task ${id} (from ${begin} to ${end})`);
  }

  #statusOf({ node, status, isGone }: KnownTask): LocatedStatus {
    const shown = isGone ? { ...status, state: "gone" } : status;
    return this.isMany ? { node, ...shown } : shown;
  }

  #statsOf({ id, node, module, isGone }: KnownTask, status: TaskStatus, withModule: boolean): LocatedStats {
    const row: LocatedStats = this.isMany ? { node } : {};
    if (withModule) row.module = module ?? "";
    row.task_id = id;
    for (const field of STATS_FIELD_NAMES) if (status[field] !== undefined) row[field] = status[field];
    if (isGone) row.state = "gone";
    return row;
  }

  /** A task and all below it, breadth first. */
  #treeOf(root: KnownTask): LocatedStatus[] {
    const { tasks } = this.#fold;
    const inTree = new Set<KnownTask>([root]);
    const tree: LocatedStatus[] = [];
    const absent: LocatedStatus[] = [];
    for (const task of inTree) {
      const status = this.#statusOf(task);
      tree.push(status);
      for (const child of this.#childrenOf(task.id)) inTree.add(child);
      for (const { task_id: id, node } of status.children_ids ?? []) {
        const child = tasks.get(id);
        if (child !== undefined) inTree.add(child);
        // Of a node task the server folds children away; one of a cluster task was there (semantics 9, 21).
        else if (this.isMany && isClusterTask(status)) {
          absent.push({ node, id, state: "gone", parent_id: task.id, children_ids: [] });
        }
      }
    }
    for (const status of absent) tree.push(status);
    return tree;
  }

  #childrenOf(id: string): readonly KnownTask[] {
    this.#children ??= childrenByParent(this.#fold.tasks.values());
    return this.#children.get(id) ?? [];
  }

  #recordedNode(): RecordedNode {
    const fold = this.#fold;
    const { segment } = fold;
    const [release = ""] = Object.values(segment?.releases ?? {});
    return {
      modules: () => this.#modules(),
      tasks: (query): AsyncIterable<TaskStats[]> => this.tasks(query),
      status: (id) => this.#statusOf(this.#find(id)),
      tree: (id) => this.tree(id),
      noOutcome: (id) => {
        const { endedMs, isGone } = this.#find(id);
        if (isGone) return `task ${id} was gone at ${secondText(endedMs ?? 0)}: its outcome is unknown`;
        return endedMs === undefined ? `task ${id} was still running when the journal ended (${fold.end})` : undefined;
      },
      release: () => (typeof release === "string" ? release : ""),
      clusterName: () => segment?.cluster ?? "",
      live: () => this.known.filter(({ live }) => live).map(({ address }) => address),
      lost: () => this.known.filter(({ live }) => !live).map(({ address }) => address),
    };
  }
}

function childrenByParent(tasks: Iterable<KnownTask>): Map<string, KnownTask[]> {
  const byParent = new Map<string, KnownTask[]>();
  for (const task of tasks) {
    const { parent } = task;
    if (parent === undefined) continue;
    const siblings = byParent.get(parent);
    if (siblings === undefined) byParent.set(parent, [task]);
    else siblings.push(task);
  }
  return byParent;
}
