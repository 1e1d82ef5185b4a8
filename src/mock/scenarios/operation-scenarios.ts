import {
  automaticRepair,
  backup,
  clusterBackup,
  keyspaceRepair,
  nodeOperation,
  replicationChange,
  restore,
  tabletRepair,
  tabletTask,
} from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario } from "./scenario.js";

/** Keyspaces with vnodes that are repaired one after the other, as by an operator's script. */
export const repairScenario: Scenario = {
  name: "repair",
  description: "a repair of a keyspace of vnodes, over all shards, with ended ones before it and one to come",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  shards: 4,
  tasks: [
    keyspaceRepair("accounts", { afterSeconds: -1200, runsSeconds: 240 }),
    keyspaceRepair("shop", { afterSeconds: -30, runsSeconds: 120 }),
    keyspaceRepair("accounts", { afterSeconds: 15, queuedSeconds: 105, runsSeconds: 90 }),
  ],
};

/** Repairs of tables with tablets. After the end their status lacks fields; a wait for an aborted one answers `done` (semantics 25, 26). */
export const tabletRepairScenario: Scenario = {
  name: "tablet-repair",
  description: "repairs of tables of tablets: one runs, one has ended, one was aborted, and the server's own",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [
    tabletRepair("telemetry", "readings", 24, { afterSeconds: -20, runsSeconds: 120 }),
    tabletRepair("telemetry", "devices", 8, { afterSeconds: -400, runsSeconds: 60 }),
    tabletRepair("telemetry", "devices", 8, { afterSeconds: -200, runsSeconds: 60, abortedAfterSeconds: 25 }),
    automaticRepair("telemetry", "devices", { afterSeconds: 5, runsSeconds: 40, everySeconds: 60 }),
  ],
};

/** A node leaves: its tablets move away, then it streams its ranges. */
export const decommissionScenario: Scenario = {
  name: "decommission",
  description: "a node leaves the cluster: a cluster task, and the streaming on the node",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [
    nodeOperation("bootstrap", 2, { afterSeconds: -3000, runsSeconds: 420 }),
    nodeOperation("decommission", 2, { afterSeconds: -55, runsSeconds: 180 }, 30),
    tabletTask("migration", "telemetry", "readings", { runsSeconds: 8, everySeconds: 9 }),
  ],
};

/** Node operations of every kind: aborts that are refused or change nothing, and nodes that list differently. */
export const topologyScenario: Scenario = {
  name: "topology",
  description:
    "node operations of every kind, queued, running and ended; aborts that fail or change nothing; nodes that list differently",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 4,
  // The second node lists no finished operations.
  userTtlSeconds: [3600, 0, 3600],
  tasks: [
    nodeOperation("bootstrap", 2, { afterSeconds: -1500, runsSeconds: 300 }),
    nodeOperation("decommission", 1, { afterSeconds: -900, queuedSeconds: 600, abortedAfterSeconds: 60 }),
    nodeOperation("rebuild", 1, {
      afterSeconds: -700,
      runsSeconds: 120,
      error: "std::runtime_error (rebuild failed: streaming with 127.0.0.3: stream closed)",
    }),
    nodeOperation("remove node", 3, { afterSeconds: 5, runsSeconds: 300 }),
    nodeOperation("replace", 2, { queuedSeconds: 3600 }),
    nodeOperation("decommission", 0, { queuedSeconds: 1800, runsSeconds: 300 }),
    replicationChange("telemetry", { afterSeconds: -10, runsSeconds: 1200, ignoresAbort: true }),
    replicationChange("telemetry", { queuedSeconds: 1200, runsSeconds: 60 }),
  ],
  // The dead node that `remove node` is about.
  outages: [{ node: 3, afterSeconds: -60 }],
};

/** A nightly backup, table by table, and restores. */
export const backupScenario: Scenario = {
  name: "backup",
  description: "a nightly backup, table by table: ended, failed, running and waiting ones, and restores",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [
    backup("shop", 4, { afterSeconds: -900, runsSeconds: 200 }),
    backup("shop", 11, {
      afterSeconds: -690,
      runsSeconds: 310,
      error:
        "std::runtime_error (The request signature we calculated does not match the signature you provided (SignatureDoesNotMatch))",
    }),
    backup("shop", 38, { each: "node", afterSeconds: -60, runsSeconds: 240 }),
    backup("accounts", 2, { queuedSeconds: 180, runsSeconds: 45 }),
    clusterBackup("telemetry", "readings", 8, { afterSeconds: -20, runsSeconds: 90 }),
    restore("download_sstables", "accounts", 48, { afterSeconds: -10, runsSeconds: 55 }),
    restore("restore_tablets", "telemetry", 640, { afterSeconds: -10, runsSeconds: 75 }),
  ],
};
