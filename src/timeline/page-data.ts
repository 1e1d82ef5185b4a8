/** The data of the page. Texts are indexes into `texts`, as names repeat from task to task. */
export interface PageData {
  readonly title: string;
  /** From the first start to the last end, in milliseconds since the epoch; both 0 if no time is known. */
  readonly from: number;
  readonly to: number;
  readonly texts: readonly string[];
  /** A task comes before its parts. */
  readonly tasks: readonly PageTask[];
  /** The critical path: the index of the task, from, to. */
  readonly critical: readonly (readonly [task: number, from: number, to: number])[];
}

/** A task. A time, a parent or a shard that is unknown or absent is -1. */
export type PageTask = readonly [
  parent: number,
  name: number,
  type: number,
  state: number,
  node: number,
  shard: number,
  from: number,
  to: number,
  /** It may have begun, and ended, up to this many milliseconds earlier. */
  fromWithin: number,
  toWithin: number,
  flags: number,
  id: number,
  error: number,
  progress: number,
];

/** Bits of `flags`. */
export const FLAG = { startUnknown: 1, running: 2, endUnknown: 4, critical: 8 } as const;
