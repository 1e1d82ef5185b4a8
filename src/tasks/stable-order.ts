import type { TaskStatus } from "../client/wire.js";
import { compare } from "../strings/compare.js";

/**
 * rest-api: a server may list children in a different order each time. For a display that is refreshed, this keeps tasks in place:
 * the root first, all others by start time.
 */
export function inStableOrder<T extends TaskStatus>(statuses: readonly T[]): T[] {
  const parts = statuses
    .slice(1)
    .sort(
      (a, b) =>
        compare(a.start_time ?? "", b.start_time ?? "") ||
        compare(a.sequence_number ?? 0, b.sequence_number ?? 0) ||
        compare(a.shard ?? 0, b.shard ?? 0) ||
        compare(a.id ?? "", b.id ?? ""),
    );
  return [...statuses.slice(0, 1), ...parts];
}
