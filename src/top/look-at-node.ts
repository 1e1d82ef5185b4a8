import { HttpStatusError, isRequestFailure, type TaskManagerError } from "../client/errors.js";
import { parseRelease, traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { type Looks, looksAt, MAX_LOOKS } from "../nodes/look.js";
import { inParallel } from "../runtime/in-parallel.js";

/** The result of one look at a node. */
export interface NodeLook {
  readonly node: string;
  readonly release: string | undefined;
  /** The tasks of all modules, from lists without internal tasks. */
  readonly rows: readonly (TaskStats & { readonly module: string })[];
  readonly statuses: ReadonlyMap<string, TaskStatus>;
  /** Whether the node has more tasks than were read. */
  readonly isPart: boolean;
  /** Whether statuses of running tasks are not read, because the release may unregister a task when its status is read. */
  readonly isCareful: boolean;
}

/** A look that failed. */
export interface FailedLook {
  readonly node: string;
  readonly error: TaskManagerError;
}

/** Chooses the listed tasks whose statuses to read; at most {@link MAX_LOOKS} are read. */
export type WantedStatuses = (node: string, rows: readonly TaskStats[]) => readonly string[];

/** Maximum of modules that are listed concurrently. */
const MODULES_AT_ONCE = 4;
/** At most this many tasks of a node are read. */
const MOST_ROWS = 250_000;
/**
 * The list of modules is read again after this many looks. An upgrade may add modules, but then the node goes down and it is read
 * anyway.
 */
const MODULES_FOR = 100;

/** Reads one node again and again: one request per module, and some for statuses. No request unregisters a task. */
export class NodeWatcher {
  readonly node: string;
  readonly #client: () => Promise<TaskManagerClient>;
  #looks: Looks | undefined;
  #modules: readonly string[] = [];
  #modulesLeft = 0;
  #release: string | undefined;

  constructor(node: string, client: () => Promise<TaskManagerClient>) {
    this.node = node;
    this.#client = client;
  }

  /** @throws RequestAbortedError when the signal aborts, and any error that is not a node's */
  async look(wanted: WantedStatuses, call: CallOptions): Promise<NodeLook | FailedLook> {
    try {
      return await this.#lookWell(wanted, call);
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      // The node may come back with another release.
      this.#modulesLeft = 0;
      this.#looks = undefined;
      return { node: this.node, error };
    }
  }

  async #lookWell(wanted: WantedStatuses, call: CallOptions): Promise<NodeLook> {
    const { node } = this;
    const client = await this.#client();
    this.#looks ??= looksAt(client, call);
    if (this.#modulesLeft === 0) {
      this.#modules = await client.listModules(call);
      this.#release = await releaseText(client, call);
      this.#modulesLeft = MODULES_FOR;
    } else this.#modulesLeft--;
    const statuses = new Map<string, TaskStatus>();
    const rows: NodeLook["rows"][number][] = [];
    let isPart = false;
    const listed = inParallel(this.#modules, MODULES_AT_ONCE, async (module) => {
      const found = await listedTasks(client, module, call);
      // Statuses are read right after the list: on releases where this unregisters a finished task, the list says which tasks are
      // unfinished.
      await this.#addStatuses(statuses, module, wanted(node, found), found, call);
      return { module, found };
    });
    for (const { module, found } of await Promise.all(listed)) {
      for (const row of found) {
        if (rows.length < MOST_ROWS) rows.push({ module, ...row });
        else isPart = true;
      }
    }
    const isCareful = this.#release !== undefined && traitsOf(parseRelease(this.#release)).statusUnregisters;
    return { node, release: this.#release, rows, statuses, isPart, isCareful };
  }

  async #addStatuses(
    statuses: Map<string, TaskStatus>,
    module: string,
    ids: readonly string[],
    found: readonly TaskStats[],
    call: CallOptions,
  ): Promise<void> {
    const wanted = new Set(ids.slice(0, MAX_LOOKS));
    if (wanted.size === 0) return;
    const rows = new Map<string, TaskStats>();
    for (const row of found) if (row.task_id !== undefined && wanted.has(row.task_id)) rows.set(row.task_id, row);
    const list = [...wanted];
    for (const [index, status] of (await (this.#looks as Looks).statuses(list, module, call, rows)).entries()) {
      if (status !== undefined && status !== "gone") statuses.set(list[index] as string, status);
    }
  }
}

async function listedTasks(client: TaskManagerClient, module: string, call: CallOptions): Promise<TaskStats[]> {
  const rows: TaskStats[] = [];
  try {
    for await (const batch of client.streamModuleTasks(module, call)) {
      for (const row of batch) rows.push(row);
      if (rows.length > MOST_ROWS) break;
    }
  } catch (error) {
    // A module that no longer exists has no tasks.
    if (!(error instanceof HttpStatusError && error.status === 400)) throw error;
  }
  return rows;
}

/** `undefined` if the node does not report it. */
async function releaseText(client: TaskManagerClient, call: CallOptions): Promise<string | undefined> {
  try {
    return await client.releaseVersion(call);
  } catch (error) {
    if (error instanceof HttpStatusError) return undefined;
    throw error;
  }
}
