import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Progress } from "./progress.js";

/** What calls show of a task, whether it is registered, only attached to its parent, or folded into it. */
export interface ShownTask {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly state: TaskState;
  readonly isAbortable: boolean;
  /** Lists leave it out unless asked for internal tasks (semantics 5). */
  readonly isInternal: boolean;
  /** 0 until it starts. */
  readonly startTimeMs: number;
  /** 0 until it ends. */
  readonly endTimeMs: number;
  readonly error: string;
  readonly parentId: string | undefined;
  readonly sequenceNumber: number;
  readonly shard: number;
  readonly keyspace: string;
  readonly table: string;
  readonly entity: string;
  readonly progressUnits: string;
  readonly progress: Progress;
  /** The node that it runs on; `undefined` for a cluster task. */
  readonly nodeAddress: string | undefined;
  /** The unfinished first (rest-api: task_status_recursive). */
  readonly children: readonly ShownTask[];
}

/** A copy of the task as it is now, by default with its children. */
export function copyOf(task: ShownTask, children: readonly ShownTask[] = task.children): ShownTask {
  return {
    id: task.id,
    type: task.type,
    kind: task.kind,
    scope: task.scope,
    state: task.state,
    isAbortable: task.isAbortable,
    isInternal: task.isInternal,
    startTimeMs: task.startTimeMs,
    endTimeMs: task.endTimeMs,
    error: task.error,
    parentId: task.parentId,
    sequenceNumber: task.sequenceNumber,
    shard: task.shard,
    keyspace: task.keyspace,
    table: task.table,
    entity: task.entity,
    progressUnits: task.progressUnits,
    progress: task.progress,
    nodeAddress: task.nodeAddress,
    children,
  };
}

/**
 * The task and those of its descendants that are on the node, breadth first (semantics 20).
 * @param nodeAddress - the node that was asked
 */
export function breadthFirst(root: ShownTask, nodeAddress: string): ShownTask[] {
  const tasks = [root];
  for (let i = 0; i < tasks.length; i++) {
    for (const child of (tasks[i] as ShownTask).children) {
      // Children that are cluster tasks have no node, so they are left out too (semantics 20).
      if (child.nodeAddress === nodeAddress) tasks.push(child);
    }
  }
  return tasks;
}
