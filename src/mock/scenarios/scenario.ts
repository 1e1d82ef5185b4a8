import type { Fault } from "./fault.js";

/** A keyspace and the names of its tables. */
export interface Keyspace {
  readonly name: string;
  readonly tables: readonly string[];
}

/** What there is for tasks to work on. */
export interface Topology {
  readonly clusterName: string;
  readonly keyspaces: readonly Keyspace[];
}

/** What runs on the mock: data, played by a `Player`. */
export interface Scenario extends Topology {
  readonly name: string;
  readonly description: string;
  readonly tasks: readonly TaskPlan[];
  /** Nodes that go down and come back. */
  readonly outages?: readonly Outage[];
  /** What goes wrong on the way to the task manager and back. */
  readonly faults?: readonly Fault[];
  /** For how long finished tasks stay that no user started, as the configuration has it. Default 0. */
  readonly ttlSeconds?: number;
  /** The same for those that a user started. Default 3600. */
  readonly userTtlSeconds?: number;
  /** How many nodes it is made for, where the caller does not say. Default 1. */
  readonly nodes?: number;
  /** How many shards each node has, where the caller does not say. Default 2. */
  readonly shards?: number;
}

/** A node goes down: it refuses connections, its tasks are gone, and the other nodes cannot tell about cluster tasks for ten seconds. */
export interface Outage {
  /** The node by its place in the cluster, from 0. Where there is no such node, nothing happens. */
  readonly node: number;
  /** After the scenario's start. */
  readonly afterSeconds: number;
  /** Until it is back. Absent: it stays away. */
  readonly downSeconds?: number;
  /** Goes down again, this long after the last time. */
  readonly everySeconds?: number;
}

/** Over what a plan is repeated: one task for each of the nodes (but the child of a node task has its parent's alone), of the shards of its node, of the tables of its keyspace. */
export type Each = "node" | "shard" | "table";

/**
 * One task: when it appears, what it does, how it ends. What a child does not say of module, keyspace, table, node, shard, units and whether a
 * user started it, it has from its parent.
 */
export interface TaskPlan {
  readonly type: string;
  readonly scope: string;
  /** Needed in a root. */
  readonly module?: string;
  /** `cluster` where it spans the cluster; only a root can. */
  readonly kind?: "node" | "cluster";
  readonly keyspace?: string;
  readonly table?: string;
  /** The tables over which `each: "table"` goes; all of the keyspace, where absent. */
  readonly tables?: readonly string[];
  readonly entity?: string;
  readonly units?: string;
  /** A node by its place in the cluster, from 0; counted modulo the number of nodes. */
  readonly node?: number;
  /** Counted modulo the number of the node's shards. */
  readonly shard?: number;
  readonly isAbortable?: boolean;
  readonly isUserTask?: boolean;
  readonly isStartedInternally?: boolean;
  readonly isTransient?: boolean;

  /** One task for each; their durations and totals differ by up to a fifth. */
  readonly each?: Each;
  /** So many of the like, which differ as those of `each` do. Not together with `each`. */
  readonly copies?: number;
  /** When it is created: after the scenario's start for a root (negative: before it), after its parent's start for a child. */
  readonly afterSeconds?: number;
  /** For how long it stays `created`. */
  readonly queuedSeconds?: number;
  /** How long it runs. Absent: until its children have ended; without children, until somebody stops it. */
  readonly runsSeconds?: number;
  /** Creates the like again, this long after the last one. Only for roots. */
  readonly everySeconds?: number;

  /** The work of a leaf, in its units. */
  readonly total?: number;
  /** The work as it turns out to be when it ends: `total` grows or shrinks towards it. */
  readonly finalTotal?: number;
  /** How much of the work is done when it ends; all of it, unless it fails. May be more than there is. */
  readonly completed?: number;
  /** The total of a parent, known in advance. */
  readonly expectedTotal?: number;
  /** It fails with this. */
  readonly error?: string;
  /** It ends set aside, on servers that can; on others it is done. */
  readonly isSuspended?: boolean;

  readonly children?: readonly TaskPlan[];
}
