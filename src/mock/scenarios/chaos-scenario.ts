import { keyspaceCompaction, keyspaceRepair, tabletRepair, topologyOperation } from "./catalogue.js";
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

/** Gone the moment they end: with a ttl of 0, nobody learns how. */
const vanishing: TaskPlan[] = [
  {
    type: "reshaping compaction",
    scope: "table",
    module: "compaction",
    keyspace: "shop",
    table: "orders",
    units: "bytes",
    isAbortable: true,
    everySeconds: 15,
    children: [{ type: "reshaping compaction", scope: "shard", each: "shard", runsSeconds: 8, total: GIB }],
  },
  {
    type: "resharding compaction",
    scope: "table",
    module: "compaction",
    keyspace: "telemetry",
    table: "devices",
    units: "bytes",
    isAbortable: true,
    afterSeconds: 3,
    everySeconds: 20,
    children: [
      {
        type: "resharding compaction",
        scope: "shard",
        each: "shard",
        runsSeconds: 6,
        total: GIB,
        error: "No space left on device",
      },
    ],
  },
];

const oddProgress: TaskPlan[] = [
  // More is done than there was to do.
  keyspaceCompaction("major compaction", "shop", {
    children: [
      {
        type: "major compaction",
        scope: "shard",
        each: "shard",
        runsSeconds: 90,
        total: 10 * GIB,
        completed: 13 * GIB,
      },
    ],
  }),
  // There is more to do than was thought.
  keyspaceCompaction("cleanup compaction", "telemetry", {
    children: [
      { type: "cleanup compaction", scope: "shard", each: "shard", runsSeconds: 120, total: GIB, finalTotal: 40 * GIB },
    ],
  }),
  // Nothing is known.
  keyspaceCompaction("offstrategy compaction", "accounts", {
    children: [{ type: "offstrategy compaction", scope: "shard", each: "shard", runsSeconds: 100 }],
  }),
  // Units change on the way down, so that nothing sums up.
  keyspaceRepair("accounts", {
    children: [
      {
        type: "repair",
        scope: "shard",
        each: "shard",
        units: "batches",
        runsSeconds: 110,
        total: 12,
      },
    ],
  }),
];

const clusterTasks: TaskPlan[] = [
  topologyOperation("rebuild", "rebuild", "1f0b6d8e-2c47-4e59-b3a8-90d7f6e5c412", {
    afterSeconds: -30,
    runsSeconds: 400,
  }),
  tabletRepair("telemetry", "readings", {
    runsSeconds: 55,
    everySeconds: 60,
    children: [{ ...keyspaceRepair("telemetry", { runsSeconds: 45 }), table: "readings", each: "node" }],
  }),
];

/** What goes wrong on real servers, again and again; the first seconds are calm. */
export const chaosScenario: Scenario = {
  name: "chaos",
  description: "tasks that vanish, a node that comes and goes, odd progress, slow and wrong answers",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  nodes: 3,
  tasks: [...vanishing, ...oddProgress, ...clusterTasks],
  outages: [{ node: 1, afterSeconds: 20, downSeconds: 20, everySeconds: 90 }],
  faults: [
    // Now and then, from the proxy in front of the last node.
    { node: 2, path: "/task_manager/**", afterSeconds: 5, probability: 0.15, status: 502, body: BAD_GATEWAY },
    { path: "/task_manager/task_status/*", afterSeconds: 5, probability: 0.1, latencyMs: 2_500 },
    { path: "/task_manager/**", afterSeconds: 5, probability: 0.1, latencyMs: 400 },
  ],
};
