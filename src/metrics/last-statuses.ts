import { isRequestFailure } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import type { Nodes } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";

/** Tasks that are looked at for the last time in one poll. */
const MOST_LAST_LOOKS = 1000;
/** Tasks that are gone, and whose end may still be told. */
const LAST_LOOKS_AT_ONCE = 16;

/**
 * How cluster tasks ended that no list has any more: their status may be readable for longer (semantics 24, 26), and is never destroyed.
 * Nothing where nobody knows.
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
