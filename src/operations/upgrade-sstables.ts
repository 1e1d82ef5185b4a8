import { flag, keyspaceAndTables } from "./given.js";
import { compactionOf, KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Operation } from "./operation.js";

export const upgradeSstables: Operation = {
  name: "upgrade-sstables",
  summary: "rewrite sstables in the newest format",
  usage: "<keyspace> [table...]",
  positionals: KEYSPACE_AND_TABLES,
  options: [{ flags: "--exclude-current-version", description: "skip sstables that already have this format" }],
  async plan(_, given) {
    const { keyspace, tables } = keyspaceAndTables(given);
    const excludeCurrentVersion = flag(given, "excludeCurrentVersion");
    return [
      compactionOf(keyspace, tables, (client, call) =>
        client.startUpgradeSstables(keyspace, { ...call, excludeCurrentVersion }),
      ),
    ];
  },
};
