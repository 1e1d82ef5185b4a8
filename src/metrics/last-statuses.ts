import { isRequestFailure } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import type { Nodes } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";

/** Maximum of tasks whose last status is read in one poll. */
const MOST_LAST_LOOKS = 1000;
/** Maximum of these that are read concurrently. */
const LAST_LOOKS_AT_ONCE = 16;

/**
 * The last statuses of cluster tasks that are no longer listed: they may be readable for longer (semantics 24, 26), and reading
 * never unregisters them. `undefined` if nobody knows the task.
 */
export async function lastStatuses(nodes: Nodes, ids: readonly string[]): Promise<(TaskStatus | undefined)[]> {
  return await Promise.all(
    inParallel(ids.slice(0, MOST_LAST_LOOKS), LAST_LOOKS_AT_ONCE, async (id) => {
      try {
        return await nodes.contact.taskStatus(id, nodes.call);
      } catch (error) {
        if (!isRequestFailure(error)) throw error;
        return undefined;
      }
    }),
  );
}
