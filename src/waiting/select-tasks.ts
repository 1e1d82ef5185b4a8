import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Cluster } from "../nodes/cluster.js";
import { listClusterTasks } from "../nodes/cluster-tasks.js";
import type { Runtime } from "../runtime/runtime.js";
import { filterTasks, taskFilter, type Unjudged } from "../tasks/filter.js";
import type { Selection } from "../tasks/selection.js";

/** A task that a command is to act on, and its node's address where that is known. */
export interface ChosenTask {
  readonly task_id: string;
  readonly node?: string | null;
}

/** A task that matched. */
export type Selected = TaskStats & ChosenTask;

/** The tasks that match now. Nodes that did not answer are among the cluster's failures. */
export async function selectTasks(
  { clock, interrupt: signal }: Runtime,
  client: TaskManagerClient,
  cluster: Cluster | undefined,
  { module, keyspace, table, filter }: Selection,
): Promise<{ readonly selected: readonly Selected[]; readonly unjudged: Unjudged }> {
  const batches: AsyncIterable<TaskStats[]> =
    cluster === undefined
      ? client.streamModuleTasks(module, { keyspace, table, signal })
      : listClusterTasks(cluster, module, { keyspace, table });
  const unjudged: Unjudged = { count: 0 };
  const selected: Selected[] = [];
  for await (const batch of filterTasks(batches, taskFilter(filter, clock.now()), unjudged)) {
    for (const task of batch) if (task.task_id !== undefined) selected.push({ ...task, task_id: task.task_id });
  }
  return { selected, unjudged };
}
