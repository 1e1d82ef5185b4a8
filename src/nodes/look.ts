import { HttpStatusError, isRefusal } from "../client/errors.js";
import { parseRelease, type ReleaseTraits, traitsOf } from "../client/release.js";
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

/**
 * The way to look at a node's tasks that is harmless on its release. Since 2025.1 that is `task_status`. Before, it destroys a
 * finished task (rest-api: `wait_task?timeout=0` is no look): there the lists tell whether the task has ended, and a finished one is
 * asked for by `wait_task`, which keeps it. The release is asked for once, and only when something is looked at.
 */
export function harmlessLook(client: TaskManagerClient): Look {
  let traits: ReleaseTraits | undefined;
  const modules = new Map<string, string>();
  return async (taskId, call = {}) => {
    traits ??= await traitsOfNode(client, call);
    if (!traits.statusUnregisters) return await unlessUnknown(client.taskStatus(taskId, call));
    const row = await listedRow(client, taskId, modules, call);
    if (traits.waitUnregisters) return row === undefined ? undefined : statusOfRow(row);
    if (row !== undefined && !FINISHED_STATES.has(row.state ?? "")) {
      return await unlessUnknown(client.taskStatus(taskId, call));
    }
    try {
      return await unlessUnknown(client.waitTask(taskId, { ...call, timeoutSeconds: 1 }));
    } catch (error) {
      // Unlisted and unfinished, as an operation of the cluster may be: its status is not destroyed.
      if (!(error instanceof HttpStatusError && error.status === 408)) throw error;
      return await unlessUnknown(client.taskStatus(taskId, call));
    }
  };
}

/** What to mind on the release of a node; of one that does not say which it has, what is careful. */
export async function traitsOfNode(client: TaskManagerClient, call: CallOptions): Promise<ReleaseTraits> {
  try {
    return traitsOf(parseRelease(await client.releaseVersion(call)));
  } catch (error) {
    if (error instanceof HttpStatusError) return traitsOf(parseRelease(""));
    throw error;
  }
}

async function unlessUnknown(status: Promise<TaskStatus>): Promise<TaskStatus | undefined> {
  try {
    return await status;
  } catch (error) {
    if (isRefusal(error)) return undefined;
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
