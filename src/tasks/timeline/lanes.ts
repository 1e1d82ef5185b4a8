import { shardOf } from "../shard.js";
import type { CriticalPart } from "./critical-path.js";
import { lengthOf, lengthWithin, merged } from "./intervals.js";
import { type Interval, isFailed, isLeaf, isTimed, type Span, type SpanTime } from "./span.js";

/** By what tasks are put side by side. */
export const LANE_KINDS = ["node", "shard", "table", "type", "task"] as const;
export type LaneKind = (typeof LANE_KINDS)[number];

/** What the tasks of a lane have in common; what is absent is not the same for all, or not known. */
export interface LanePlace {
  /** `null`: of the whole cluster. */
  readonly node?: string | null | undefined;
  readonly shard?: number | undefined;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  readonly type?: string | undefined;
}

/** Tasks that are side by side in a picture. */
export interface Lane {
  readonly kind: LaneKind;
  readonly place: LanePlace;
  readonly spans: readonly Span[];
  /** When anything of it ran, in order and without overlaps. */
  readonly open: readonly Interval[];
  /** When tasks of it ran that did the work themselves, and did not wait for their parts. */
  readonly busy: readonly Interval[];
  /** What of the critical path is in it. */
  readonly critical: readonly Interval[];
  readonly busyMs: number;
  /** That is known within so many milliseconds, more or less. */
  readonly busyWithinMs: number;
  readonly criticalMs: number;
  readonly failed: readonly Span[];
  readonly isRunning: boolean;
}

const NONE: readonly Span[] = [];

/** The kinds by which a tree is best divided, the best first. */
const DIVIDING_KINDS = ["node", "shard", "table", "type"] as const;

/** The first kind by which the tasks come apart. */
export function dividingKind(spans: readonly Span[]): LaneKind {
  const divides = (kind: LaneKind) => {
    const keys = new Set<string>();
    for (const span of spans) {
      const place = placeOf(span, kind);
      // What is of the whole cluster, or of all shards, is no place beside others.
      if (Object.values(place).every((value) => value === undefined || value === null)) continue;
      if (kind === "shard" && place.shard === undefined) continue;
      keys.add(keyOf(place));
      if (keys.size > 1) return true;
    }
    return false;
  };
  return DIVIDING_KINDS.find(divides) ?? "task";
}

export function placeOf({ task, node }: Span, kind: LaneKind): LanePlace {
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

/** The same for places that are the same. */
export const keyOf = (place: LanePlace): string => JSON.stringify(Object.values(place));

/**
 * The lanes of spans: by task in the order of the spans, else in the order of nodes, shards and names.
 * @param criticalParts of the critical path
 */
export function lanesOf(spans: readonly Span[], kind: LaneKind, criticalParts: readonly CriticalPart[]): Lane[] {
  const criticalOf = new Map<Span, Interval[]>();
  for (const part of criticalParts) {
    const known = criticalOf.get(part.span);
    if (known === undefined) criticalOf.set(part.span, [part]);
    else known.push(part);
  }
  if (kind === "task") return spans.map((span) => laneOf(kind, {}, [span], criticalOf));
  const groups = new Map<string, { place: LanePlace; spans: Span[] }>();
  for (const span of spans) {
    const place = placeOf(span, kind);
    const key = keyOf(place);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { place, spans: [span] });
    else group.spans.push(span);
  }
  const lanes = [...groups.values()].map((group) => laneOf(kind, group.place, group.spans, criticalOf));
  return inPlaceOrder(lanes);
}

/** In the order of nodes, shards and names. */
export function inPlaceOrder<T extends { readonly place: LanePlace }>(lanes: readonly T[]): T[] {
  const { compare } = new Intl.Collator("en", { numeric: true });
  return lanes.toSorted(
    ({ place: one }, { place: other }) =>
      compare(one.node ?? "", other.node ?? "") ||
      (one.shard ?? -1) - (other.shard ?? -1) ||
      compare(one.keyspace ?? "", other.keyspace ?? "") ||
      compare(one.table ?? "", other.table ?? "") ||
      compare(one.type ?? "", other.type ?? ""),
  );
}

function laneOf(
  kind: LaneKind,
  place: LanePlace,
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
    place,
    spans,
    ...lane,
    busyMs: lengthOf(lane.busy),
    busyWithinMs: lengthWithin(work).withinMs,
    criticalMs: lengthOf(lane.critical),
    failed: spans.some(isFailed) ? spans.filter(isFailed) : NONE,
    isRunning: spans.some(({ time }) => time?.end === "running"),
  };
}

/** When those ran that did the work themselves. */
const workOf = (spans: readonly Span[]): SpanTime[] =>
  spans.flatMap((span) => (isTimed(span) && isLeaf(span) ? [span.time] : []));

/** One lane of many: for those that a picture has no room for. */
export function foldedLane(lanes: readonly Lane[]): Lane {
  const all = (pick: (lane: Lane) => readonly Interval[]) => merged(lanes.flatMap(pick));
  const [busy, critical] = [all((lane) => lane.busy), all((lane) => lane.critical)];
  const spans = lanes.flatMap((lane) => lane.spans);
  return {
    kind: lanes[0]?.kind ?? "task",
    place: {},
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
  /** In their order. */
  readonly shown: readonly Lane[];
  readonly folded: readonly Lane[];
}

/** So many lanes as there is room for: those that the critical path took longest in, then those with failures, then the longest. */
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
