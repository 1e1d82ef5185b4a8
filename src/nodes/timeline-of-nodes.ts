import type { TaskStatus } from "../client/wire.js";
import { type Timeline, type TimelineOptions, timelineOf } from "../tasks/timeline/timeline.js";
import type { Nodes } from "./nodes.js";

/** The timeline of a tree from these nodes. A journal has more times than servers report. */
export function timelineOfNodes(
  statuses: readonly TaskStatus[],
  nodes: Pick<Nodes, "isMany" | "known" | "timesSeen">,
  options: Omit<TimelineOptions, "onlyNode" | "seen">,
): Timeline {
  return timelineOf(statuses, {
    ...options,
    onlyNode: nodes.isMany ? undefined : nodes.known[0]?.address,
    seen: nodes.timesSeen?.(statuses.flatMap(({ id }) => id ?? [])),
  });
}
