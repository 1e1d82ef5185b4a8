/** The two behaviours of the server that the mock plays (rest-api: Two generations). */
export type GenerationName = "seed" | "current";

/** What sets one generation apart from the other. */
export interface Generation {
  readonly name: GenerationName;
  /** A finished node task is unregistered by the call that shows it. */
  readonly looksUnregister: boolean;
  /** The children of cluster tasks are internal, so they go as soon as they finish. */
  readonly clusterChildrenAreInternal: boolean;
  /** A task can be set aside, neither done nor failed. */
  readonly canSuspend: boolean;
  readonly canDrain: boolean;
  /** Lists say each task's shard and times. */
  readonly statsCarryShardAndTimes: boolean;
}

export const GENERATIONS: Readonly<Record<GenerationName, Generation>> = {
  seed: {
    name: "seed",
    looksUnregister: true,
    clusterChildrenAreInternal: true,
    canSuspend: false,
    canDrain: false,
    statsCarryShardAndTimes: false,
  },
  current: {
    name: "current",
    looksUnregister: false,
    clusterChildrenAreInternal: false,
    canSuspend: true,
    canDrain: true,
    statsCarryShardAndTimes: true,
  },
};
