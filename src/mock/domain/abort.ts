import { abortErrorOf } from "./abort-error.js";
import type { Clock } from "./clock.js";
import { TaskNotAbortable } from "./errors.js";
import type { Task } from "./task.js";

/** How soon an aborted task has its next chance to stop. */
export const ABORT_DELAY_MS = 100;

/** How many tasks end in one go; a tree may have 100,000. */
const TASKS_PER_STEP = 500;

/**
 * Requests that a task stops, and its descendants with it. Returns before it does; a finished task stays as it is (semantics 16).
 * @throws {TaskNotAbortable} and then nothing has changed (semantics 17)
 */
export function requestAbort(task: Task, clock: Clock): void {
  if (!task.isAbortable) throw new TaskNotAbortable(task.id);
  if (task.isFinished || task.isAborting) return;
  const tree = [task];
  for (let i = 0; i < tree.length; i++) {
    const next = tree[i] as Task;
    next.isAborting = true;
    for (const child of next.attachedChildren) tree.push(child);
  }
  clock.schedule(clock.nowMs() + ABORT_DELAY_MS, failFromTheLeaves, { tree, clock });
}

/** Children before their parents, so that they fold as if each had ended by itself. */
function failFromTheLeaves(abort: { tree: Task[]; clock: Clock }): void {
  for (let failed = 0; failed < TASKS_PER_STEP; failed++) {
    const task = abort.tree.pop();
    if (task === undefined) return;
    failAborted(task);
  }
  abort.clock.schedule(abort.clock.nowMs(), failFromTheLeaves, abort);
}

/** Its next chance to stop has come. */
export function failAborted(task: Task): void {
  if (!task.ignoresAbort && !task.isFinished) task.fail(abortErrorOf(task));
}
