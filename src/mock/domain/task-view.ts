import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Progress } from "./progress.js";

/** What can be read of a task, whether it is registered, only attached to its parent, or folded into it. */
export interface TaskView {
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
  readonly children: readonly TaskView[];
}

/** A copy of the task as it is now. */
export function snapshotOf(task: TaskView): TaskView {
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
    children: task.children,
  };
}

/**
 * The task and its descendants breadth first.
 * @param nodeAddress - only descendants on this node are included (semantics 20)
 */
export function breadthFirst(root: TaskView, nodeAddress: string): TaskView[] {
  const views = [root];
  for (let i = 0; i < views.length; i++) {
    for (const child of (views[i] as TaskView).children) {
      // This leaves out children that are cluster tasks, too: they have no node (semantics 20).
      if (child.nodeAddress === nodeAddress) views.push(child);
    }
  }
  return views;
}
