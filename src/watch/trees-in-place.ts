import { isRefusal, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import { traitsOf } from "../client/release.js";
import { releaseOf } from "../nodes/look.js";
import type { LocatedStatus, Nodes } from "../nodes/nodes.js";
import type { TaskFilter } from "../tasks/filter.js";
import { inStableOrder } from "../tasks/stable-order.js";

/**
 * The trees of all tasks, in an order that stays the same from one look to the next. If reading the tree of a finished task would
 * unregister it (rest-api: Two generations), each task is read by itself, and a finished task is shown without its tree.
 */
export async function* treesInPlace(nodes: Nodes, filter: TaskFilter | undefined): AsyncGenerator<LocatedStatus[]> {
  if (!(await mayDestroy(nodes))) {
    for await (const tree of nodes.trees(filter)) yield inStableOrder(tree);
    return;
  }
  const roots: string[] = [];
  for await (const rows of nodes.tasks({ filter })) {
    for (const { task_id: id } of rows) if (id !== undefined) roots.push(id);
  }
  for (const id of roots) {
    try {
      yield inStableOrder(await nodes.lookAtTree(id, { isRepeated: true }));
    } catch (error) {
      // It was finished and unregistered after the list was made.
      if (!isRefusal(error)) throw error;
    }
  }
}

/** If the contact does not report its release, the nodes may have any. */
async function mayDestroy({ contact, call }: Nodes): Promise<boolean> {
  try {
    return traitsOf(await releaseOf(contact, call)).statusUnregisters;
  } catch (error) {
    if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
    return true;
  }
}
