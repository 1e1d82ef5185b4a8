import { type TaskStatus, timeOf } from "../../client/wire.js";
import { isFinished } from "../../vocabulary.js";
import { preorder, type TreeNode } from "../forest.js";

/** A period, in milliseconds since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** When a task ran, as far as that is known. */
export interface SpanTime extends Interval {
  /** False if the server did not report the start: `from` is then when the parts began, or else the end. */
  readonly isStartKnown: boolean;
  /** `unknown` if the task is over but its end is not known: `to` is then when the parts ended, or else the start. */
  readonly end: "known" | "running" | "unknown";
  /** It may have begun, and ended, up to this many milliseconds earlier. Absent if the server reported both times. */
  readonly within?: { readonly from: number; readonly to: number };
}

/** A time that may be up to `withinMs` earlier. */
export interface MeasuredTime {
  readonly atMs: number;
  /** In milliseconds. */
  readonly withinMs: number;
}

/** When a task was seen to begin and to end. */
export interface SeenTimes {
  readonly begin: MeasuredTime | undefined;
  readonly end: MeasuredTime | undefined;
}

/** A task with its times. */
export interface Span {
  readonly task: TaskStatus;
  /** The node's address; `undefined` for a cluster task, or if it is not known. */
  readonly node: string | undefined;
  readonly parent: Span | undefined;
  /** In the order in which they began. */
  readonly children: readonly Span[];
  /** The number of levels below the root. */
  readonly depth: number;
  /** `undefined` if it has not begun, or no time is known. */
  readonly time: SpanTime | undefined;
}

/** A task with a known time. */
export type TimedSpan = Span & { readonly time: SpanTime };

export const isTimed = (span: Span): span is TimedSpan => span.time !== undefined;

export const isFailed = ({ task }: Span): boolean => task.state === "failed";

/** Whether none of its parts is known to have run, so that it did the work itself. */
export const isLeaf = ({ children }: Span): boolean => !children.some(isTimed);

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type NewSpan = Writable<Omit<Span, "children">> & { children: NewSpan[] };

/**
 * Turns the tasks of trees into spans, parents before their parts.
 * @param nowMs the end of tasks that are still running
 * @param onlyNode the address, if only one node was queried: a server does not name itself in its own tasks
 * @param seen by id, when tasks were seen to begin and end; used if their server did not report it
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
      // All descendants of a node task are on the same node.
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
  // Nobody saw the end of a task that is gone, but it is over.
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
  // The node's clock may be ahead of this one.
  if (!isOver && end === undefined) return { from, to: Math.max(from, nowMs), isStartKnown, end: "running", ...within };
  return { from, to: Math.max(from, hasParts ? last : from), isStartKnown, end: "unknown" };
}

function measured(time: string | undefined, seen: MeasuredTime | undefined): MeasuredTime | undefined {
  const atMs = timeOf(time);
  return seen ?? (atMs === undefined ? undefined : { atMs, withinMs: 0 });
}

/** Tasks without a time come last, as they have not started yet. */
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
