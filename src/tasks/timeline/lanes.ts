import { shardOf } from "../shard.js";
import type { CriticalPart } from "./critical-path.js";
import { lengthOf, lengthWithin, merged } from "./intervals.js";
import { type Interval, isFailed, isLeaf, isTimed, type Span, type SpanTime } from "./span.js";

/** What tasks can be grouped by into lanes. */
export const LANE_KINDS = ["node", "shard", "table", "type", "task"] as const;
export type LaneKind = (typeof LANE_KINDS)[number];

/** What the tasks of a lane have in common. A field is absent if it differs or is not known. */
export interface LaneKey {
  /** `null`: the whole cluster. */
  readonly node?: string | null | undefined;
  readonly shard?: number | undefined;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  readonly type?: string | undefined;
}

/** A row of a picture, with one or more tasks. */
export interface Lane {
  readonly kind: LaneKind;
  readonly key: LaneKey;
  readonly spans: readonly Span[];
  /** When any of its tasks ran, in order and without overlaps. */
  readonly open: readonly Interval[];
  /** When its tasks did work themselves, instead of waiting for their parts. */
  readonly busy: readonly Interval[];
  /** The lane's share of the critical path. */
  readonly critical: readonly Interval[];
  readonly busyMs: number;
  /** `busyMs` is known to within this, plus or minus. */
  readonly busyWithinMs: number;
  readonly criticalMs: number;
  readonly failed: readonly Span[];
  readonly isRunning: boolean;
}

const NONE: readonly Span[] = [];

/** Kinds that divide a tree, the best first. */
const DIVIDING_KINDS = ["node", "shard", "table", "type"] as const;

/** The first kind for which the tasks have different values. */
export function dividingKind(spans: readonly Span[]): LaneKind {
  const divides = (kind: LaneKind) => {
    const keys = new Set<string>();
    for (const span of spans) {
      const key = laneKeyOf(span, kind);
      // A task of the whole cluster, or of all shards, does not count as a value.
      if (Object.values(key).every((value) => value === undefined || value === null)) continue;
      if (kind === "shard" && key.shard === undefined) continue;
      keys.add(keyText(key));
      if (keys.size > 1) return true;
    }
    return false;
  };
  return DIVIDING_KINDS.find(divides) ?? "task";
}

export function laneKeyOf({ task, node }: Span, kind: LaneKind): LaneKey {
  const where = task.kind === "cluster" ? null : node;
  switch (kind) {
    case "node":
      return { node: where };
    case "shard":
      return { node: where, shard: shardOf(task) };
    case "table":
      return { keyspace: task.keyspace || undefined, table: task.table || undefined };
    case "type":
      return { type: task.type || undefined };
    case "task":
      return {};
  }
}

/** The same text for equal keys. */
export const keyText = (key: LaneKey): string => JSON.stringify(Object.values(key));

/**
 * The lanes of spans: lanes of tasks in the order of the spans, all others sorted by node, shard and name.
 * @param criticalParts the parts of the critical path
 */
export function lanesOf(spans: readonly Span[], kind: LaneKind, criticalParts: readonly CriticalPart[]): Lane[] {
  const criticalOf = new Map<Span, Interval[]>();
  for (const part of criticalParts) {
    const known = criticalOf.get(part.span);
    if (known === undefined) criticalOf.set(part.span, [part]);
    else known.push(part);
  }
  if (kind === "task") return spans.map((span) => laneOf(kind, {}, [span], criticalOf));
  const groups = new Map<string, { key: LaneKey; spans: Span[] }>();
  for (const span of spans) {
    const key = laneKeyOf(span, kind);
    const text = keyText(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, spans: [span] });
    else group.spans.push(span);
  }
  const lanes = [...groups.values()].map((group) => laneOf(kind, group.key, group.spans, criticalOf));
  return inKeyOrder(lanes);
}

/** Sorted by node, shard and name. */
export function inKeyOrder<T extends { readonly key: LaneKey }>(lanes: readonly T[]): T[] {
  const { compare } = new Intl.Collator("en", { numeric: true });
  return lanes.toSorted(
    ({ key: one }, { key: other }) =>
      compare(one.node ?? "", other.node ?? "") ||
      (one.shard ?? -1) - (other.shard ?? -1) ||
      compare(one.keyspace ?? "", other.keyspace ?? "") ||
      compare(one.table ?? "", other.table ?? "") ||
      compare(one.type ?? "", other.type ?? ""),
  );
}

function laneOf(
  kind: LaneKind,
  key: LaneKey,
  spans: readonly Span[],
  criticalOf: ReadonlyMap<Span, readonly Interval[]>,
): Lane {
  const open: Interval[] = [];
  const critical: Interval[] = [];
  for (const span of spans) {
    if (!isTimed(span)) continue;
    open.push(span.time);
    for (const part of criticalOf.get(span) ?? []) critical.push(part);
  }
  const work = workOf(spans);
  const lane = { open: merged(open), busy: merged(work), critical: merged(critical) };
  return {
    kind,
    key,
    spans,
    ...lane,
    busyMs: lengthOf(lane.busy),
    busyWithinMs: lengthWithin(work).withinMs,
    criticalMs: lengthOf(lane.critical),
    failed: spans.some(isFailed) ? spans.filter(isFailed) : NONE,
    isRunning: spans.some(({ time }) => time?.end === "running"),
  };
}

/** When tasks ran that did work themselves. */
const workOf = (spans: readonly Span[]): SpanTime[] =>
  spans.flatMap((span) => (isTimed(span) && isLeaf(span) ? [span.time] : []));

/** Combines lanes for which a picture has no room into one. */
export function foldedLane(lanes: readonly Lane[]): Lane {
  const all = (pick: (lane: Lane) => readonly Interval[]) => merged(lanes.flatMap(pick));
  const [busy, critical] = [all((lane) => lane.busy), all((lane) => lane.critical)];
  const spans = lanes.flatMap((lane) => lane.spans);
  return {
    kind: lanes[0]?.kind ?? "task",
    key: {},
    spans,
    open: all(({ open }) => open),
    busy,
    critical,
    busyMs: lengthOf(busy),
    busyWithinMs: lengthWithin(workOf(spans)).withinMs,
    criticalMs: lengthOf(critical),
    failed: lanes.flatMap(({ failed }) => failed),
    isRunning: lanes.some(({ isRunning }) => isRunning),
  };
}

export interface ChosenLanes {
  /** In the original order. */
  readonly shown: readonly Lane[];
  readonly folded: readonly Lane[];
}

/**
 * Chooses as many lanes as there is room for: those with the most of the critical path, then those with failures, then the longest.
 */
export function chosenLanes(lanes: readonly Lane[], most: number): ChosenLanes {
  if (lanes.length <= most) return { shown: lanes, folded: [] };
  const best = [...lanes].sort(
    (one, other) =>
      other.criticalMs - one.criticalMs ||
      other.failed.length - one.failed.length ||
      other.busyMs - one.busyMs ||
      lengthOf(other.open) - lengthOf(one.open),
  );
  const kept = new Set(best.slice(0, most));
  return { shown: lanes.filter((lane) => kept.has(lane)), folded: lanes.filter((lane) => !kept.has(lane)) };
}
