import { isRefusal, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import type { ListedTask, Nodes } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** A task as a poll saw it. */
export interface PolledTask {
  readonly id: string;
  readonly module: string;
  /** Address of its node; empty of a cluster task. */
  readonly node: string;
  readonly stats: TaskStats;
  /** Of an unfinished one, where it could be asked for. */
  readonly status: TaskStatus | undefined;
}

/** What one round of questions to all nodes told. */
export interface Poll {
  readonly nodes: readonly string[];
  /** Who did not answer all of it; of them nothing is known. */
  readonly unanswered: ReadonlyMap<string, string>;
  readonly tasks: readonly PolledTask[];
  /** Unfinished tasks whose status was not asked for, because there are too many. */
  readonly unlooked: number;
}

/** Unfinished tasks whose progress is asked for, a request each. */
const MOST_LOOKS = 1000;

/** Asks every node for its modules, their tasks, and how far the unfinished ones are. Destroys nothing on any release. */
export async function poll(nodes: Nodes): Promise<Poll> {
  await nodes.startRound({ forgetsEarlier: true });
  const contactName = nodes.known[0]?.address ?? "";
  const tasks: PolledTask[] = [];
  const failed = new Map<string, string>();
  let looks = 0;
  let unlooked = 0;
  try {
    const modules = new Set<string>();
    for await (const { value } of nodes.each((client, call) => client.listModules(call))) {
      for (const module of value) modules.add(module);
    }
    for (const module of modules) {
      const rows = await listed(nodes, module);
      const unfinished = rows.filter(({ state = "" }) => !FINISHED_STATES.has(state));
      const looked = unfinished.slice(0, MOST_LOOKS - looks);
      looks += looked.length;
      unlooked += unfinished.length - looked.length;
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
    if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
    failed.set(contactName, error.message);
  }
  for (const { node, reason } of nodes.unanswered) failed.set(node, reason);
  const known = nodes.known.map(({ address }) => address);
  const isUp = known.some((node) => !failed.has(node));
  // Of a node that did not answer all, a part would look like the whole.
  const whole = tasks.filter(({ node }) => (node === "" ? isUp : !failed.has(node)));
  return { nodes: known, unanswered: failed, tasks: whole, unlooked };
}

async function listed(nodes: Nodes, module: string): Promise<ListedTask[]> {
  const rows: ListedTask[] = [];
  try {
    for await (const batch of nodes.tasks({ module })) {
      for (const row of batch) if (row.task_id !== undefined) rows.push(row as ListedTask);
    }
  } catch (error) {
    // Nobody has the module any more.
    if (!isRefusal(error)) throw error;
  }
  return rows;
}

/** Tasks that are gone, and whose end may still be told. */
const LAST_LOOKS_AT_ONCE = 16;

/**
 * How cluster tasks ended that no list has any more: their status may be readable for longer (semantics 24, 26), and is never destroyed.
 * Nothing where nobody knows.
 */
export async function lastStatuses(nodes: Nodes, ids: readonly string[]): Promise<(TaskStatus | undefined)[]> {
  return await Promise.all(
    inParallel(ids.slice(0, MOST_LOOKS), LAST_LOOKS_AT_ONCE, async (id) => {
      try {
        return await nodes.contact.taskStatus(id, nodes.call);
      } catch (error) {
        if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
        return undefined;
      }
    }),
  );
}
