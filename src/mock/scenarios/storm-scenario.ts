import { keyspaceCompaction, keyspaceRepair, regularCompaction } from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario } from "./scenario.js";

const MANY = 100_000;

/** 100,000 internal tasks in one module, and a tree of as many in another: too many for a quadratic program. */
export const stormScenario: Scenario = {
  name: "storm",
  description: "100,000 internal tasks in one module, and a tree of 100,000 in another",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [
    regularCompaction("telemetry", "readings", { copies: MANY, runsSeconds: 86_400 }),
    keyspaceCompaction("major compaction", "shop", { runsSeconds: 300, total: 64 * 1024 ** 3 }),
    keyspaceRepair("shop", {
      children: [{ type: "repair", scope: "shard", copies: MANY, runsSeconds: 3_600, total: 1 }],
    }),
  ],
};
