import { keyspaceCompaction, keyspaceRepair, nodeOperation, rewrite, tabletRepair } from "./catalogue.js";
import { KEYSPACES } from "./keyspaces.js";
import type { Scenario, TaskPlan } from "./scenario.js";

const GIB = 1024 ** 3;

const BAD_GATEWAY = [
  "<html>",
  "<head><title>502 Bad Gateway</title></head>",
  "<body>",
  "<center><h1>502 Bad Gateway</h1></center>",
  "<hr><center>nginx/1.24.0</center>",
  "</body>",
  "</html>",
  "",
].join("\r\n");

/** With a ttl of 0 they are gone when they end, so nobody can see how. */
const vanishing: TaskPlan[] = [
  rewrite("reshaping compaction", "shop", "orders", { everySeconds: 15, runsSeconds: 8, total: GIB }),
  rewrite("resharding compaction", "telemetry", "devices", {
    afterSeconds: 3,
    everySeconds: 20,
    runsSeconds: 6,
    total: GIB,
    error: "std::system_error (error system:28, No space left on device)",
  }),
];

const oddProgress: TaskPlan[] = [
  // Completed exceeds the total.
  keyspaceCompaction("major compaction", "shop", { runsSeconds: 90, total: 10 * GIB, completed: 13 * GIB }),
  // The total grows.
  keyspaceCompaction("cleanup compaction", "shop", { runsSeconds: 120, total: GIB, finalTotal: 40 * GIB }),
  // The total shrinks.
  keyspaceCompaction("upgrade sstables compaction", "shop", { runsSeconds: 100, total: GIB, expectedTotal: 20 * GIB }),
  // Progress is unknown.
  keyspaceCompaction("offstrategy compaction", "accounts", { runsSeconds: 100, total: 0 }),
  // Children have other units.
  keyspaceRepair("accounts", {
    children: [{ type: "repair", scope: "shard", each: "shard", units: "batches", runsSeconds: 110, total: 12 }],
  }),
];

const clusterTasks: TaskPlan[] = [
  nodeOperation("rebuild", 0, { afterSeconds: -30, runsSeconds: 400 }),
  tabletRepair("telemetry", "readings", 12, { runsSeconds: 55, everySeconds: 60 }),
];

/** What goes wrong on real servers, again and again, after some calm seconds. */
export const chaosScenario: Scenario = {
  name: "chaos",
  description: "tasks that vanish, a node that comes and goes, odd progress, slow and wrong answers",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [...vanishing, ...oddProgress, ...clusterTasks],
  outages: [{ node: 1, afterSeconds: 20, downSeconds: 20, everySeconds: 90 }],
  faults: [
    // From a proxy in front of the last node.
    { node: 2, path: "/task_manager/**", afterSeconds: 5, probability: 0.15, status: 502, body: BAD_GATEWAY },
    { path: "/task_manager/task_status/*", afterSeconds: 5, probability: 0.1, latencyMs: 2_500 },
    { path: "/task_manager/**", afterSeconds: 5, probability: 0.1, latencyMs: 400 },
  ],
};
