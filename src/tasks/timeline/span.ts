import { type TaskStatus, timeOf } from "../../client/wire.js";
import { isFinished } from "../../vocabulary.js";
import { preorder, type TreeNode } from "../forest.js";

/** From one time to another, in milliseconds since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** When a task ran, as far as that is known. */
export interface SpanTime extends Interval {
  /** False where the server did not say when it began: `from` is then where its parts began, or its end. */
  readonly isStartKnown: boolean;
  /** `unknown` where it is over and nobody said since when: `to` is then where its parts ended, or its start. */
  readonly end: "known" | "running" | "unknown";
  /** It may have begun, and ended, so many milliseconds earlier. Absent if the server told both times. */
  readonly within?: { readonly from: number; readonly to: number };
}

/** A time that is known within a span before it, in milliseconds. */
export interface MeasuredTime {
  readonly atMs: number;
  /** It may have been so long before. */
  readonly withinMs: number;
}

/** When a task began and ended, as far as it was seen. */
export interface SeenTimes {
  readonly begin: MeasuredTime | undefined;
  readonly end: MeasuredTime | undefined;
}

/** A task on the line of time. */
export interface Span {
  readonly task: TaskStatus;
  /** Address of its node; `undefined` for a task of the cluster, and where it is not known. */
  readonly node: string | undefined;
  readonly parent: Span | undefined;
  /** In the order in which they began. */
  readonly children: readonly Span[];
  /** Levels below its root. */
  readonly depth: number;
  /** `undefined` where it has not begun, or nothing is known of its times. */
  readonly time: SpanTime | undefined;
}

/** A task that has a place on the line of time. */
export type TimedSpan = Span & { readonly time: SpanTime };

export const isTimed = (span: Span): span is TimedSpan => span.time !== undefined;

export const isFailed = ({ task }: Span): boolean => task.state === "failed";

/** Whether no part of it is known to have run: it did the work itself. */
export const isLeaf = ({ children }: Span): boolean => !children.some(isTimed);

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type NewSpan = Writable<Omit<Span, "children">> & { children: NewSpan[] };

/**
 * The tasks of trees as spans, each before its parts.
 * @param nowMs until when a task runs that has not ended
 * @param onlyNode address of the node, where one was asked: a server does not say it of its own tasks
 * @param seen when tasks were seen to begin and end, by id: for those whose server did not tell
 */
export function spansOf(
  roots: readonly TreeNode[],
  nowMs: number,
  onlyNode?: string,
  seen?: ReadonlyMap<string, SeenTimes>,
): Span[] {
  const spans: NewSpan[] = [];
  const byNode = new Map<TreeNode, NewSpan>();
  for (const { node: at } of preorder(roots)) {
    const parent = at.parent === undefined ? undefined : byNode.get(at.parent);
    const span: NewSpan = {
      task: at.status,
      // All below a task of a node are on the same node.
      node: at.status.kind === "cluster" ? undefined : (at.node ?? parent?.node ?? onlyNode),
      parent,
      children: [],
      depth: at.depth,
      time: undefined,
    };
    byNode.set(at, span);
    spans.push(span);
    parent?.children.push(span);
  }
  for (let index = spans.length - 1; index >= 0; index--) {
    const span = spans[index] as NewSpan;
    span.time = timeOfSpan(span, nowMs, seen?.get(span.task.id ?? ""));
    span.children.sort(byStart);
  }
  return inOrder(spans.filter(({ parent }) => parent === undefined));
}

function timeOfSpan({ task, children }: NewSpan, nowMs: number, seen?: SeenTimes): SpanTime | undefined {
  const begun = measured(task.start_time, seen?.begin);
  const ended = measured(task.end_time, seen?.end);
  const [start, end] = [begun?.atMs, ended?.atMs];
  // Of one that is gone nobody saw the end, but it is over.
  const isOver = isFinished(task) || task.state === "gone";
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (start === undefined || end === undefined) {
    for (const { time } of children) {
      if (time === undefined) continue;
      first = Math.min(first, time.from);
      last = Math.max(last, time.to);
    }
  }
  const hasParts = first <= last;
  const from = start ?? (hasParts ? first : end);
  if (from === undefined) return undefined;
  const isStartKnown = start !== undefined;
  const [fromWithin, toWithin] = [begun?.withinMs ?? 0, ended?.withinMs ?? 0];
  const within = fromWithin === 0 && toWithin === 0 ? {} : { within: { from: fromWithin, to: toWithin } };
  if (end !== undefined && end >= from) return { from, to: end, isStartKnown, end: "known", ...within };
  // The clock of the node may be ahead of this one.
  if (!isOver && end === undefined) return { from, to: Math.max(from, nowMs), isStartKnown, end: "running", ...within };
  return { from, to: Math.max(from, hasParts ? last : from), isStartKnown, end: "unknown" };
}

function measured(time: string | undefined, seen: MeasuredTime | undefined): MeasuredTime | undefined {
  const atMs = timeOf(time);
  return seen ?? (atMs === undefined ? undefined : { atMs, withinMs: 0 });
}

/** Tasks without a time last, as they are yet to come. */
function byStart(one: Span, other: Span): number {
  const [a, b] = [one.time, other.time];
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.from - b.from || b.to - a.to || (one.task.shard ?? 0) - (other.task.shard ?? 0);
}

function inOrder(roots: readonly Span[]): Span[] {
  const ordered: Span[] = [];
  const waiting = [...roots].reverse();
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    ordered.push(span);
    for (let index = span.children.length - 1; index >= 0; index--) waiting.push(span.children[index] as Span);
  }
  return ordered;
}
