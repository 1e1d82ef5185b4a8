import { parentOf, type TaskStatus } from "../client/wire.js";

/**
 * The tasks down to a depth below the roots, as they come: breadth first, so parents come before children (rest-api:
 * task_status_recursive). Without a limit, all tasks.
 */
export async function* limitDepth<T extends TaskStatus>(
  batches: AsyncIterable<readonly T[]>,
  depth: number | undefined,
): AsyncGenerator<readonly T[]> {
  if (depth === undefined) {
    yield* batches;
    return;
  }
  const levels = new Map<string, number>();
  for await (const batch of batches) {
    yield batch.filter((status) => {
      const { id = "", children_ids: children } = status;
      const level = levels.get(id) ?? (levels.get(parentOf(status) ?? "") ?? -1) + 1;
      levels.set(id, level);
      // Older servers do not name the parent of a task, only the children.
      for (const child of children ?? []) if (!levels.has(child.task_id)) levels.set(child.task_id, level + 1);
      return level <= depth;
    });
  }
}
