import type { TaskStatus } from "../client/wire.js";

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * rest-api: a server may tell of children in another order each time. What is shown again and again keeps its places: the root
 * stays first, the rest goes by start.
 */
export function inStableOrder<T extends TaskStatus>(statuses: readonly T[]): T[] {
  const [root, ...parts] = statuses;
  if (root === undefined) return [];
  parts.sort(
    (a, b) =>
      compare(a.start_time ?? "", b.start_time ?? "") ||
      compare(a.sequence_number ?? 0, b.sequence_number ?? 0) ||
      compare(a.shard ?? 0, b.shard ?? 0) ||
      compare(a.id ?? "", b.id ?? ""),
  );
  parts.unshift(root);
  return parts;
}
