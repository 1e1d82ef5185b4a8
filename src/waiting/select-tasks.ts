import type { ListedTask, Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { filterTasks, taskFilter, type Unjudged } from "../tasks/filter.js";
import type { Selection } from "../tasks/selection.js";

/** The tasks that match now. */
export async function selectTasks(
  { clock }: Runtime,
  nodes: Nodes,
  { module, keyspace, table, filter }: Selection,
): Promise<{ readonly selected: readonly ListedTask[]; readonly unjudged: Unjudged }> {
  const unjudged: Unjudged = { count: 0 };
  const selected: ListedTask[] = [];
  const listed = nodes.tasks({ module, keyspace, table });
  for await (const batch of filterTasks(listed, taskFilter(filter, clock.now()), unjudged)) {
    for (const task of batch) if (task.task_id !== undefined) selected.push({ ...task, task_id: task.task_id });
  }
  return { selected, unjudged };
}
