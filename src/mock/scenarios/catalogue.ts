import { ALL_MODULES, type Release } from "../releases.js";
import { KEYSPACES } from "./keyspaces.js";
import type { TaskPlan } from "./scenario.js";

/**
 * Plans for every type of task that servers have (catalogue): levels, scopes, units, who can abort it, who started it. They are written
 * in the words of the newest release.
 */

/** What every plan of a tree may say of its root; but the work (how long, how much, with which error) is that of its leaves. */
export type PlanOptions = Partial<TaskPlan>;

/** The types that came later than their modules, by module and type, each with the trait of a release that has it. */
const LATER_TYPES = {
  "snapshot/cluster backup": "hasTabletBackup",
  "sstables_loader/restore_tablets": "hasTabletRestore",
  "vnodes_to_tablets_migration/pow2_convergence": "hasPow2Convergence",
} as const satisfies Readonly<Record<string, keyof Release>>;

/**
 * Whether a release has such tasks; where it has not, they are left out. Modules and types that no release has are the scenario's own. What a
 * release calls them, and what it knows of them, is the domain's business.
 */
export function isPlayed(module: string, type: string, release: Release): boolean {
  if (ALL_MODULES.includes(module) && !release.modules.includes(module)) return false;
  const key = `${module}/${type}`;
  return !(key in LATER_TYPES) || release[LATER_TYPES[key as keyof typeof LATER_TYPES]];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** The work of a compaction on one compaction group. */
const GROUP_SECONDS = 6;
const GROUP_BYTES = 64 * MIB;

/** The ranges of a shard that a repair goes through, for each table. */
const RANGES = 256;

/** Those that users start for a keyspace, with the types of their compaction groups. */
const GROUP_TYPES = {
  "major compaction": "major compaction",
  "cleanup compaction": "cleanup compaction",
  "offstrategy compaction": "offstrategy compaction",
  "upgrade sstables compaction": "sstables compaction",
  "scrub sstables compaction": "sstables compaction",
} as const;

export type KeyspaceCompaction = keyof typeof GROUP_TYPES;

/** A compaction of a keyspace: on each shard each table, and of that its compaction group. */
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

/** A major compaction of all that a node has. */
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

/** A cleanup of all that a node has: one part for each keyspace on each shard. */
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

/** A compaction's part on each shard. */
function shardCompaction(type: KeyspaceCompaction, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "shard", each: "shard", children: [{ ...tableCompaction(type, options), each: "table" }] };
}

/** A compaction's part on one table of one shard. */
export function tableCompaction(type: KeyspaceCompaction, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "table", children: [compactionGroup(GROUP_TYPES[type], options)] };
}

/** A compaction's work, at the bottom of its tree. */
export function compactionGroup(type: string, options: PlanOptions = {}): TaskPlan {
  return { type, scope: "compaction group", runsSeconds: GROUP_SECONDS, total: GROUP_BYTES, ...leafOptions(options) };
}

/** An offstrategy compaction that the server starts by itself. */
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

/** What servers do by themselves all the time: lists leave it out, and nothing is known of its progress. */
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

/** The SSTables of a table brought into another shape, or to other shards, as a node starts or a table is restored. */
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

/** A repair of a keyspace of vnodes: on each shard its ranges, as often as there are tables. */
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

/** A node operation that works by repair has a root for each keyspace. */
export function repairOfNodeOperation(
  type: "bootstrap" | "replace" | "rebuild" | "decommission" | "removenode",
  keyspace: string,
  options: PlanOptions = {},
): TaskPlan {
  const { isUserTask: _, ...repair } = keyspaceRepair(keyspace, options);
  return { ...repair, type, children: repair.children?.map((child) => ({ ...child, type })) };
}

/** A repair of a table of tablets: one task for all of them, with a repair for each, one after the other, on the node that leads it. */
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

/** The server repairs a tablet by itself. */
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

/** What the server does with tablets by itself, besides repairs. */
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
 * An operation on the nodes of the cluster: streaming on the node concerned; where one is removed, on those that remain.
 * @param node - the node concerned, by its place in the cluster
 * @param streamsAfterSeconds - for how long the tablets of a node that leaves move away before it streams
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

/** The replication of a keyspace of tablets is changed. */
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

/** A keyspace goes from vnodes to tablets: each node reshards its SSTables, one node after the other. */
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

/** A table on its way to a number of tablets that is a power of two. */
interface Convergence {
  readonly table: string;
  readonly tablets: number;
  readonly target: number;
}

/** Tables of a keyspace shrink until their tablets are a power of two, each by merges. */
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

/** A backup of a table. Its total grows while files are found. */
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

/** A backup of tables on all nodes, seen on the node alone that was asked for it. */
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

/** A restore of a table: what users start by `restore`, or by the one that knows tablets. */
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

/** What of a tree's options is its leaves': the work. */
function leafOptions(options: PlanOptions): PlanOptions {
  return Object.fromEntries(WORK.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

/** The rest, which is the root's. */
function rootOptions(options: PlanOptions): PlanOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !WORK.some((work) => work === name)));
}
