import { keyspaceRepair, tabletRepair, topologyOperation } from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;
const TABLETS_OF_READINGS = 128;
const TABLETS_OF_DEVICES = 32;

/** Keyspaces of vnodes repaired one after the other, as an operator's script does it. */
export const repairScenario: Scenario = {
  name: "repair",
  description: "a repair of a keyspace of vnodes, over all shards, with ended ones before it and one to come",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  shards: 4,
  tasks: [
    keyspaceRepair("accounts", { afterSeconds: -1200, runsSeconds: 240, total: 257 }),
    keyspaceRepair("shop", { afterSeconds: -30, runsSeconds: 120, total: 769 }),
    keyspaceRepair("telemetry", { afterSeconds: 15, queuedSeconds: 105, runsSeconds: 90, total: 513 }),
  ],
};

function repairOnEachNode(table: string, runsSeconds: number): TaskPlan {
  return { ...keyspaceRepair("telemetry", { runsSeconds, total: 64 }), table, each: "node" };
}

/** A table of tablets, repaired over the cluster. */
export const tabletRepairScenario: Scenario = {
  name: "tablet-repair",
  description: "a repair of a table of tablets: a cluster task, and the repairs on the nodes",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [
    tabletRepair("telemetry", "readings", {
      afterSeconds: -20,
      runsSeconds: 150,
      total: TABLETS_OF_READINGS,
      children: [repairOnEachNode("readings", 110)],
    }),
    {
      type: "auto_repair",
      kind: "cluster",
      scope: "tablet",
      module: "tablets",
      keyspace: "telemetry",
      table: "devices",
      entity: "23",
      units: "tablets",
      isAbortable: true,
      isTransient: true,
      afterSeconds: 5,
      runsSeconds: 40,
      everySeconds: 60,
      total: TABLETS_OF_DEVICES,
      children: [repairOnEachNode("devices", 25)],
    },
  ],
};

/** A node leaves. Tablets move away from it, and every other node streams its ranges. */
export const decommissionScenario: Scenario = {
  name: "decommission",
  description: "a node leaves the cluster: a cluster task, and the streaming on the nodes",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [
    topologyOperation("bootstrap", "bootstrap", "5d2a7f0e-64b8-4c31-9a0f-b7f1c6e3d582", {
      afterSeconds: -3000,
      runsSeconds: 420,
    }),
    topologyOperation("decommission", "decommission", "c81e728d-9d4c-4f63-8f06-7f89cc14862c", {
      afterSeconds: -25,
      runsSeconds: 180,
    }),
    {
      type: "migration",
      kind: "cluster",
      scope: "tablet",
      module: "tablets",
      keyspace: "telemetry",
      table: "readings",
      entity: "64",
      isTransient: true,
      runsSeconds: 8,
      everySeconds: 9,
    },
  ],
};

function backup(keyspace: string, table: string, gibibytes: number, staging: Partial<TaskPlan>): TaskPlan {
  return {
    type: "backup",
    scope: "node",
    module: "snapshot",
    keyspace,
    table,
    entity: "nightly-2025-01-01",
    units: "bytes",
    isAbortable: true,
    isUserTask: true,
    total: gibibytes * GIB,
    ...staging,
  };
}

/** A nightly backup, table by table, and a restore beside it. */
export const backupScenario: Scenario = {
  name: "backup",
  description: "a nightly backup, table by table: ended, failed, running and waiting ones, and a restore",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [
    backup("shop", "customers", 4, { afterSeconds: -900, runsSeconds: 200 }),
    backup("shop", "order_items", 11, {
      afterSeconds: -690,
      runsSeconds: 310,
      error: "The request signature we calculated does not match the signature you provided (SignatureDoesNotMatch)",
    }),
    backup("shop", "orders", 38, { each: "node", afterSeconds: -60, runsSeconds: 240 }),
    backup("accounts", "users", 2, { queuedSeconds: 180, runsSeconds: 45 }),
    {
      type: "download_sstables",
      scope: "node",
      module: "sstables_loader",
      keyspace: "accounts",
      table: "sessions",
      entity: "nightly-2024-12-31",
      units: "batches",
      isAbortable: true,
      isUserTask: true,
      afterSeconds: -10,
      runsSeconds: 55,
      total: 48,
    },
  ],
};
