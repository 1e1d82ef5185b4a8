import { shardOf } from "../tasks/shard.js";
import { isTimed, type Span, type TimedSpan } from "../tasks/timeline/span.js";

/** A row of a trace with nested slices: if two overlap, one is a part of the other. */
export interface Track {
  /** The node's address; `null` for cluster tasks, `undefined` if the node is not known. */
  readonly node: string | null | undefined;
  /** `undefined` for tasks that work on all shards. */
  readonly shard: number | undefined;
  /** From 0. Tasks of one shard that ran at the same time are in different lanes. */
  readonly lane: number;
}

/** A row, and the spans that are open in it, outermost first. */
interface OpenTrack {
  readonly track: Track;
  stack: TimedSpan[];
}

/**
 * Distributes spans over rows. A part goes into the row of its parent if it fits in there, otherwise into the first free row of its
 * node and shard. Takes O(n log n).
 */
export function tracksOf(spans: readonly Span[]): ReadonlyMap<TimedSpan, Track> {
  const shards = new Map<string, ShardTracks>();
  const found = new Map<TimedSpan, OpenTrack>();
  // Parents come before their parts in `spans`. The sort is stable, so this holds even if both began and ended together.
  const ordered = spans
    .filter(isTimed)
    .sort((one, other) => one.time.from - other.time.from || other.time.to - one.time.to);
  for (const span of ordered) {
    const node = span.task.kind === "cluster" ? null : span.node;
    const shard = shardOf(span.task);
    const key = JSON.stringify([node === undefined, node, shard]);
    let shardTracks = shards.get(key);
    if (shardTracks === undefined) {
      shardTracks = new ShardTracks(node, shard);
      shards.set(key, shardTracks);
    }
    const { parent } = span;
    const beside = parent !== undefined && isTimed(parent) ? found.get(parent) : undefined;
    const fits = beside !== undefined && shardTracks.holds(beside) && fitsInto(beside, span);
    const open = fits ? beside : shardTracks.free(span);
    open.stack.push(span);
    found.set(span, open);
  }
  return new Map([...found].map(([span, { track }]) => [span, track]));
}

/** Whether the span's parent is the innermost open span of the row, and does not end before the span does. */
function fitsInto({ stack }: OpenTrack, { time, parent }: TimedSpan): boolean {
  for (let top = stack.at(-1); top !== undefined && top.time.to <= time.from; top = stack.at(-1)) stack.pop();
  const top = stack.at(-1);
  return top !== undefined && top === parent && time.to <= top.time.to;
}

/** The rows of one shard of a node. */
class ShardTracks {
  readonly #all = new Set<OpenTrack>();
  readonly #taken = new Heap<{ readonly open: OpenTrack; readonly until: number }>(({ until }) => until);
  readonly #free = new Heap<OpenTrack>(({ track }) => track.lane);

  constructor(
    readonly node: Track["node"],
    readonly shard: Track["shard"],
  ) {}

  holds(open: OpenTrack): boolean {
    return this.#all.has(open);
  }

  /** The first row that is free when the span begins. The row is taken until the span ends. */
  free({ time }: TimedSpan): OpenTrack {
    for (let first = this.#taken.first; first !== undefined && first.until <= time.from; first = this.#taken.first) {
      this.#taken.shift();
      this.#free.add(first.open);
    }
    const open = this.#free.shift() ?? this.#new();
    open.stack = [];
    this.#taken.add({ open, until: time.to });
    return open;
  }

  #new(): OpenTrack {
    const open = { track: { node: this.node, shard: this.shard, lane: this.#all.size }, stack: [] };
    this.#all.add(open);
    return open;
  }
}

/** A priority queue: the item with the lowest number comes first. */
class Heap<T> {
  readonly #items: T[] = [];

  constructor(private readonly numberOf: (item: T) => number) {}

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#number(above) <= this.#number(at)) return;
      this.#swap(above, at);
      at = above;
    }
  }

  shift(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < items.length && this.#number(below) < this.#number(least)) least = below;
      }
      if (least === at) return first;
      this.#swap(least, at);
      at = least;
    }
  }

  #number(at: number): number {
    return this.numberOf(this.#items[at] as T);
  }

  #swap(one: number, other: number): void {
    [this.#items[one], this.#items[other]] = [this.#items[other] as T, this.#items[one] as T];
  }
}
