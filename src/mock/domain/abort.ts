import { abortErrorOf } from "./abort-error.js";
import type { Clock } from "./clock.js";
import { TaskNotAbortable } from "./errors.js";
import type { Task } from "./task.js";

/** How long a task takes to notice an abort. */
export const ABORT_DELAY_MS = 100;

/** How many tasks fail before other work gets a turn; a tree may have 100,000. */
const TASKS_PER_STEP = 500;

/**
 * Asks a task and its descendants to stop. They do so {@link ABORT_DELAY_MS} later. Finished tasks, and those for which the abort
 * comes too late, stay as they are (semantics 16).
 * @throws {TaskNotAbortable} and nothing has changed (semantics 17)
 */
export function requestAbort(task: Task, clock: Clock): void {
  if (!task.isAbortable) throw new TaskNotAbortable(task.id);
  if (task.isFinished || task.isAborting || task.ignoresAbort) return;
  const tree = [task];
  for (let i = 0; i < tree.length; i++) {
    const next = tree[i] as Task;
    next.isAborting = true;
    for (const child of next.attachedChildren) if (!child.ignoresAbort) tree.push(child);
  }
  clock.schedule(clock.nowMs() + ABORT_DELAY_MS, failFromTheLeaves, { tree, clock });
}

/** Fails children before their parents, so that they fold as usual (semantics 8). */
function failFromTheLeaves(abort: { tree: Task[]; clock: Clock }): void {
  for (let failed = 0; failed < TASKS_PER_STEP; failed++) {
    const task = abort.tree.pop();
    if (task === undefined) return;
    failAborted(task);
  }
  abort.clock.schedule(abort.clock.nowMs(), failFromTheLeaves, abort);
}

/** Ends a task that was asked to stop, unless it notices that only when it finishes. */
export function failAborted(task: Task): void {
  if (!task.noticesAbortLate && !task.isFinished) task.fail(abortErrorOf(task));
}
