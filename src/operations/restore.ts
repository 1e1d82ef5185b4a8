import { RESTORE_SCOPES } from "../client/operations.js";
import { UsageError } from "../usage-error.js";
import { STORED_TABLE_OPTIONS, STORED_TABLE_USAGE, storedTableOf } from "./backup.js";
import { flag, text } from "./given.js";
import type { Operation } from "./operation.js";

export const restore: Operation = {
  name: "restore",
  summary: "load sstables of a table from object storage",
  usage: `${STORED_TABLE_USAGE} <toc>... | --sstables-file-list <file>`,
  positionals: [{ name: "[toc...]", description: "the TOC components of the sstables, relative to the prefix" }],
  options: [
    ...STORED_TABLE_OPTIONS,
    { flags: "--sstables-file-list <file>", description: "file with one TOC component per line; - for stdin" },
    { flags: "--scope <scope>", description: "which nodes the data may be streamed to", words: RESTORE_SCOPES },
    { flags: "--primary-replica-only", description: "stream only to the primary replica of each token" },
  ],
  examples: [
    "tasks start restore --endpoint s3 --bucket b --prefix p --keyspace shop --table orders --sstables-file-list tocs.txt --wait",
  ],
  async plan(planning, given) {
    const table = storedTableOf(given);
    const options = {
      ...table,
      scope: text(given, "scope") as (typeof RESTORE_SCOPES)[number] | undefined,
      primaryReplicaOnly: flag(given, "primaryReplicaOnly"),
    };
    if (options.scope === "node" && options.primaryReplicaOnly) {
      throw new UsageError("option '--primary-replica-only' cannot be used together with --scope node");
    }
    const file = text(given, "sstablesFileList");
    const sstables = [...(file === undefined ? [] : await planning.lines(file)), ...given.positionals];
    if (sstables.length === 0) throw new UsageError("required parameter is missing: toc (or --sstables-file-list)");
    return [
      {
        keyspace: table.keyspace,
        table: table.table,
        module: "sstables_loader",
        needs: { what: "a restore from a list of sstables", since: "2025.1" },
        isOfCluster: false,
        start: { kind: "answered", send: (client, call) => client.startRestore({ ...call, ...options, sstables }) },
      },
    ];
  },
};
