import { printable } from "../../strings/printable.js";
import { timeText } from "../../strings/time-text.js";
import { lengthWithin } from "../../tasks/timeline/intervals.js";
import { type Lane, type LaneKind, laneKeyOf } from "../../tasks/timeline/lanes.js";
import type { SpanTime } from "../../tasks/timeline/span.js";
import type { Timeline } from "../../tasks/timeline/timeline.js";
import { duration, tookText } from "../text/duration.js";
import { paddedTable } from "../text/padded-table.js";
import { isOfManyNodes, laneText, percentOf, timelineSentences } from "../text/timeline-text.js";
import { collectRows, type Report } from "./report.js";

const LANE_FIELDS = [
  "lane",
  "node",
  "shard",
  "keyspace",
  "table",
  "type",
  "tasks",
  "failed",
  "start_time",
  "end_time",
  "busy_seconds",
  "within_ms",
  "critical_seconds",
  "critical_percent",
];
const TASK_FIELDS = ["id", "parent_id", "state", ...LANE_FIELDS];

/** The fields that rows have, by the kind of lanes. */
export const timelineFields = (kind: LaneKind | undefined): readonly string[] =>
  kind === "task" ? TASK_FIELDS : LANE_FIELDS;

/** The view for terminals. It is not loaded with the other views, as it needs a library for its axis. */
const loadTimelineView = () => import("../terminal/timeline-view.js");

const BATCH_LANES = 1000;

const seconds = (ms: number) => ms / 1000;

/**
 * The report of `tasks timeline`: documents have the lanes, the critical path and the gaps; rows are the lanes.
 * @param maxLanes maximum of lanes on a terminal; if there are more, the most important
 */
export function timelineReport(timeline: Timeline, maxLanes: number): Report<Lane> {
  const { lanes, kind, root, critical, gaps } = timeline;
  const isManyNodes = isOfManyNodes(lanes);
  const totalMs = root?.time === undefined ? 0 : root.time.to - root.time.from;
  const nameOf = (lane: Lane) => laneText(lane, isManyNodes);
  return {
    rows: someAtATime(lanes),
    shape: "many",
    fields: timelineFields(kind),
    key: "lanes",
    about: () => ({
      id: root?.task.id ?? null,
      state: root?.task.state ?? null,
      summary: timelineSentences(timeline).join(" "),
      start_time: root?.time === undefined ? null : timeText(root.time.from),
      end_time: root?.time?.end === "known" ? timeText(root.time.to) : null,
      duration_seconds: seconds(totalMs),
      within_ms: root?.time && isMeasured(root.time) ? lengthWithin([root.time]).withinMs : null,
      by: kind,
      task_count: timeline.spans.length,
      failed_count: timeline.failedCount,
      not_started_count: timeline.untimed.notStarted,
      critical_path: critical.parts.map(({ span, from, to }) => ({
        id: span.task.id ?? null,
        type: span.task.type ?? null,
        node: span.node ?? null,
        shard: laneKeyOf(span, "shard").shard ?? null,
        keyspace: span.task.keyspace ?? null,
        table: span.task.table ?? null,
        from: timeText(from),
        to: timeText(to),
        seconds: seconds(to - from),
      })),
      gaps: gaps.map(({ from, to }) => ({ from: timeText(from), to: timeText(to), seconds: seconds(to - from) })),
    }),
    record: (lane) => ({ ...taskOf(lane), lane: nameOf(lane), ...recordOf(lane, totalMs) }),
    async *table(batches, options) {
      const times = (pick: (lane: Lane) => number | undefined) => (lane: Lane) => {
        const ms = pick(lane);
        return ms === undefined ? "" : timeText(ms);
      };
      const columns = [
        { title: "lane", text: (lane: Lane) => printable(nameOf(lane)) },
        { title: "tasks", text: (lane: Lane) => String(lane.spans.length) },
        { title: "failed", text: (lane: Lane) => String(lane.failed.length) },
        { title: "start_time", text: times(({ open }) => open[0]?.from) },
        { title: "end_time", text: times(({ open, isRunning }) => (isRunning ? undefined : open.at(-1)?.to)) },
        { title: "busy", text: ({ busyMs, busyWithinMs }: Lane) => tookText({ ms: busyMs, withinMs: busyWithinMs }) },
        { title: "critical", text: ({ criticalMs }: Lane) => duration(seconds(criticalMs)) },
        { title: "share", text: ({ criticalMs }: Lane) => `${percentOf(criticalMs, totalMs)}%` },
      ];
      const id = { title: "id", text: ({ spans }: Lane) => printable(spans[0]?.task.id ?? "") };
      yield* paddedTable(kind === "task" ? [id, ...columns] : columns, await collectRows(batches), options);
    },
    async *view(batches, options) {
      const { timelineView } = await loadTimelineView();
      yield* timelineView({ ...timeline, lanes: await collectRows(batches) }, maxLanes, options);
    },
  };
}

const isMeasured = ({ isStartKnown, end }: SpanTime) => isStartKnown && end !== "unknown";

/** Lanes in batches: the records of 100,000 tasks at once would take much memory. */
async function* someAtATime(lanes: readonly Lane[]): AsyncGenerator<readonly Lane[]> {
  for (let start = 0; start < lanes.length; start += BATCH_LANES) yield lanes.slice(start, start + BATCH_LANES);
}

function taskOf({ kind, spans: [span] }: Lane) {
  if (kind !== "task" || span === undefined) return {};
  const { id = null, state = null } = span.task;
  return { id, parent_id: span.parent?.task.id ?? null, state };
}

function recordOf(lane: Lane, totalMs: number) {
  const { kind, spans, open, busyMs, busyWithinMs, criticalMs, failed, isRunning } = lane;
  const [span] = spans;
  // The lane of a single task shows the fields of the task.
  const key =
    kind === "task" && span !== undefined
      ? { ...laneKeyOf(span, "shard"), ...laneKeyOf(span, "table"), ...laneKeyOf(span, "type") }
      : lane.key;
  return {
    node: key.node ?? null,
    shard: key.shard ?? null,
    keyspace: key.keyspace ?? null,
    table: key.table ?? null,
    type: key.type ?? null,
    tasks: spans.length,
    failed: failed.length,
    start_time: open[0] === undefined ? null : timeText(open[0].from),
    end_time: open.length === 0 || isRunning ? null : timeText(open.at(-1)?.to as number),
    busy_seconds: seconds(busyMs),
    within_ms: busyWithinMs,
    critical_seconds: seconds(criticalMs),
    critical_percent: percentOf(criticalMs, totalMs),
  };
}
