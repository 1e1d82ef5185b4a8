import type { ListedTask, Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { taskFilter } from "../tasks/filter.js";
import type { Selection } from "../tasks/selection.js";

/** The tasks that currently match. */
export async function selectTasks(
  { clock }: Runtime,
  nodes: Nodes,
  { module, keyspace, table, filter }: Selection,
): Promise<readonly ListedTask[]> {
  const selected: ListedTask[] = [];
  for await (const batch of nodes.tasks({ module, keyspace, table, filter: taskFilter(filter, clock.now()) })) {
    for (const task of batch) if (task.task_id !== undefined) selected.push({ ...task, task_id: task.task_id });
  }
  return selected;
}
