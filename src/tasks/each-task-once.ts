import { parentOf, type TaskStatus } from "../client/wire.js";

/**
 * The rows of several trees, each task once: a task that is part of another tree is not also a root, whichever came first. Rows are
 * passed on as they come; a row whose parent has not come yet is held back until the end.
 */
export async function* eachTaskOnce<T extends TaskStatus>(
  batches: AsyncIterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  const shown = new Set<string>();
  let waiting: T[] = [];
  const isNew = ({ id }: T) => {
    if (id === undefined) return true;
    if (shown.has(id)) return false;
    shown.add(id);
    return true;
  };
  for await (const batch of batches) {
    const passed: T[] = [];
    for (const status of batch) {
      const parent = parentOf(status);
      if (parent !== undefined && !shown.has(parent)) waiting.push(status);
      else if (isNew(status)) passed.push(status);
    }
    if (passed.length > 0) yield passed;
  }
  waiting = waiting.filter(isNew);
  if (waiting.length > 0) yield waiting;
}
