import { isRefusal, isRequestFailure } from "../client/errors.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { isFinished } from "../vocabulary.js";
import type { ListedTask, Nodes } from "./nodes.js";

/** A task as a poll saw it. */
export interface PolledTask {
  readonly id: string;
  readonly module: string;
  /** Address of its node; empty of a cluster task. */
  readonly node: string;
  readonly stats: TaskStats;
  /** Of one that was looked at, where it could be. */
  readonly status: TaskStatus | undefined;
}

/** What one round of questions to all nodes told. */
export interface Poll {
  readonly nodes: readonly string[];
  /** Who did not answer all of it; of them nothing is known. */
  readonly unanswered: ReadonlyMap<string, string>;
  readonly tasks: readonly PolledTask[];
  /** Tasks to look at whose status was not asked for, because there are too many. */
  readonly unlooked: number;
}

/** Tasks whose status is asked for, a request each. */
const MOST_LOOKS = 1000;

export interface PollTerms {
  /** Without it, those that any of the nodes has. */
  readonly modules?: readonly string[] | undefined;
  /** Which tasks to look at; without it, those that have not ended. */
  isLookedAt?(task: TaskStats): boolean;
}

const isUnfinished = (task: TaskStats) => !isFinished(task);

/**
 * Asks every node for its modules, their tasks, and the status of some. Destroys nothing on any release, and a node that does not answer is
 * no failure.
 * @throws HttpStatusError 400 where no node has a module that was named
 */
export async function poll(nodes: Nodes, { modules: named, isLookedAt = isUnfinished }: PollTerms = {}): Promise<Poll> {
  await nodes.startRound({ forgetsEarlier: true });
  const contactName = nodes.known[0]?.address ?? "";
  const tasks: PolledTask[] = [];
  const failed = new Map<string, string>();
  let looks = 0;
  let unlooked = 0;
  try {
    for (const module of named ?? (await modulesOf(nodes))) {
      const rows = await listed(nodes, module, named !== undefined);
      const wanted = rows.filter(isLookedAt);
      const looked = wanted.slice(0, MOST_LOOKS - looks);
      looks += looked.length;
      unlooked += wanted.length - looked.length;
      const statuses = await nodes.lookAt(looked, module);
      const statusOf = new Map(looked.map((row, index) => [row, statuses[index]]));
      for (const row of rows) {
        const node = row.kind === "cluster" ? "" : (row.node ?? contactName);
        const status = statusOf.get(row);
        tasks.push({ id: row.task_id, module, node, stats: row, status: status === "gone" ? undefined : status });
      }
    }
  } catch (error) {
    // Of many, who does not answer is among the unanswered; one that is alone says so here.
    if (!isRequestFailure(error) || isRefusal(error)) throw error;
    failed.set(contactName, error.message);
  }
  for (const { node, reason } of nodes.unanswered) failed.set(node, reason);
  const known = nodes.known.map(({ address }) => address);
  const isUp = known.some((node) => !failed.has(node));
  // Of a node that did not answer all, a part would look like the whole.
  const whole = tasks.filter(({ node }) => (node === "" ? isUp : !failed.has(node)));
  return { nodes: known, unanswered: failed, tasks: whole, unlooked };
}

async function modulesOf(nodes: Nodes): Promise<ReadonlySet<string>> {
  const modules = new Set<string>();
  for await (const { value } of nodes.each((client, call) => client.listModules(call))) {
    for (const module of value) modules.add(module);
  }
  return modules;
}

async function listed(nodes: Nodes, module: string, isNamed: boolean): Promise<ListedTask[]> {
  const rows: ListedTask[] = [];
  try {
    for await (const batch of nodes.tasks({ module })) {
      for (const row of batch) if (row.task_id !== undefined) rows.push(row as ListedTask);
    }
  } catch (error) {
    // Nobody has the module any more.
    if (isNamed || !isRefusal(error)) throw error;
  }
  return rows;
}
