import type { TaskStatus } from "../../client/wire.js";
import { taskForest } from "../forest.js";
import type { ProgressPoint } from "../progress.js";
import { type CriticalPath, criticalPath } from "./critical-path.js";
import { merged, remainder } from "./intervals.js";
import { dividingKind, type Lane, type LaneKind, lanesOf } from "./lanes.js";
import { type Interval, isFailed, isLeaf, isTimed, type SeenTimes, type Span, spansOf } from "./span.js";

/** When the tasks of a tree ran. */
export interface Timeline {
  readonly root: Span | undefined;
  /** A task comes before its parts; parts are in the order in which they began. */
  readonly spans: readonly Span[];
  /** From the first start to the last end; `undefined` if no time is known. */
  readonly range: Interval | undefined;
  readonly critical: CriticalPath;
  readonly kind: LaneKind;
  readonly lanes: readonly Lane[];
  /** When the root ran but none of its parts is known to have run; empty if nothing is known about the parts. */
  readonly gaps: readonly Interval[];
  readonly failedCount: number;
  /** The number of tasks without a known time. */
  readonly untimed: { readonly notStarted: number; readonly unknown: number };
  /** The end of running tasks in the drawing. */
  readonly nowMs: number;
  /** By id, the progress over time, if it was recorded. */
  readonly progress: ReadonlyMap<string, readonly ProgressPoint[]>;
}

export interface TimelineOptions {
  /** What to group lanes by; by default what divides the tasks best. */
  readonly by?: LaneKind | undefined;
  readonly nowMs: number;
  /** The address, if only one node was queried. */
  readonly onlyNode?: string | undefined;
  readonly progress?: ReadonlyMap<string, readonly ProgressPoint[]> | undefined;
  /** By id, when tasks were seen to begin and end; used if their server did not report it. */
  readonly seen?: ReadonlyMap<string, SeenTimes> | undefined;
}

/** Calculates when tasks ran. Linear in the number of tasks, except for sorting. */
export function timelineOf(statuses: readonly TaskStatus[], options: TimelineOptions): Timeline {
  const { nowMs, onlyNode, progress = new Map(), seen } = options;
  const spans = spansOf(taskForest(statuses), nowMs, onlyNode, seen);
  const root = spans[0];
  const critical = criticalPath(root);
  const kind = options.by ?? dividingKind(spans);
  return {
    root,
    spans,
    range: rangeOf(spans),
    critical,
    kind,
    lanes: lanesOf(spans, kind, critical.parts),
    gaps: gapsOf(root, spans),
    failedCount: spans.filter(isFailed).length,
    untimed: untimedOf(spans),
    nowMs,
    progress,
  };
}

function rangeOf(spans: readonly Span[]): Interval | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { time } of spans) {
    if (time === undefined) continue;
    from = Math.min(from, time.from);
    to = Math.max(to, time.to);
  }
  return from <= to ? { from, to } : undefined;
}

function gapsOf(root: Span | undefined, spans: readonly Span[]): readonly Interval[] {
  if (root?.time === undefined || isLeaf(root)) return [];
  const work = spans.flatMap((span) => (isTimed(span) && isLeaf(span) ? [span.time] : []));
  return remainder(root.time, merged(work)).filter(({ from, to }) => to > from);
}

function untimedOf(spans: readonly Span[]): Timeline["untimed"] {
  let [notStarted, unknown] = [0, 0];
  for (const { time, task } of spans) {
    if (time !== undefined) continue;
    if (task.state === "created") notStarted++;
    else unknown++;
  }
  return { notStarted, unknown };
}

/** The lane with the longest share of the critical path; `undefined` if there is only one lane. */
export function slowestLane({ lanes }: Timeline): Lane | undefined {
  if (lanes.length < 2) return undefined;
  let slowest: Lane | undefined;
  for (const lane of lanes) if (lane.criticalMs > (slowest?.criticalMs ?? 0)) slowest = lane;
  return slowest;
}

/** What a lane is divided by further, to find out what in it took longest. */
const WITHIN: Readonly<Record<LaneKind, LaneKind>> = {
  node: "shard",
  shard: "table",
  table: "node",
  type: "table",
  task: "task",
};

/** The lanes within a lane: the shards of a node, the tables of a shard. */
export function lanesWithin(lane: Lane, { critical }: Timeline): readonly Lane[] {
  const kind = WITHIN[lane.kind];
  if (kind === lane.kind) return [];
  const spans = new Set(lane.spans);
  const parts = critical.parts.filter(({ span }) => spans.has(span));
  return lanesOf(lane.spans, kind, parts).filter(({ key }) =>
    kind === "shard" ? key.shard !== undefined : kind === "table" ? key.table !== undefined : key.node !== null,
  );
}

/** What took longest within a lane: a shard of a node, a table of a shard. `undefined` if there is nothing to choose from. */
export function slowestWithin(lane: Lane, timeline: Timeline): Lane | undefined {
  const inner = lanesWithin(lane, timeline);
  if (inner.length < 2) return undefined;
  return inner.reduce((slowest, each) => (each.criticalMs > slowest.criticalMs ? each : slowest));
}
