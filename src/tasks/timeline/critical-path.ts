import { type Interval, isTimed, type Span, type TimedSpan } from "./span.js";

/** A piece of a root's time, and the task that it was spent in. */
export interface CriticalPart extends Interval {
  readonly span: TimedSpan;
}

export interface CriticalPath {
  /** Together they make the root's time, in order and without a gap. */
  readonly parts: readonly CriticalPart[];
  /** The tasks on the path, those too whose time was all spent in their parts. */
  readonly spans: ReadonlySet<Span>;
}

/**
 * The chain of tasks that made a root as long as it was: from its end back, the part that ended last, then the one that ended when
 * that began, and so on, and within each the same. Where none ended just then, one that still ran; where none ran, the time is the
 * task's own. Of several the longest counts.
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

/** A task whose time is walked from its end back to its start. */
class Walk {
  readonly span: TimedSpan;
  readonly from: number;
  /** What is before it is still to be told. */
  cursor: number;
  /** Those that ended last come first, of those the longest. */
  readonly #children: readonly TimedSpan[];
  #next = 0;
  /** Of those that ended at the cursor or later, the one that began first. */
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

  /** The part that comes before the cursor, which moves to its start. */
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

  /** One that goes on behind its parent's end ended with it, as far as the parent is concerned. */
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
