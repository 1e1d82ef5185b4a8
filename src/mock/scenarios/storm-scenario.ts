import { KEYSPACES } from "./keyspaces.js";
import type { Scenario } from "./scenario.js";

const GIB = 1024 ** 3;
const INTERNAL_TASKS = 100_000;
const SHARES = 100;
const RANGES_OF_A_SHARE = 1_000;

/** More than fits a screen, a buffer or a quadratic program: 100,000 internal tasks in one module, and in another a tree of as many. */
export const stormScenario: Scenario = {
  name: "storm",
  description: "100,000 internal tasks in one module, and a tree of 100,000 in another",
  clusterName: "mock cluster",
  keyspaces: KEYSPACES,
  tasks: [
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
      copies: INTERNAL_TASKS,
      runsSeconds: 86_400,
    },
    {
      type: "major compaction",
      scope: "keyspace",
      module: "compaction",
      keyspace: "shop",
      units: "bytes",
      isAbortable: true,
      isUserTask: true,
      children: [{ type: "major compaction", scope: "shard", each: "shard", runsSeconds: 300, total: 64 * GIB }],
    },
    {
      type: "repair",
      scope: "keyspace",
      module: "repair",
      keyspace: "shop",
      units: "ranges",
      isAbortable: true,
      isUserTask: true,
      children: [
        {
          type: "repair",
          scope: "shard",
          copies: SHARES,
          children: [{ type: "repair", scope: "range", copies: RANGES_OF_A_SHARE, runsSeconds: 3_600, total: 1 }],
        },
      ],
    },
  ],
};
