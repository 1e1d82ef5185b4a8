import { type Interval, isTimed, type Span, type TimedSpan } from "./span.js";

/** A part of the root's time, and the task in which it was spent. */
export interface CriticalPart extends Interval {
  readonly span: TimedSpan;
}

export interface CriticalPath {
  /** Together they cover the root's time, in order and without gaps. */
  readonly parts: readonly CriticalPart[];
  /** The tasks on the path, including those whose time was all spent in their parts. */
  readonly spans: ReadonlySet<Span>;
}

/**
 * The chain of tasks that determined how long a root took. Going back from its end: the part that ended last, then the part that
 * ended when that one began, and so on, and the same within each. If no part ended at that moment, one that was still running; if
 * none was running, the time is the task's own. If there are several, the longest.
 */
export function criticalPath(root: Span | undefined): CriticalPath {
  const parts: CriticalPart[] = [];
  const spans = new Set<Span>();
  if (root === undefined || !isTimed(root)) return { parts, spans };
  const walks = [new Walk(root, root.time)];
  spans.add(root);
  for (let walk = walks.at(-1); walk !== undefined; walk = walks.at(-1)) {
    const { span, cursor } = walk;
    const step = walk.step();
    const ownFrom = step?.to ?? walk.from;
    if (ownFrom < cursor) parts.push({ span, from: ownFrom, to: cursor });
    if (step === undefined) {
      walks.pop();
      continue;
    }
    spans.add(step.span);
    walks.push(new Walk(step.span, step));
  }
  return { parts: parts.reverse(), spans };
}

/** Walks the time of a task from its end back to its start. */
class Walk {
  readonly span: TimedSpan;
  readonly from: number;
  /** The time before it is still to be walked. */
  cursor: number;
  /** The last to end first; among equals the longest first. */
  readonly #children: readonly TimedSpan[];
  #next = 0;
  /** Of the children that ended at the cursor or later, the one that began first. */
  #earliest: TimedSpan | undefined;
  readonly #end: number;

  constructor(span: TimedSpan, { from, to }: Interval) {
    this.span = span;
    this.from = from;
    this.cursor = to;
    this.#end = to;
    this.#children = span.children
      .filter(isTimed)
      .sort((one, other) => this.#endOf(other) - this.#endOf(one) || one.time.from - other.time.from);
  }

  /** The next part, which ends at the cursor or before. Moves the cursor to its start. */
  step(): CriticalPart | undefined {
    while (this.#peekEnd() > this.cursor) this.#pass();
    let span: TimedSpan | undefined;
    while (span === undefined && this.#peekEnd() === this.cursor) span = this.#pass();
    const { cursor } = this;
    if (span === undefined && this.#earliest !== undefined && this.#earliest.time.from < cursor) span = this.#earliest;
    while (span === undefined && this.#peekEnd() > this.from) span = this.#pass();
    if (span === undefined) return undefined;
    const to = Math.min(this.#endOf(span), cursor);
    const from = Math.max(span.time.from, this.from);
    if (from >= to) return undefined;
    this.cursor = from;
    return { span, from, to };
  }

  /** For a child that outlasts its parent, the parent's end counts. */
  #endOf({ time }: TimedSpan): number {
    return Math.min(time.to, this.#end);
  }

  #peekEnd(): number {
    const child = this.#children[this.#next];
    return child === undefined ? Number.NEGATIVE_INFINITY : this.#endOf(child);
  }

  /** @returns the next child, if it took time */
  #pass(): TimedSpan | undefined {
    const child = this.#children[this.#next++] as TimedSpan;
    if (child.time.from >= this.#endOf(child)) return undefined;
    if (this.#earliest === undefined || child.time.from < this.#earliest.time.from) this.#earliest = child;
    return child;
  }
}
