import { HttpStatusError, isRefusal } from "../client/errors.js";
import { parseRelease, type Release, type ReleaseTraits, traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** Looks at a task and destroys nothing; `undefined` where the node knows no such task. */
export type Look = (taskId: string, call?: CallOptions) => Promise<TaskStatus | undefined>;

/** Whether two spellings name the same task (rest-api: with and without dashes is the same id). */
export function isSameId(a: string, b: string): boolean {
  const spelled = (id: string) => id.replaceAll("-", "").toLowerCase();
  return spelled(a) === spelled(b);
}

/** A tree that was read without destroying anything. */
export interface LookedTree {
  /** Breadth first. */
  readonly statuses: TaskStatus[];
  /** False where only the root could be looked at: its server forgets a finished task when its tree is read. */
  readonly isWhole: boolean;
}

/** What is said where a tree is not whole. */
export const PARTS_LEFT_ALONE =
  "only the task itself was looked at: its server forgets it once its parts are shown. `tasks tree ID` shows them, once";

/** What can be asked of a node's tasks with no harm, on whatever release. */
export interface Looks {
  /** @throws HttpStatusError 400 where the node knows no such task */
  status(taskId: string, call?: CallOptions): Promise<TaskStatus>;
  /** @throws HttpStatusError 400 where the node knows no such task */
  tree(taskId: string, call?: CallOptions): Promise<LookedTree>;
}

/**
 * The harmless way to look at a node's tasks. Since 2025.1 that is `task_status`. Before, it destroys a finished task (rest-api:
 * `wait_task?timeout=0` is no look): there the lists tell whether the task has ended, and a finished one is asked for by
 * `wait_task`, which keeps it. The release is asked for once, and only when something is looked at.
 */
export function looksAt(client: TaskManagerClient): Looks {
  let traits: Promise<ReleaseTraits> | undefined;
  const modules = new Map<string, string>();
  const traitsOnce = (call: CallOptions) => {
    traits ??= releaseOf(client, call).then(traitsOf);
    // Asked again where it could not be answered.
    traits.catch(() => {
      traits = undefined;
    });
    return traits;
  };

  async function status(taskId: string, call: CallOptions = {}): Promise<TaskStatus> {
    const { statusUnregisters, waitUnregisters } = await traitsOnce(call);
    if (!statusUnregisters) return await client.taskStatus(taskId, call);
    const row = await listedRow(client, taskId, modules, call);
    if (row === undefined ? waitUnregisters : !isFinished(row)) return await client.taskStatus(taskId, call);
    if (waitUnregisters) return statusOfRow(row as TaskStats);
    try {
      return await client.waitTask(taskId, { ...call, timeoutSeconds: 1 });
    } catch (error) {
      // Unlisted and unfinished, as an operation of the cluster may be: its status is not destroyed.
      if (!(error instanceof HttpStatusError && error.status === 408)) throw error;
      return await client.taskStatus(taskId, call);
    }
  }

  async function tree(taskId: string, call: CallOptions = {}): Promise<LookedTree> {
    const { statusUnregisters } = await traitsOnce(call);
    if (statusUnregisters) {
      const root = await status(taskId, call);
      if (isFinished(root) && root.kind !== "cluster") return { statuses: [root], isWhole: !root.children_ids?.length };
    }
    return { statuses: await client.taskStatusRecursive(taskId, call), isWhole: true };
  }

  return { status, tree };
}

const isFinished = ({ state = "" }: { readonly state?: string }) => FINISHED_STATES.has(state);

/** {@link Looks.status} of a node, as a {@link Look}. */
export function harmlessLook(client: TaskManagerClient): Look {
  const looks = looksAt(client);
  return async (taskId, call) => {
    try {
      return await looks.status(taskId, call);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
}

/** The release of a node; an unknown one where the node does not say. */
export async function releaseOf(client: TaskManagerClient, call: CallOptions): Promise<Release> {
  try {
    return parseRelease(await client.releaseVersion(call));
  } catch (error) {
    if (error instanceof HttpStatusError) return parseRelease("");
    throw error;
  }
}

/** The row of a task in the list of its module. @param modules those found before, by id */
async function listedRow(
  client: TaskManagerClient,
  taskId: string,
  modules: Map<string, string>,
  call: CallOptions,
): Promise<TaskStats | undefined> {
  const known = modules.get(taskId);
  for (const module of known === undefined ? await client.listModules(call) : [known]) {
    for await (const rows of client.streamModuleTasks(module, { ...call, internal: true })) {
      const row = rows.find(({ task_id = "" }) => isSameId(task_id, taskId));
      if (row === undefined) continue;
      modules.set(taskId, module);
      return row;
    }
  }
  return undefined;
}

function statusOfRow({ task_id: id, ...row }: TaskStats): TaskStatus {
  return { id, ...row };
}
