import { firstReleaseWith } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import { flag, keyspaceOrAll, needs } from "./given.js";
import { compactionOf, compactionOfAll, KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Operation } from "./operation.js";

export const cleanup: Operation = {
  name: "cleanup",
  summary: "drop data that the node no longer owns",
  usage: "<keyspace> [table...] | --all-keyspaces | --global",
  positionals: KEYSPACE_AND_TABLES,
  options: [
    { flags: "--all-keyspaces", description: "all keyspaces of the node" },
    { flags: "--global", description: "all keyspaces, on every node that needs it (requires --wait)" },
  ],
  needsWait: (given) => flag(given, "global") === true,
  async plan(planning, given) {
    const isGlobal = flag(given, "global") === true;
    const isOfNode = flag(given, "allKeyspaces") === true;
    if (isGlobal && isOfNode) throw new UsageError("give either --all-keyspaces or --global, not both");
    const keyspace = keyspaceOrAll(given, isGlobal || isOfNode, isGlobal ? "--global" : "--all-keyspaces");
    if (keyspace !== undefined) {
      return [
        compactionOf(keyspace, given.positionals.slice(1), (client, call) => client.startCleanup(keyspace, call), {
          mayBeNothing: true,
        }),
      ];
    }
    if (isOfNode) {
      return [
        compactionOfAll("global cleanup compaction", (client, call) => client.cleanupAll({ ...call, global: false })),
      ];
    }
    // An older server would clean up only the one node.
    await needs(
      planning,
      "option '--global'",
      firstReleaseWith("hasGlobalCleanup"),
      (traits) => traits.hasGlobalCleanup,
    );
    return [
      {
        module: "compaction",
        isOfCluster: true,
        start: {
          kind: "waiting",
          send: async (client, call) => {
            await client.cleanupAll({ ...call, global: true });
            return { isDone: true };
          },
        },
      },
    ];
  },
};
