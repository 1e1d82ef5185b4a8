import { ALL_MODULES, type Release } from "../releases.js";
import { KEYSPACES } from "./keyspaces.js";
import type { TaskPlan } from "./scenario.js";

/**
 * Plans for every type of task that servers have (catalogue): levels, scopes, units, whether it can be aborted, who started it. They
 * have the names of the newest release.
 */

/** Fields that replace those of the plan's root, but the work (duration, amounts, error) is that of the leaves of its tree. */
export type PlanOptions = Partial<TaskPlan>;

/** The types that are newer than their modules, as `module/type`, each with the trait of the releases that have it. */
const LATER_TYPES = {
  "snapshot/cluster backup": "hasTabletBackup",
  "sstables_loader/restore_tablets": "hasTabletRestore",
  "vnodes_to_tablets_migration/pow2_convergence": "hasPow2Convergence",
} as const satisfies Readonly<Record<string, keyof Release>>;

/**
 * Whether a release has such tasks. Scenarios may have modules and types of their own, on any release. Names and fields that differ
 * by release are up to the domain.
 */
export function hasTasks(release: Release, module: string, type: string): boolean {
  if (ALL_MODULES.includes(module) && !release.modules.includes(module)) return false;
  const key = `${module}/${type}`;
  return !(key in LATER_TYPES) || release[LATER_TYPES[key as keyof typeof LATER_TYPES]];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** The work of a compaction on one compaction group. */
const GROUP_SECONDS = 6;
const GROUP_BYTES = 64 * MIB;

/** How many ranges of a shard a repair goes through, for each table. */
const RANGES = 256;

/** The compactions of a keyspace that users start, with the types of their compaction groups. */
const GROUP_TYPES = {
  "major compaction": "major compaction",
  "cleanup compaction": "cleanup compaction",
  "offstrategy compaction": "offstrategy compaction",
  "upgrade sstables compaction": "sstables compaction",
  "scrub sstables compaction": "sstables compaction",
} as const;

export type KeyspaceCompaction = keyof typeof GROUP_TYPES;

/** A compaction of a keyspace: each shard, on it each table, and of each table one compaction group. */
export function keyspaceCompaction(type: KeyspaceCompaction, keyspace: string, options: PlanOptions = {}): TaskPlan {
  return {
    type,
    scope: "keyspace",
    module: "compaction",
    keyspace,
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    children: [shardCompaction(type, options)],
    ...rootOptions(options),
  };
}

/** A major compaction of all keyspaces of a node. */
export function globalCompaction(keyspaces: readonly string[], options: PlanOptions = {}): TaskPlan {
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
      children: [shardCompaction("major compaction", options)],
    })),
    ...rootOptions(options),
  };
}

/** A cleanup of all keyspaces of a node, with a child for each keyspace and shard. */
export function globalCleanup(keyspaces: readonly string[], options: PlanOptions = {}): TaskPlan {
  return {
    type: "global cleanup compaction",
    scope: "global",
    module: "compaction",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    children: keyspaces.map((keyspace) => ({ ...shardCompaction("cleanup compaction", options), keyspace })),
    ...rootOptions(options),
  };
}

/** The children of a compaction for each shard. */
function shardCompaction(type: KeyspaceCompaction, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "shard", each: "shard", children: [{ ...tableCompaction(type, options), each: "table" }] };
}

/** The child of a compaction for one table on one shard. */
export function tableCompaction(type: KeyspaceCompaction, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "table", children: [compactionGroup(GROUP_TYPES[type], options)] };
}

/** The leaf of a compaction, which does the work. */
export function compactionGroup(type: string, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "compaction group", runsSeconds: GROUP_SECONDS, total: GROUP_BYTES, ...leafOptions(options) };
}

/** An offstrategy compaction that the server starts by itself: a lone root. */
export function ownOffstrategyCompaction(keyspace: string, table: string, options: PlanOptions = {}): TaskPlan {
  return {
    ...compactionGroup("offstrategy compaction"),
    module: "compaction",
    keyspace,
    table,
    units: "bytes",
    isAbortable: true,
    ...options,
  };
}

/** A compaction of the server itself, as it runs all the time: internal, and without known progress. */
export function regularCompaction(keyspace: string, table: string, options: PlanOptions = {}): TaskPlan {
  return {
    type: "regular compaction",
    scope: "compaction group",
    module: "compaction",
    keyspace,
    table,
    units: "bytes",
    isAbortable: true,
    isStartedInternally: true,
    runsSeconds: 8,
    ...options,
  };
}

const REWRITES = {
  "reshaping compaction": "Reshape compaction",
  "resharding compaction": "Reshard compaction",
} as const;

/** Reshaping or resharding of a table's SSTables, when a node starts or a table is restored. */
export function rewrite(
  type: keyof typeof REWRITES,
  keyspace: string,
  table: string,
  options: PlanOptions = {},
): TaskPlan {
  return {
    type,
    scope: "table",
    module: "compaction",
    keyspace,
    table,
    units: "bytes",
    isAbortable: true,
    children: [
      {
        type,
        scope: "shard",
        table: "",
        each: "shard",
        children: [{ ...compactionGroup(REWRITES[type], options), table }],
      },
    ],
    ...rootOptions(options),
  };
}

/** A repair of a keyspace with vnodes: each shard goes through its ranges for every table. */
export function keyspaceRepair(keyspace: string, options: PlanOptions = {}): TaskPlan {
  const tables = options.tables ?? KEYSPACES.find(({ name }) => name === keyspace)?.tables ?? [keyspace];
  return {
    type: "repair",
    scope: "keyspace",
    module: "repair",
    keyspace,
    units: "ranges",
    isAbortable: true,
    isUserTask: true,
    children: [
      {
        type: "repair",
        scope: "shard",
        each: "shard",
        runsSeconds: 20,
        total: RANGES * tables.length,
        ...leafOptions(options),
      },
    ],
    ...rootOptions(options),
  };
}

/** The repair of one keyspace that is part of a node operation; there is a root for each keyspace. */
export function repairOfNodeOperation(
  type: "bootstrap" | "replace" | "rebuild" | "decommission" | "removenode",
  keyspace: string,
  options: PlanOptions = {},
): TaskPlan {
  const { isUserTask: _, ...repair } = keyspaceRepair(keyspace, options);
  return { ...repair, type, children: repair.children?.map((child) => ({ ...child, type })) };
}

/** A repair of a table with tablets: a cluster task, with a child for each tablet, one after the other, on the node that leads it. */
export function tabletRepair(keyspace: string, table: string, tablets: number, options: PlanOptions = {}): TaskPlan {
  const { runsSeconds = 90, ...ofTask } = options;
  return {
    type: "user_repair",
    kind: "cluster",
    scope: "table",
    module: "tablets",
    keyspace,
    table,
    units: "tablets",
    isAbortable: true,
    isUserTask: true,
    runsSeconds,
    total: tablets,
    children: Array.from({ length: tablets }, (_, tablet) => ({
      ...repairOfTablet((0.9 * runsSeconds) / tablets),
      node: tablet,
      shard: tablet,
      afterSeconds: (tablet * runsSeconds) / tablets,
    })),
    ...ofTask,
  };
}

/** A repair of one tablet that the server starts by itself. */
export function automaticRepair(keyspace: string, table: string, options: PlanOptions = {}): TaskPlan {
  const { runsSeconds = 20 } = options;
  return {
    ...tabletRepair(keyspace, table, 1, options),
    type: "auto_repair",
    scope: "tablet",
    isUserTask: false,
    children: [{ ...repairOfTablet(0.9 * runsSeconds), node: 1, shard: 1 }],
  };
}

function repairOfTablet(runsSeconds: number): TaskPlan {
  return {
    type: "repair",
    scope: "keyspace",
    module: "repair",
    table: "",
    units: "ranges",
    isAbortable: true,
    isUserTask: true,
    children: [{ type: "repair", scope: "shard", runsSeconds, total: 1 }],
  };
}

/** Other work on tablets that the server starts by itself. */
export function tabletTask(
  type: "migration" | "intranode_migration" | "split" | "merge",
  keyspace: string,
  table: string,
  options: PlanOptions = {},
): TaskPlan {
  const ofTable = type === "split" || type === "merge";
  return {
    type,
    kind: "cluster",
    scope: ofTable ? "table" : "tablet",
    module: "tablets",
    keyspace,
    table,
    runsSeconds: 20,
    ...options,
    ...(type === "split"
      ? {
          children: [
            { ...compactionGroup("sstables compaction", options), module: "compaction", units: "bytes", each: "node" },
          ],
        }
      : {}),
  };
}

const STREAMING = {
  bootstrap: "bootstrap",
  replace: "replace",
  rebuild: "rebuild",
  decommission: "decommission",
  "remove node": "removenode",
} as const;

/**
 * A node operation, with a child that streams on the node that it is about; for `remove node`, a child on each node.
 * @param node - the index of the node that it is about
 * @param streamsAfterSeconds - how long after its start it streams: before that, the tablets of a leaving node move away
 */
export function nodeOperation(
  type: keyof typeof STREAMING,
  node: number,
  options: PlanOptions = {},
  streamsAfterSeconds = 0,
): TaskPlan {
  return {
    type,
    kind: "cluster",
    scope: "cluster",
    module: "node_ops",
    entityNode: node,
    isAbortable: true,
    children: [
      {
        type: `${STREAMING[type]}: streaming`,
        scope: "node",
        ...(type === "remove node" ? { each: "node" } : { node }),
        afterSeconds: streamsAfterSeconds,
        ...leafOptions(options),
      },
    ],
    ...rootOptions(options),
  };
}

/** A change of the replication of a keyspace with tablets. */
export function replicationChange(keyspace: string, options: PlanOptions = {}): TaskPlan {
  return {
    type: "keyspace_rf_change",
    kind: "cluster",
    scope: "keyspace",
    module: "global_topology_requests",
    keyspace,
    isAbortable: true,
    runsSeconds: 75,
    ...options,
  };
}

/** The migration of a keyspace from vnodes to tablets, with the resharding of a table as its child. */
export function migrationToTablets(keyspace: string, table: string, options: PlanOptions = {}): TaskPlan {
  const { isAbortable: _, ...resharding } = rewrite("resharding compaction", keyspace, table);
  return {
    type: "vnodes_to_tablets_migration",
    kind: "cluster",
    scope: "keyspace",
    module: "vnodes_to_tablets_migration",
    keyspace,
    units: "nodes",
    total: 3,
    runsSeconds: 600,
    children: [resharding],
    ...options,
  };
}

/** A table that shrinks until the number of its tablets is a power of two. */
interface Convergence {
  readonly table: string;
  readonly tablets: number;
  readonly target: number;
}

/** Tables of a keyspace that shrink until the number of their tablets is a power of two, each by merges. */
export function pow2Convergence(keyspace: string, tables: readonly Convergence[], options: PlanOptions = {}): TaskPlan {
  return {
    type: "pow2_convergence",
    kind: "cluster",
    scope: "keyspace",
    module: "vnodes_to_tablets_migration",
    keyspace,
    units: "tables",
    total: tables.length,
    completed: 0,
    children: tables.map(({ table, tablets, target }) => ({
      type: "pow2_convergence",
      kind: "cluster",
      scope: "table",
      table,
      entity: `${tablets} tablets (target: ${target})`,
      units: "percent",
      total: 100,
      completed: Math.round((100 * target) / tablets),
      children: [tabletTask("merge", keyspace, table, leafOptions(options))],
    })),
    ...rootOptions(options),
  };
}

/** A backup of a table on one node. Its total grows while it finds files. */
export function backup(keyspace: string, gibibytes: number, options: PlanOptions = {}): TaskPlan {
  return {
    type: "backup",
    scope: "node",
    module: "snapshot",
    keyspace,
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    runsSeconds: 100,
    total: gibibytes * 0.8 * GIB,
    finalTotal: gibibytes * GIB,
    ...options,
  };
}

/** A backup of tables on all nodes; the task is only on the node that was asked for it. */
export function clusterBackup(keyspace: string, table: string, total: number, options: PlanOptions = {}): TaskPlan {
  return {
    type: "cluster backup",
    scope: "datacenter",
    module: "snapshot",
    keyspace,
    table,
    isAbortable: true,
    isUserTask: true,
    runsSeconds: 100,
    total,
    ...options,
  };
}

/** A restore of a table, by `restore` or `tablets/restore`. */
export function restore(
  type: "download_sstables" | "restore_tablets",
  keyspace: string,
  total: number,
  options: PlanOptions = {},
): TaskPlan {
  return {
    type,
    scope: "node",
    module: "sstables_loader",
    keyspace,
    units: type === "restore_tablets" ? "sstables" : "batches",
    isAbortable: true,
    isUserTask: true,
    runsSeconds: 60,
    total,
    ...options,
  };
}

const WORK = ["runsSeconds", "total", "finalTotal", "completed", "error"] as const;

/** The options for the leaves of a tree: their work. */
function leafOptions(options: PlanOptions): PlanOptions {
  return Object.fromEntries(WORK.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

/** The options for the root of a tree: all others. */
function rootOptions(options: PlanOptions): PlanOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !WORK.some((work) => work === name)));
}
