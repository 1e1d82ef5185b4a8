import {
  backup,
  compactionGroup,
  globalCompaction,
  keyspaceCompaction,
  keyspaceRepair,
  migrationToTablets,
  nodeOperation,
  regularCompaction,
  replicationChange,
  restore,
  rewrite,
  tableCompaction,
  tabletRepair,
  tabletTask,
} from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;

const compactions: TaskPlan[] = [
  globalCompaction(["shop", "telemetry"], { afterSeconds: -1500, runsSeconds: 120, total: 2 * GIB }),
  keyspaceCompaction("offstrategy compaction", "telemetry", { afterSeconds: -700, runsSeconds: 45 }),
  keyspaceCompaction("cleanup compaction", "accounts", { afterSeconds: -400, runsSeconds: 30 }),
  // Failed: one table on one shard, three levels down.
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
              compactionGroup("major compaction", {
                runsSeconds: 20,
                total: GIB,
                error: "std::system_error (error system:28, No space left on device)",
              }),
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
  // Short ones that are repeated: one has always just ended, and one is about to end.
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
          {
            ...tableCompaction("scrub sstables compaction", { runsSeconds: 4, total: GIB }),
            table: "devices",
          },
          {
            ...tableCompaction("scrub sstables compaction", {
              runsSeconds: 7,
              total: GIB,
              error:
                "sstables::malformed_sstable_exception (checksum mismatch in chunk 17 in sstable me-3g9f_0k2s_4kqe82bqdyn2cz3e7h-big-Data.db)",
            }),
            table: "readings",
          },
        ],
      },
    ],
  }),
  // Waits for its turn.
  keyspaceCompaction("upgrade sstables compaction", "shop", { queuedSeconds: 45, runsSeconds: 25 }),
  rewrite("resharding compaction", "shop", "orders", { afterSeconds: -20, runsSeconds: 70, total: GIB }),
  regularCompaction("telemetry", "readings", { everySeconds: 10 }),
];

const repairs: TaskPlan[] = [
  keyspaceRepair("accounts", { afterSeconds: -900, runsSeconds: 180 }),
  keyspaceRepair("shop", {
    afterSeconds: -300,
    runsSeconds: 25,
    error:
      "std::runtime_error (3 out of 768 ranges failed, keyspace=shop, tables=[orders, order_items, customers], repair_reason=repair, nodes_down_during_repair={}, aborted_by_user=false, failed_because=N/A)",
  }),
  keyspaceRepair("shop", { afterSeconds: -10, runsSeconds: 35 }),
  keyspaceRepair("accounts", { queuedSeconds: 60, runsSeconds: 240 }),
];

const clusterTasks: TaskPlan[] = [
  nodeOperation("bootstrap", 0, { afterSeconds: -2400, runsSeconds: 300 }),
  nodeOperation("rebuild", 0, { afterSeconds: -30, runsSeconds: 400 }),
  tabletRepair("telemetry", "readings", 30, { afterSeconds: -5 }),
  tabletTask("migration", "telemetry", "readings", { everySeconds: 25 }),
  tabletTask("split", "telemetry", "devices", { afterSeconds: -20, runsSeconds: 50, isSuspended: true }),
  replicationChange("telemetry"),
  migrationToTablets("accounts", "sessions", { afterSeconds: -15, total: 1 }),
];

const copies: TaskPlan[] = [
  backup("shop", 3, { afterSeconds: -800, runsSeconds: 150 }),
  backup("shop", 5, { afterSeconds: -15 }),
  restore("download_sstables", "accounts", 40, { afterSeconds: -3, runsSeconds: 28 }),
  restore("download_sstables", "accounts", 40, {
    afterSeconds: -600,
    runsSeconds: 33,
    error: "std::runtime_error (Failed to download accounts/sessions from bucket 'backups': Access Denied)",
  }),
];

/** A bit of everything: every module and state, trees with and without failures, tasks that end while you watch. */
export const defaultScenario: Scenario = {
  name: "default",
  description: "something of everything",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [...compactions, ...repairs, ...clusterTasks, ...copies],
};
