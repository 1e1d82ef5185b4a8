import { amountOf, ratePerSecond } from "../progress.js";
import { lengthOf, lengthWithin, type MeasuredMs } from "./intervals.js";
import { inKeyOrder, keyText, type Lane, type LaneKey, type LaneKind } from "./lanes.js";
import { isLeaf, isTimed, type Span, type SpanTime, type TimedSpan } from "./span.js";
import { lanesWithin, type Timeline } from "./timeline.js";

/** What two runs can be compared by. Not by task: no task is in both. */
export const COMPARED_KINDS = ["node", "shard", "table", "type"] as const satisfies readonly LaneKind[];
export type ComparedKind = (typeof COMPARED_KINDS)[number];

/** The amount of work, and its speed. `undefined` if the server does not report it, or in different units. */
export interface Work {
  readonly amount: number | undefined;
  readonly units: string;
  readonly rate: number | undefined;
}

/** What one run did in a lane. */
export interface LaneOfRun extends Work {
  readonly lane: Lane;
  /** How long tasks ran that did work themselves; `undefined` if none of their times are known. */
  readonly took: MeasuredMs | undefined;
  /** The number of tasks with an unknown begin or end: they are not included in the above. */
  readonly unknownCount: number;
}

/** A lane of two runs. One of the runs may not have it. */
export interface ComparedLane {
  readonly kind: LaneKind;
  readonly key: LaneKey;
  readonly first: LaneOfRun | undefined;
  readonly second: LaneOfRun | undefined;
  /** How much longer the second run took; `undefined` if it is not known for both. */
  readonly difference: MeasuredMs | undefined;
}

/** One of the two runs. */
export interface ComparedRun extends Work {
  readonly timeline: Timeline;
  /** How long its root took; `undefined` if not known. */
  readonly took: MeasuredMs | undefined;
}

/** Where the difference came from: a lane, with a lane within it; or the time when no part ran. */
export type Cause =
  | { readonly from: "lane"; readonly lane: ComparedLane; readonly within: ComparedLane | undefined }
  | { readonly from: "gaps"; readonly firstMs: number; readonly secondMs: number };

/** Two runs side by side. */
export interface Comparison {
  readonly first: ComparedRun;
  readonly second: ComparedRun;
  readonly kind: ComparedKind;
  readonly lanes: readonly ComparedLane[];
  readonly difference: MeasuredMs | undefined;
  /** `undefined` if no difference is certain, or nothing explains it. */
  readonly cause: Cause | undefined;
}

/** The kind that divides two runs best. */
export function comparedKind(...kinds: readonly LaneKind[]): ComparedKind {
  const found = kinds.find((kind) => kind !== "task");
  return COMPARED_KINDS.find((kind) => kind === found) ?? "node";
}

/** A run with lanes of one kind; if `undefined`, of the kind that divides its tree best. */
export type DividedRun = (by: ComparedKind | undefined) => Timeline;

/** @param by the kind of lanes; `undefined`: the one that divides both runs best */
export function compareRuns(first: DividedRun, second: DividedRun, by: ComparedKind | undefined): Comparison {
  const [one, other] = [first(by), second(by)];
  const kind = by ?? comparedKind(one.kind, other.kind);
  return comparisonOf(one.kind === kind ? one : first(kind), other.kind === kind ? other : second(kind), kind);
}

/** @param first, second with lanes of this kind */
export function comparisonOf(first: Timeline, second: Timeline, kind: ComparedKind): Comparison {
  const runs = { first: runOf(first), second: runOf(second) };
  const works = { first: runs.first.works, second: runs.second.works };
  const lanes = sideBySide(
    shardsOfAnyNode(first.lanes, second.lanes),
    shardsOfAnyNode(second.lanes, first.lanes),
    (lane, run) => laneOf(lane, works[run]),
  );
  const difference = minus(runs.second.took, runs.first.took);
  return {
    first: runs.first.run,
    second: runs.second.run,
    kind,
    lanes,
    difference,
    cause: difference && causeOf(lanes, { first, second }, works, difference),
  };
}

type RunName = "first" | "second";

/** The amount of work of single tasks. */
type Works = ReadonlyMap<Span, { readonly amount: number; readonly units: string }>;

function runOf(timeline: Timeline) {
  const { root, spans } = timeline;
  const works = worksOf(spans);
  const took = root && isKnown(root) ? lengthWithin([root.time]) : undefined;
  const own = root === undefined ? undefined : amountOf(root.task);
  const work = own === undefined ? sumOf(spans, works) : { amount: own, units: root?.task.progress_units ?? "" };
  const run: ComparedRun = { timeline, took, ...withRate(work, took?.ms) };
  return { run, took, works };
}

/** The work of tasks that is not already counted by their parts. If the parts report none, the task's own counts. */
function worksOf(spans: readonly Span[]): Works {
  const works = new Map<Span, { readonly amount: number; readonly units: string }>();
  const hasBelow = new Set<Span>();
  for (let index = spans.length - 1; index >= 0; index--) {
    const span = spans[index] as Span;
    const { parent, task } = span;
    const amount = hasBelow.has(span) ? undefined : amountOf(task);
    if (amount !== undefined) works.set(span, { amount, units: task.progress_units ?? "" });
    if (parent !== undefined && (amount !== undefined || hasBelow.has(span))) hasBelow.add(parent);
  }
  return works;
}

function sumOf(spans: readonly Span[], works: Works): Pick<Work, "amount" | "units"> {
  let amount: number | undefined;
  let units: string | undefined;
  for (const span of spans) {
    const work = works.get(span);
    if (work === undefined) continue;
    if (units !== undefined && units !== work.units) return { amount: undefined, units: "" };
    units = work.units;
    amount = (amount ?? 0) + work.amount;
  }
  return { amount, units: units ?? "" };
}

const withRate = (work: Pick<Work, "amount" | "units">, ms: number | undefined): Work => ({
  ...work,
  rate: ratePerSecond(work.amount, ms),
});

/** Whether both times of a task are known; a running task ends now. */
const isKnown = (span: Span): span is TimedSpan =>
  isTimed(span) && span.time.isStartKnown && span.time.end !== "unknown";

function laneOf(lane: Lane, works: Works): LaneOfRun {
  const known: SpanTime[] = [];
  let unknownCount = 0;
  for (const span of lane.spans) {
    if (!isLeaf(span)) continue;
    if (isKnown(span)) known.push(span.time);
    else if (span.task.state !== "created") unknownCount++;
  }
  const took = known.length === 0 && unknownCount > 0 ? undefined : lengthWithin(known);
  return { lane, took, unknownCount, ...withRate(sumOf(lane.spans, works), took?.ms) };
}

function minus(one: MeasuredMs | undefined, other: MeasuredMs | undefined): MeasuredMs | undefined {
  if (one === undefined || other === undefined) return undefined;
  return { ms: one.ms - other.ms, withinMs: one.withinMs + other.withinMs };
}

/** If each run was on one node, and not on the same, lanes of shards lose the node, so that shards are compared by number. */
function shardsOfAnyNode(lanes: readonly Lane[], others: readonly Lane[]): readonly Lane[] {
  const [one, other] = [onlyNode(lanes), onlyNode(others)];
  if (one === undefined || other === undefined || one === other) return lanes;
  return lanes.map((lane) => (lane.kind === "shard" ? { ...lane, key: { ...lane.key, node: undefined } } : lane));
}

/** The node, if all lanes have the same. */
function onlyNode(lanes: readonly Lane[]): string | undefined {
  const [node, ...more] = new Set(lanes.map(({ key }) => key.node));
  return more.length === 0 ? (node ?? undefined) : undefined;
}

function sideBySide(
  first: readonly Lane[],
  second: readonly Lane[],
  workOf: (lane: Lane, run: RunName) => LaneOfRun,
): ComparedLane[] {
  const pairs = new Map<string, { first?: Lane; second?: Lane }>();
  for (const lane of first) pairs.set(keyText(lane.key), { first: lane });
  for (const lane of second) {
    const key = keyText(lane.key);
    pairs.set(key, { ...pairs.get(key), second: lane });
  }
  const lanes = [...pairs.values()].map((pair): ComparedLane => {
    const { kind, key } = (pair.first ?? pair.second) as Lane;
    const works = {
      first: pair.first && workOf(pair.first, "first"),
      second: pair.second && workOf(pair.second, "second"),
    };
    return { kind, key, ...works, difference: minus(tookOf(works.second), tookOf(works.first)) };
  });
  return inKeyOrder(lanes);
}

/** If a run does not have the lane, it spent no time there. */
const tookOf = (lane: LaneOfRun | undefined): MeasuredMs | undefined =>
  lane === undefined ? { ms: 0, withinMs: 0 } : lane.took;

/** Whether a difference is certain, that is, larger than its uncertainty. */
export const isCertain = ({ ms, withinMs }: MeasuredMs): boolean => Math.abs(ms) > withinMs;

function causeOf(
  lanes: readonly ComparedLane[],
  timelines: Readonly<Record<RunName, Timeline>>,
  works: Readonly<Record<RunName, Works>>,
  difference: MeasuredMs,
): Cause | undefined {
  if (!isCertain(difference)) return undefined;
  const slower: RunName = difference.ms > 0 ? "second" : "first";
  const lane = greatest(lanes, slower);
  const [firstMs, secondMs] = [lengthOf(timelines.first.gaps), lengthOf(timelines.second.gaps)];
  const gapMs = slower === "second" ? secondMs - firstMs : firstMs - secondMs;
  if (gapMs > shareOf(lane, slower)) return { from: "gaps", firstMs, secondMs };
  if (lane === undefined) return undefined;
  const inner = sideBySide(
    lane.first === undefined ? [] : lanesWithin(lane.first.lane, timelines.first),
    lane.second === undefined ? [] : lanesWithin(lane.second.lane, timelines.second),
    (each, run) => laneOf(each, works[run]),
  );
  return { from: "lane", lane, within: inner.length < 2 ? undefined : greatest(inner, slower) };
}

function greatest(lanes: readonly ComparedLane[], slower: RunName): ComparedLane | undefined {
  let found: ComparedLane | undefined;
  for (const lane of lanes) if (shareOf(lane, slower) > shareOf(found, slower)) found = lane;
  return found;
}

/**
 * How much of a difference a lane explains: at most what it took longer, and at most its share of the slower run's critical path.
 */
function shareOf(lane: ComparedLane | undefined, slower: RunName): number {
  if (lane?.difference === undefined || !isCertain(lane.difference)) return 0;
  const longer = slower === "second" ? lane.difference.ms : -lane.difference.ms;
  return Math.max(0, Math.min(longer, lane[slower]?.lane.criticalMs ?? 0));
}
