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

/** Keyspaces of vnodes repaired one after the other, as an operator's script does it. */
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

/** Repairs of tables with tablets over the cluster: their status changes its form at the end, and a wait for an aborted one answers success. */
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

/** A node leaves. Its tablets move away first, and then it streams its ranges. */
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

/** What node operations and the like do to a client: aborts that are refused or do nothing, and nodes that do not agree. */
export const topologyScenario: Scenario = {
  name: "topology",
  description:
    "node operations of every kind, queued, running and ended; aborts that fail or change nothing; nodes that list differently",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 4,
  // The second node lists no operation that has ended.
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
  // It is dead: its operation is `remove node`.
  outages: [{ node: 3, afterSeconds: -60 }],
};

/** A nightly backup, table by table, and a restore beside it. */
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
