/** What the page of a timeline is given: numbers, and texts by their place in `texts`, as names repeat from task to task. */
export interface PageData {
  readonly title: string;
  /** From the first start to the last end, in milliseconds since the epoch; both 0 where no time is known. */
  readonly from: number;
  readonly to: number;
  readonly texts: readonly string[];
  /** Each before its parts. */
  readonly tasks: readonly PageTask[];
  /** The critical path: place of the task, from, to. */
  readonly critical: readonly (readonly [task: number, from: number, to: number])[];
}

/** A task; times are -1 where they are not known, a parent -1 where there is none, a shard -1 where it says nothing. */
export type PageTask = readonly [
  parent: number,
  name: number,
  type: number,
  state: number,
  node: number,
  shard: number,
  from: number,
  to: number,
  /** It may have begun, and ended, so many milliseconds earlier. */
  fromWithin: number,
  toWithin: number,
  flags: number,
  id: number,
  error: number,
  progress: number,
];

/** Bits of a task's flags. */
export const FLAG = { startUnknown: 1, running: 2, endUnknown: 4, critical: 8 } as const;
