import { flag, requiredText, text } from "./given.js";
import type { Given, Operation, OperationOption } from "./operation.js";

/** Which table to back up, and where to store it. */
export const STORED_TABLE_OPTIONS: readonly OperationOption[] = [
  { flags: "--endpoint <name>", description: "object storage endpoint, as configured on the nodes" },
  { flags: "--bucket <name>", description: "bucket" },
  { flags: "--prefix <prefix>", description: "prefix of the object names" },
  { flags: "--keyspace <name>", description: "the keyspace" },
  { flags: "--table <name>", description: "the table" },
];

/** {@link STORED_TABLE_OPTIONS} in a usage line. */
export const STORED_TABLE_USAGE =
  "--endpoint <name> --bucket <name> --prefix <prefix> --keyspace <name> --table <name>";

/** The values of {@link STORED_TABLE_OPTIONS}. @throws UsageError if one is missing */
export function storedTableOf(given: Given) {
  return {
    keyspace: requiredText(given, "keyspace"),
    table: requiredText(given, "table"),
    endpoint: requiredText(given, "endpoint"),
    bucket: requiredText(given, "bucket"),
    prefix: requiredText(given, "prefix"),
  };
}

export const backup: Operation = {
  name: "backup",
  summary: "copy a snapshot of a table on one node to object storage",
  usage: STORED_TABLE_USAGE,
  positionals: [],
  options: [
    ...STORED_TABLE_OPTIONS,
    { flags: "--snapshot <name>", description: "an existing snapshot" },
    { flags: "--move-files", description: "delete each file of the snapshot once it is copied" },
  ],
  examples: [
    "tasks start backup --endpoint s3 --bucket b --prefix p --keyspace shop --table orders --snapshot s --wait",
  ],
  async plan(_, given) {
    const table = storedTableOf(given);
    const options = {
      ...table,
      snapshot: text(given, "snapshot"),
      // nodetool always sends it (operations: Backup).
      moveFiles: flag(given, "moveFiles") === true,
    };
    return [
      {
        keyspace: table.keyspace,
        table: table.table,
        module: "snapshot",
        needs: { what: "a backup", since: "6.2" },
        isOfCluster: false,
        start: { kind: "answered", send: (client, call) => client.startBackup({ ...call, ...options }) },
      },
    ];
  },
};
