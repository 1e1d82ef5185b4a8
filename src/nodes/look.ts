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

/** Looks at a task and destroys nothing; `undefined` where the node knows no such task. */
export type Look = (taskId: string, call?: CallOptions) => Promise<TaskStatus | undefined>;

/** A tree that was read without destroying anything. */
export interface LookedTree {
  /** Breadth first. */
  readonly statuses: TaskStatus[];
  /** False where only the root could be looked at: its server forgets a finished task when its tree is read. */
  readonly isWhole: boolean;
}

/** What is said of a module that was there when the modules were listed, and whose tasks nobody lists. */
export const moduleIsGone = (module: string): string =>
  `no tasks of module '${module}': the server listed the module, but then did not know it`;

/** What is said where a tree is not whole. */
export const PARTS_LEFT_ALONE =
  "only the task itself was read: this server forgets it once its children are read. `tasks tree ID` shows them, once";

/**
 * For looks that are made again and again: even the small risk is too much that a task ends between its list and the question for
 * its status, which would destroy it on older servers. There, an unfinished task is shown as the list has it.
 */
export interface Care {
  /** Called where less was read than newer servers would let. */
  onPart(sentence: string): void;
}

/** Care that keeps its sentences among what was left out. */
export const careOf = (leftOut: Set<string>): Care => ({ onPart: (sentence) => leftOut.add(sentence) });

/** What is said where {@link Care} kept something from being read. */
export const ONLY_LISTED =
  "this server forgets finished tasks when their status is read: running tasks are shown as listed, without progress and children";

/** A status; `gone` where the task is not there any more, `undefined` where it could not be asked for. */
export type Looked = TaskStatus | "gone" | undefined;

/** What can be asked of a node's tasks with no harm, on whatever release. */
export interface Looks {
  /** @throws HttpStatusError 400 where the node knows no such task */
  status(taskId: string, call?: CallOptions, care?: Care): Promise<TaskStatus>;
  /**
   * Whether the node knows the task, and no more. Where reading a status may destroy it no status is read: of a task that ends
   * meanwhile nothing is lost.
   * @throws HttpStatusError 400 where the node knows no such task
   */
  find(taskId: string, call?: CallOptions): Promise<void>;
  /**
   * The statuses of many listed tasks of one module, in their order. A node that says nothing of many at once is not asked for the rest.
   * @param listed their rows, by id, where they were listed just now: then no list of its own is needed, and {@link Care} is taken
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

/** Tasks that are looked at side by side. */
export const MAX_LOOKS = 32;

/**
 * The harmless way to look at a node's tasks. Since 2025.1 that is `task_status`. Before, it destroys a finished task (rest-api:
 * `wait_task?timeout=0` is no look): there the lists tell whether the task has ended, and a finished one is asked for by
 * `wait_task`, which keeps it. The release is asked for once, and only when something is looked at.
 * @param once options of the request for the release, where several looks at once share it
 */
export function looksAt(client: TaskManagerClient, once?: CallOptions): Looks {
  let traits: Promise<ReleaseTraits> | undefined;
  const modules = new Map<string, string>();
  const traitsOnce = (call: CallOptions) => {
    traits ??= releaseOf(client, once ?? call).then(traitsOf);
    // Asked again where it could not be answered.
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
      // Unlisted and unfinished: it is known.
      if (!isWaitTimeout(error)) throw error;
    }
  }

  /** On releases where the status of a finished task destroys it. @param row as it was listed just now */
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
      // Unlisted and unfinished, as an operation of the cluster may be: its status is not destroyed.
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
      // What a list says of a task that has ended meanwhile would destroy it: each few tasks get a list of their own.
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
      // Each of the rest would cost a time limit too.
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

/** semantics: Cluster tasks are never unregistered by a call. */
const isAtRisk = (row: TaskStats) => !isFinished(row) && row.kind !== "cluster";

/**
 * {@link Looks.statuses}, and none at all from a node that does not answer.
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
    if (error instanceof HttpStatusError || error instanceof UnreadableAnswerError) return parseRelease("");
    throw error;
  }
}

/**
 * The row of a task in the list of its module; none where what answers has no such list, as a gateway that lets few calls pass: then
 * `wait_task` tells as much, but takes its time.
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
