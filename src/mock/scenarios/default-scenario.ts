import {
  globalCompaction,
  keyspaceCompaction,
  keyspaceRepair,
  tableCompaction,
  tabletRepair,
  topologyOperation,
} from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;

const compactions: TaskPlan[] = [
  globalCompaction(["shop", "telemetry"], { afterSeconds: -1500, runsSeconds: 120, total: 2 * GIB }),
  keyspaceCompaction("offstrategy compaction", "telemetry", { afterSeconds: -700, runsSeconds: 45 }),
  keyspaceCompaction("cleanup compaction", "accounts", { afterSeconds: -400, runsSeconds: 30 }),
  // Ended with a failed branch: one table on one shard, three levels down.
  keyspaceCompaction("major compaction", "accounts", {
    afterSeconds: -260,
    children: [
      {
        type: "major compaction",
        scope: "shard",
        shard: 0,
        children: [
          { ...tableCompaction("major compaction"), table: "users" },
          {
            type: "major compaction",
            scope: "table",
            table: "sessions",
            children: [
              {
                type: "major compaction",
                scope: "compaction group",
                entity: "group 0",
                runsSeconds: 20,
                total: GIB,
                error: "No space left on device",
              },
            ],
          },
        ],
      },
      {
        type: "major compaction",
        scope: "shard",
        shard: 1,
        children: [{ ...tableCompaction("major compaction"), each: "table" }],
      },
    ],
  }),
  // Short ones, again and again: there is always one that just ended, and one that is about to.
  keyspaceCompaction("major compaction", "shop", { runsSeconds: 15, everySeconds: 120 }),
  keyspaceCompaction("offstrategy compaction", "accounts", { afterSeconds: 4, runsSeconds: 9, everySeconds: 90 }),
  // A long one, to look at and to abort.
  keyspaceCompaction("cleanup compaction", "telemetry", { afterSeconds: -40, runsSeconds: 600, total: 8 * GIB }),
  // Fails after a few seconds.
  keyspaceCompaction("scrub sstables compaction", "telemetry", {
    children: [
      {
        type: "scrub sstables compaction",
        scope: "shard",
        shard: 0,
        children: [
          { type: "scrub sstables compaction", scope: "table", table: "devices", runsSeconds: 4, total: GIB },
          {
            type: "scrub sstables compaction",
            scope: "table",
            table: "readings",
            runsSeconds: 7,
            total: GIB,
            error: "sstable me-3g9f_0k2s_4kqe82bqdyn2cz3e7h-big-Data.db: checksum mismatch in chunk 17",
          },
        ],
      },
    ],
  }),
  // Waits for its turn.
  keyspaceCompaction("upgrade sstables compaction", "shop", { queuedSeconds: 45, runsSeconds: 25 }),
  {
    type: "resharding compaction",
    scope: "table",
    module: "compaction",
    keyspace: "shop",
    table: "orders",
    units: "bytes",
    isAbortable: true,
    afterSeconds: -20,
    children: [{ type: "resharding compaction", scope: "shard", each: "shard", runsSeconds: 70, total: GIB }],
  },
  {
    type: "regular compaction",
    scope: "compaction group",
    module: "compaction",
    keyspace: "telemetry",
    table: "readings",
    entity: "group 0",
    units: "bytes",
    isAbortable: true,
    isStartedInternally: true,
    runsSeconds: 8,
    total: GIB / 4,
    everySeconds: 10,
  },
];

const repairs: TaskPlan[] = [
  keyspaceRepair("accounts", { afterSeconds: -900, runsSeconds: 180 }),
  keyspaceRepair("system_schema", {
    afterSeconds: -300,
    runsSeconds: 25,
    error: "repair: 3 out of 256 ranges failed, keyspace=system_schema, nodes_down_during_repair={}",
  }),
  keyspaceRepair("shop", { afterSeconds: -10, runsSeconds: 35 }),
  keyspaceRepair("telemetry", { queuedSeconds: 60, runsSeconds: 240 }),
];

const clusterTasks: TaskPlan[] = [
  topologyOperation("bootstrap", "bootstrap", "7c3f4a52-9d0e-4a6b-8f21-5b8e0c9d1a34", {
    afterSeconds: -2400,
    runsSeconds: 300,
  }),
  topologyOperation("rebuild", "rebuild", "1f0b6d8e-2c47-4e59-b3a8-90d7f6e5c412", {
    afterSeconds: -30,
    runsSeconds: 400,
  }),
  tabletRepair("telemetry", "readings", { afterSeconds: -5 }),
  {
    type: "migration",
    kind: "cluster",
    scope: "tablet",
    module: "tablets",
    keyspace: "telemetry",
    table: "readings",
    entity: "11",
    isTransient: true,
    runsSeconds: 20,
    everySeconds: 25,
  },
  {
    type: "split",
    kind: "cluster",
    scope: "table",
    module: "tablets",
    keyspace: "telemetry",
    table: "devices",
    afterSeconds: -200,
    runsSeconds: 50,
    isSuspended: true,
  },
  {
    type: "keyspace_rf_change",
    kind: "cluster",
    scope: "keyspace",
    module: "global_topology_requests",
    keyspace: "shop",
    isAbortable: true,
    runsSeconds: 75,
  },
];

const copies: TaskPlan[] = [
  {
    type: "backup",
    scope: "node",
    module: "snapshot",
    keyspace: "shop",
    table: "orders",
    entity: "nightly",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -800,
    runsSeconds: 150,
    total: 3 * GIB,
  },
  {
    type: "backup",
    scope: "node",
    module: "snapshot",
    keyspace: "shop",
    table: "customers",
    entity: "nightly",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -15,
    runsSeconds: 100,
    total: 5 * GIB,
  },
  {
    type: "download_sstables",
    scope: "node",
    module: "sstables_loader",
    keyspace: "accounts",
    table: "users",
    units: "batches",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -3,
    runsSeconds: 28,
    total: 40,
  },
  {
    type: "download_sstables",
    scope: "node",
    module: "sstables_loader",
    keyspace: "accounts",
    table: "sessions",
    units: "batches",
    isAbortable: true,
    isUserTask: true,
    afterSeconds: -600,
    runsSeconds: 33,
    total: 40,
    error: "failed to download accounts/sessions from bucket 'backups': access denied",
  },
];

/** Something of everything: every module, every state, trees with and without failures, tasks that end while one looks. */
export const defaultScenario: Scenario = {
  name: "default",
  description: "something of everything",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [...compactions, ...repairs, ...clusterTasks, ...copies],
};
