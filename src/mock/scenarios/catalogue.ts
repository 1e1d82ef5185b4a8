import type { TaskPlan } from "./scenario.js";

/** What every plan of a tree may say of its root, and how large its leaves are. */
export type Staging = Partial<TaskPlan>;

const MIB = 1024 * 1024;

/** The work of a compaction of one table on one shard. */
const LEAF_SECONDS = 6;
const LEAF_BYTES = 64 * MIB;

/** The compactions that go from a keyspace down, and whether they go as far as compaction groups. */
const HAS_COMPACTION_GROUPS = {
  "major compaction": true,
  "cleanup compaction": true,
  "offstrategy compaction": true,
  "upgrade sstables compaction": false,
  "scrub sstables compaction": false,
} as const;

export type KeyspaceCompaction = keyof typeof HAS_COMPACTION_GROUPS;

/** A compaction of a keyspace: each shard, there each table. */
export function keyspaceCompaction(type: KeyspaceCompaction, keyspace: string, staging: Staging = {}): TaskPlan {
  return {
    type,
    scope: "keyspace",
    module: "compaction",
    keyspace,
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    children: [shardCompaction(type, staging)],
    ...withoutWork(staging),
  };
}

/** A compaction of all that a node has. */
export function globalCompaction(keyspaces: readonly string[], staging: Staging = {}): TaskPlan {
  return {
    type: "major compaction",
    scope: "global",
    module: "compaction",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    children: keyspaces.map((keyspace) => ({
      type: "major compaction",
      scope: "keyspace",
      keyspace,
      children: [shardCompaction("major compaction", staging)],
    })),
    ...withoutWork(staging),
  };
}

/** A compaction's part on one shard, or on each. */
export function shardCompaction(type: KeyspaceCompaction, staging: Staging = {}): TaskPlan {
  return { type, scope: "shard", each: "shard", children: [{ ...tableCompaction(type, staging), each: "table" }] };
}

/** A compaction's part on one table of one shard. */
export function tableCompaction(type: KeyspaceCompaction, staging: Staging = {}): TaskPlan {
  const work = { runsSeconds: staging.runsSeconds ?? LEAF_SECONDS, total: staging.total ?? LEAF_BYTES };
  if (!HAS_COMPACTION_GROUPS[type]) return { type, scope: "table", ...work };
  return { type, scope: "table", children: [{ type, scope: "compaction group", entity: "group 0", ...work }] };
}

/** A repair of a keyspace: its ranges, on each shard. */
export function keyspaceRepair(keyspace: string, staging: Staging = {}): TaskPlan {
  return {
    type: "repair",
    scope: "keyspace",
    module: "repair",
    keyspace,
    units: "ranges",
    isAbortable: true,
    isUserTask: true,
    children: [shardRepair(staging)],
    ...withoutWork(staging),
  };
}

/** A repair's part on each shard. */
export function shardRepair(staging: Staging = {}): TaskPlan {
  return {
    type: "repair",
    scope: "shard",
    each: "shard",
    runsSeconds: staging.runsSeconds ?? 20,
    total: staging.total ?? 256,
    ...(staging.error === undefined ? {} : { error: staging.error }),
  };
}

/** An operation on the topology of the cluster: streaming on every node. */
export function topologyOperation(type: string, streaming: string, hostId: string, staging: Staging = {}): TaskPlan {
  return {
    type,
    kind: "cluster",
    scope: "cluster",
    module: "node_ops",
    entity: hostId,
    children: [
      {
        type: `${streaming}: streaming`,
        scope: "node",
        each: "node",
        ...(staging.runsSeconds === undefined ? {} : { runsSeconds: staging.runsSeconds }),
      },
    ],
    ...withoutWork(staging),
  };
}

/** A repair of one table of tablets, over the nodes that hold its replicas. */
export function tabletRepair(keyspace: string, table: string, staging: Staging = {}): TaskPlan {
  return {
    type: "user_repair",
    kind: "cluster",
    scope: "table",
    module: "tablets",
    keyspace,
    table,
    units: "tablets",
    isAbortable: true,
    isTransient: true,
    runsSeconds: 90,
    total: 128,
    children: [
      {
        ...keyspaceRepair(keyspace, { runsSeconds: staging.runsSeconds ?? 90 }),
        table,
        each: "node",
      },
    ],
    ...staging,
  };
}

/** The staging of a tree's root, whose work is its children's. */
function withoutWork(staging: Staging): Staging {
  const { runsSeconds: _, total: __, error: ___, ...rest } = staging;
  return rest;
}
