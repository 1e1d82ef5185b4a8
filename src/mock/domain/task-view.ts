import type { TaskKind, TaskState } from "../../vocabulary.js";
import type { Progress } from "./progress.js";

/** What can be read of a task, whether it is registered, still attached to its parent, or folded into it. */
export interface TaskView {
  readonly id: string;
  readonly type: string;
  readonly kind: TaskKind;
  readonly scope: string;
  readonly state: TaskState;
  readonly isAbortable: boolean;
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
  /** The address of the node that runs it; none for a cluster task. */
  readonly nodeAddress: string | undefined;
  /** Its children, unfinished ones first (rest-api: task_status_recursive). */
  readonly children: readonly TaskView[];
}

/**
 * The task and its descendants breadth first.
 * @param nodeAddress - leaves out what lives on another node (semantics 20)
 */
export function breadthFirst(root: TaskView, nodeAddress: string): TaskView[] {
  const views = [root];
  for (let i = 0; i < views.length; i++) {
    for (const child of (views[i] as TaskView).children) {
      if (child.nodeAddress === nodeAddress) views.push(child);
    }
  }
  return views;
}
