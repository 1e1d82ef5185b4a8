import type { TaskStatus } from "../client/wire.js";
import { ofNodes } from "../format/reports/report.js";
import { timelineFields, timelineReport } from "../format/reports/timeline-report.js";
import type { Nodes } from "../nodes/nodes.js";
import { resolveId } from "../nodes/resolve-ids.js";
import { timelineOfNodes } from "../nodes/timeline-of-nodes.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import type { LaneKind } from "../tasks/timeline/lanes.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { type FileOptions, preparedFiles } from "./timeline-files.js";

export interface TimelineRunOptions extends FileOptions {
  readonly id: string;
  readonly by: LaneKind | undefined;
  readonly maxLanes: number | undefined;
}

/** Lines on a terminal that are not lanes: the prompt, sentences, the axis, the legend. */
const OTHER_LINES = 10;
const FEWEST_LANES = 10;

/** Reads a tree, and shows its timeline or writes it to the requested files. */
export async function showTimeline(
  runtime: Runtime,
  nodes: Nodes,
  options: TimelineRunOptions & { readonly output: Output },
): Promise<void> {
  const { by, maxLanes, output } = options;
  const files = await preparedFiles(runtime, nodes, options);
  if (files.length === 0) await output.checkFields(timelineFields(by));
  const id = await resolveId(runtime, nodes, options.id);
  const statuses = await nodes.lookAtTree(id);
  const timeline = timelineOfNodes(statuses, nodes, {
    by,
    nowMs: runtime.clock.now(),
    // Reading progress takes another pass over the journal, so it is only done for the format that needs it.
    progress: options.perfetto === undefined ? undefined : await progressOf(statuses, nodes),
  });
  if (files.length > 0) {
    for (const write of files) await write(timeline);
    return;
  }
  const { isTerminal, rows } = runtime.stdout;
  const fitting = isTerminal ? Math.max(FEWEST_LANES, rows - OTHER_LINES) : FEWEST_LANES;
  await output.print(ofNodes(timelineReport(timeline, maxLanes ?? fitting), "lanes", nodes));
}

async function progressOf(statuses: readonly TaskStatus[], nodes: Nodes): Promise<Timeline["progress"] | undefined> {
  return nodes.progressOver?.(new Set(statuses.map(({ id = "" }) => id)));
}
