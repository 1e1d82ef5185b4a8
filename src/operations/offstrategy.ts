import { keyspaceAndTables } from "./given.js";
import { compactionOf, KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Operation } from "./operation.js";

export const offstrategy: Operation = {
  name: "offstrategy",
  summary: "compact sstables written by repair and streaming",
  usage: "<keyspace> [table...]",
  positionals: KEYSPACE_AND_TABLES,
  options: [],
  async plan(_, given) {
    const { keyspace, tables } = keyspaceAndTables(given);
    return [compactionOf(keyspace, tables, (client, call) => client.startOffstrategyCompaction(keyspace, call))];
  },
};
