import { flag, keyspaceOrAll } from "./given.js";
import { compactionOf, compactionOfAll, KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Operation } from "./operation.js";

export const compaction: Operation = {
  name: "compaction",
  summary: "major compaction: rewrite all data of the tables",
  usage: "<keyspace> [table...] | --all-keyspaces",
  positionals: KEYSPACE_AND_TABLES,
  options: [
    { flags: "--all-keyspaces", description: "all keyspaces of the node" },
    { flags: "--no-flush-memtables", description: "do not flush memtables first" },
    {
      flags: "--consider-only-existing-data",
      description: "drop tombstones without checking memtables and the commit log",
    },
  ],
  async plan(_, given) {
    const keyspace = keyspaceOrAll(given, flag(given, "allKeyspaces") === true, "--all-keyspaces");
    const considerOnlyExistingData = flag(given, "considerOnlyExistingData");
    const flushMemtables = given.options.flushMemtables === false ? false : undefined;
    const options = { flushMemtables, considerOnlyExistingData };
    if (keyspace === undefined) {
      return [compactionOfAll("major compaction", (client, call) => client.compactAll({ ...call, ...options }))];
    }
    return [
      compactionOf(keyspace, given.positionals.slice(1), (client, call) =>
        client.startCompaction(keyspace, { ...call, ...options }),
      ),
    ];
  },
};
