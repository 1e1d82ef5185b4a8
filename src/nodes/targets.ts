import type { TaskManagerClient } from "../client/task-manager.js";
import type { ChosenTask } from "../waiting/select-tasks.js";
import type { WaitTarget } from "../waiting/wait-for-task.js";
import type { Cluster } from "./cluster.js";
import { locateTask } from "./cluster-tasks.js";

/**
 * The node of each task. Of many nodes, a task that did not come with its node is looked for on all of them; one that no node
 * knows is left to the first node, whose answer then says so.
 * @param reached whether the one node was asked before, and answered
 */
export async function locateTargets(
  client: TaskManagerClient,
  cluster: Cluster | undefined,
  tasks: readonly ChosenTask[],
  reached = false,
): Promise<WaitTarget[]> {
  if (cluster === undefined) return tasks.map(({ task_id: id }) => ({ id, client, reached }));
  return await Promise.all(
    tasks.map(async ({ task_id: id, node: listed }) => {
      const node = listed ?? (await locateTask(cluster, id));
      return node === undefined ? { id, client, reached } : { id, client: await cluster.client(node), reached: true };
    }),
  );
}
