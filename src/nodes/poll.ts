import { isRefusal, isRequestFailure } from "../client/errors.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { isFinished } from "../vocabulary.js";
import type { ListedTask, Nodes } from "./nodes.js";

/** A task as seen by a poll. */
export interface PolledTask {
  readonly id: string;
  readonly module: string;
  /** Address of its node; empty for a cluster task. */
  readonly node: string;
  readonly stats: TaskStats;
  /** Its status, if it was read. */
  readonly status: TaskStatus | undefined;
}

/** The result of one poll of all nodes. */
export interface Poll {
  readonly nodes: readonly string[];
  /** Nodes that did not answer every request; nothing is known of their tasks. */
  readonly unanswered: ReadonlyMap<string, string>;
  readonly tasks: readonly PolledTask[];
  /** Number of tasks whose status was not read, because there are too many. */
  readonly unlooked: number;
}

/** Limit for statuses to read, one request each. */
const MOST_LOOKS = 1000;

export interface PollOptions {
  /** Default: those that any node has. */
  readonly modules?: readonly string[] | undefined;
  /** Which statuses to read; default: those of unfinished tasks. */
  isLookedAt?(task: TaskStats): boolean;
}

const isUnfinished = (task: TaskStats) => !isFinished(task);

/**
 * Reads the modules of every node, their tasks, and some statuses. No server forgets a task, and a node that does not
 * answer is not an error.
 * @throws HttpStatusError 400 if no node has a named module
 */
export async function poll(
  nodes: Nodes,
  { modules: named, isLookedAt = isUnfinished }: PollOptions = {},
): Promise<Poll> {
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
    // With many nodes, those that do not answer are in `unanswered`; a single node is reported here.
    if (!isRequestFailure(error) || isRefusal(error)) throw error;
    failed.set(contactName, error.message);
  }
  for (const { node, reason } of nodes.unanswered) failed.set(node, reason);
  const known = nodes.known.map(({ address }) => address);
  const isUp = known.some((node) => !failed.has(node));
  // A part of a node's tasks would look like all of them.
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
    // No node has the module any more.
    if (isNamed || !isRefusal(error)) throw error;
  }
  return rows;
}
