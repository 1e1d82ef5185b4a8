import {
  HttpStatusError,
  isRefusal,
  isRequestFailure,
  isWaitTimeout,
  UnreadableAnswerError,
} from "../client/errors.js";
import { parseRelease, type Release, type ReleaseTraits, traitsOf } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { isSameId, type TaskStats, type TaskStatus } from "../client/wire.js";
import { inParallel } from "../runtime/in-parallel.js";
import { isFinished } from "../vocabulary.js";

/** Reads the status of a task without making the server forget it; `undefined` if the node does not know the task. */
export type Look = (taskId: string, call?: CallOptions) => Promise<TaskStatus | undefined>;

/** A tree that was read without making a server forget it. */
interface LookedTree {
  /** Breadth first. */
  readonly statuses: TaskStatus[];
  /** False if only the root was read, because its server forgets a finished task when its tree is read. */
  readonly isWhole: boolean;
}

/** The message about a module that was listed, and whose tasks no node lists. */
export const moduleIsGone = (module: string): string =>
  `no tasks of module '${module}': the server listed the module, but then did not know it`;

/** The message about a tree that was not read completely. */
export const PARTS_LEFT_ALONE =
  "only the task itself was read: this server forgets it once its children are read. `tasks tree ID` shows them, once";

/**
 * For repeated looks. Even the small risk is too much that a task ends between its list and the request for its status,
 * which would make older servers forget it. There, an unfinished task is shown as listed.
 */
export interface Care {
  /** Called if less was read than on newer servers. */
  onPart(sentence: string): void;
}

/** Care that adds its messages to those about what was left out. */
export const careOf = (leftOut: Set<string>): Care => ({ onPart: (sentence) => leftOut.add(sentence) });

/** The message if {@link Care} prevented a request. */
export const ONLY_LISTED =
  "this server forgets finished tasks when their status is read: running tasks are shown as listed, without progress and children";

/** A status; `gone` if the task no longer exists, `undefined` if it could not be read. */
export type Looked = TaskStatus | "gone" | undefined;

/** Requests about tasks that never make a server forget them, on any release. */
export interface Looks {
  /** @throws HttpStatusError 400 where the node knows no such task */
  status(taskId: string, call?: CallOptions, care?: Care): Promise<TaskStatus>;
  /**
   * Whether the node knows the task. Where reading a status may make the server forget it, no status is read.
   * @throws HttpStatusError 400 if the node does not know the task
   */
  find(taskId: string, call?: CallOptions): Promise<void>;
  /**
   * The statuses of many listed tasks of one module, in order. If the node fails for many of them at once, the rest are
   * not requested.
   * @param listed their rows by id, if they were just listed: then no other list is needed, and {@link Care} is taken
   * @throws RequestAbortedError when the signal aborts
   */
  statuses(
    taskIds: readonly string[],
    module: string,
    call: CallOptions,
    listed?: ReadonlyMap<string, TaskStats>,
  ): Promise<Looked[]>;
  /** @throws HttpStatusError 400 where the node knows no such task */
  tree(taskId: string, call?: CallOptions, care?: Care): Promise<LookedTree>;
}

/** Tasks that are read in parallel. */
export const MAX_LOOKS = 32;

/**
 * Reads a node's tasks without making it forget them. Since 2025.1, that is `task_status`. Before, reading the status
 * makes the server forget a finished task (rest-api: `wait_task?timeout=0` does not help): there, the lists tell
 * whether the task has ended, and `wait_task`, which keeps it, reads a finished one. The release is requested once, and
 * only when needed.
 * @param once options of the request for the release, if several looks share it
 */
export function looksAt(client: TaskManagerClient, once?: CallOptions): Looks {
  let traits: Promise<ReleaseTraits> | undefined;
  const modules = new Map<string, string>();
  const traitsOnce = (call: CallOptions) => {
    traits ??= releaseOf(client, once ?? call).then(traitsOf);
    // Requested again after a failure.
    traits.catch(() => {
      traits = undefined;
    });
    return traits;
  };

  async function status(taskId: string, call: CallOptions = {}, care?: Care): Promise<TaskStatus> {
    const { statusUnregisters, waitUnregisters } = await traitsOnce(call);
    if (!statusUnregisters) return await client.taskStatus(taskId, call);
    const row = await listedRow(client, taskId, modules, call);
    if (care !== undefined && row !== undefined && isAtRisk(row)) {
      care.onPart(ONLY_LISTED);
      return statusOfRow(row);
    }
    return await statusByRow(taskId, row, waitUnregisters, call);
  }

  async function find(taskId: string, call: CallOptions = {}): Promise<void> {
    const { statusUnregisters, waitUnregisters } = await traitsOnce(call);
    if (!statusUnregisters) {
      await client.taskStatus(taskId, call);
      return;
    }
    if ((await listedRow(client, taskId, modules, call)) !== undefined) return;
    if (waitUnregisters) {
      await client.taskStatus(taskId, call);
      return;
    }
    try {
      await client.waitTask(taskId, { ...call, timeoutSeconds: 1 });
    } catch (error) {
      // Not listed and not finished: the node knows it.
      if (!isWaitTimeout(error)) throw error;
    }
  }

  /**
   * For releases that forget a finished task when its status is read.
   * @param row the task as it was just listed
   */
  async function statusByRow(
    taskId: string,
    row: TaskStats | undefined,
    waitUnregisters: boolean,
    call: CallOptions,
  ): Promise<TaskStatus> {
    if (row === undefined ? waitUnregisters : !isFinished(row)) return await client.taskStatus(taskId, call);
    if (waitUnregisters) return statusOfRow(row as TaskStats);
    try {
      return await client.waitTask(taskId, { ...call, timeoutSeconds: 1 });
    } catch (error) {
      // Not listed and not finished, as a cluster task may be: reading its status is safe.
      if (!isWaitTimeout(error)) throw error;
      return await client.taskStatus(taskId, call);
    }
  }

  async function statuses(
    taskIds: readonly string[],
    module: string,
    call: CallOptions,
    listed?: ReadonlyMap<string, TaskStats>,
  ) {
    const { statusUnregisters, waitUnregisters } = await traitsOnce(call);
    const all: Looked[] = [];
    for (let start = 0; start < taskIds.length; start += MAX_LOOKS) {
      const some = taskIds.slice(start, start + MAX_LOOKS);
      // If a task ended since the list was read, reading its status would make the server forget it: so every few
      // tasks get a new list.
      const rows = statusUnregisters ? (listed ?? (await listedRows(client, module, some, call))) : undefined;
      const looked = inParallel(some, MAX_LOOKS, async (id): Promise<Looked> => {
        try {
          if (rows === undefined) return await client.taskStatus(id, call);
          const row = listed?.get(id);
          if (row !== undefined && isAtRisk(row)) return statusOfRow(row);
          return rows.has(id) ? await statusByRow(id, rows.get(id), waitUnregisters, call) : "gone";
        } catch (error) {
          if (!isRequestFailure(error)) throw error;
          return isRefusal(error) ? "gone" : undefined;
        }
      });
      const answers = await Promise.all(looked);
      for (const one of answers) all.push(one);
      // Each of the others would take the time limit again.
      if (answers.every((one) => one === undefined)) break;
    }
    return taskIds.map((_, index) => all[index]);
  }

  async function tree(taskId: string, call: CallOptions = {}, care?: Care): Promise<LookedTree> {
    const { statusUnregisters } = await traitsOnce(call);
    if (statusUnregisters) {
      const root = await status(taskId, call, care);
      if (care !== undefined && root.kind !== "cluster") {
        return { statuses: [root], isWhole: !isFinished(root) || !root.children_ids?.length };
      }
      if (isFinished(root) && root.kind !== "cluster") return { statuses: [root], isWhole: !root.children_ids?.length };
    }
    return { statuses: await client.taskStatusRecursive(taskId, call), isWhole: true };
  }

  return { status, find, statuses, tree };
}

export const idsOf = (tasks: readonly TaskStats[]): string[] => tasks.map(({ task_id = "" }) => task_id);

/** semantics 14. No call unregisters a cluster task. */
const isAtRisk = (row: TaskStats) => !isFinished(row) && row.kind !== "cluster";

/**
 * {@link Looks.statuses}, or nothing if the node does not answer.
 * @throws RequestAbortedError when the signal aborts
 */
export async function statusesOrNone(
  looks: Looks,
  taskIds: readonly string[],
  module: string,
  call: CallOptions,
): Promise<Looked[]> {
  try {
    return await looks.statuses(taskIds, module, call);
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    return taskIds.map(() => undefined);
  }
}

/** {@link Looks.status} of a node, as a {@link Look}. */
export function lookOf(client: TaskManagerClient): Look {
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

/** The release of a node; an unknown one if the node does not tell it. */
export async function releaseOf(client: TaskManagerClient, call: CallOptions): Promise<Release> {
  try {
    return parseRelease(await client.releaseVersion(call));
  } catch (error) {
    if (error instanceof HttpStatusError || error instanceof UnreadableAnswerError) return parseRelease("");
    throw error;
  }
}

/**
 * The row of a task in the list of its module; none if the lists are not available, as behind a gateway that blocks
 * calls: then `wait_task` tells as much, but takes longer.
 * @param modules those found before, by id
 */
async function listedRow(
  client: TaskManagerClient,
  taskId: string,
  modules: Map<string, string>,
  call: CallOptions,
): Promise<TaskStats | undefined> {
  const known = modules.get(taskId);
  try {
    for (const module of known === undefined ? await client.listModules(call) : [known]) {
      for await (const rows of client.streamModuleTasks(module, { ...call, internal: true })) {
        const row = rows.find(({ task_id = "" }) => isSameId(task_id, taskId));
        if (row === undefined) continue;
        modules.set(taskId, module);
        return row;
      }
    }
  } catch (error) {
    if (!(error instanceof HttpStatusError && [400, 404].includes(error.status))) throw error;
  }
  return undefined;
}

/** The rows of these tasks, by id. */
async function listedRows(
  client: TaskManagerClient,
  module: string,
  taskIds: readonly string[],
  call: CallOptions,
): Promise<Map<string, TaskStats>> {
  const wanted = new Set(taskIds);
  const found = new Map<string, TaskStats>();
  for await (const rows of client.streamModuleTasks(module, { ...call, internal: true })) {
    for (const row of rows) if (row.task_id !== undefined && wanted.has(row.task_id)) found.set(row.task_id, row);
  }
  return found;
}

function statusOfRow({ task_id: id, ...row }: TaskStats): TaskStatus {
  return { id, ...row };
}
