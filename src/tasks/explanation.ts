import type { TaskStatus } from "../client/wire.js";
import { EPOCH } from "../vocabulary.js";
import { preorder, type TreeNode, taskForest } from "./forest.js";

/** A task on the way to a failure. */
export interface Step {
  readonly id: string | null;
  readonly type: string | null;
  readonly scope: string | null;
  readonly keyspace: string | null;
  readonly table: string | null;
  readonly shard: number | null;
  readonly node: string | null;
}

/** Longest path that is shown. A tree may be as deep as it has tasks, and the size of full paths would grow with the square. */
const LONGEST_PATH = 100;

/** A failed task without a failed descendant: the failure began there. */
export interface Failure extends Step {
  readonly kind: string | null;
  readonly entity: string | null;
  readonly error: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  /** From the root down to the task's parent; if longer, only the last {@link LONGEST_PATH} steps. */
  readonly path: readonly Step[];
}

export interface Explanation {
  readonly root: TaskStatus | undefined;
  /** The number of tasks, and of failed ones. */
  readonly taskCount: number;
  readonly failedCount: number;
  /** The number of tasks about which nothing is known: they are gone, or their node did not answer. */
  readonly absentCount: number;
  readonly failures: readonly Failure[];
}

/** Finds the tasks in a tree where failures began. */
export function explain(statuses: readonly TaskStatus[]): Explanation {
  const roots = taskForest(statuses);
  const failures: Failure[] = [];
  let taskCount = 0;
  let failedCount = 0;
  let absentCount = 0;
  for (const { node } of preorder(roots)) {
    taskCount++;
    const { state } = node.status;
    if (state === "gone" || state === "unreachable") absentCount++;
    if (state !== "failed") continue;
    failedCount++;
    if (!node.children.some(({ leadsToFailure }) => leadsToFailure)) failures.push(failureOf(node));
  }
  return { root: roots[0]?.status, taskCount, failedCount, absentCount, failures };
}

function failureOf(node: TreeNode): Failure {
  const path: Step[] = [];
  for (let at = node.parent; at !== undefined && path.length < LONGEST_PATH; at = at.parent) path.push(stepOf(at));
  const { kind = null, entity = null, error = null, start_time = null, end_time = null } = node.status;
  const known = (time: string | null) => (time === "" || time === EPOCH ? null : time);
  return {
    ...stepOf(node),
    kind,
    entity,
    error,
    start_time: known(start_time),
    end_time: known(end_time),
    path: path.reverse(),
  };
}

function stepOf({ status, node }: TreeNode): Step {
  const { id = null, type = null, scope = null, keyspace = null, table = null, shard = null } = status;
  return { id, type, scope, keyspace, table, shard, node: node ?? null };
}
