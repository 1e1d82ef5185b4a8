import { firstReleaseWith } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import { STORED_TABLE_OPTIONS } from "./backup.js";
import { needs, requiredText, text } from "./given.js";
import type { Operation } from "./operation.js";

export const tabletRestore: Operation = {
  name: "tablet-restore",
  summary: "restore a table of tablets from a backup of one datacenter",
  usage:
    "--datacenter <name> --endpoint <name> --bucket <name> --keyspace <name> --table <name> --snapshot <name> " +
    "<manifest>... | --manifests-file-list <file>",
  positionals: [{ name: "[manifest...]", description: "manifests of the backup, one per node" }],
  options: [
    { flags: "--datacenter <name>", description: "the datacenter that was backed up" },
    ...STORED_TABLE_OPTIONS,
    { flags: "--snapshot <name>", description: "the snapshot that was backed up" },
    { flags: "--manifests-file-list <file>", description: "file with one manifest per line; - for stdin" },
  ],
  async plan(planning, given) {
    const keyspace = requiredText(given, "keyspace");
    const table = requiredText(given, "table");
    const snapshot = requiredText(given, "snapshot");
    const file = text(given, "manifestsFileList");
    const prefix = text(given, "prefix");
    const location = {
      datacenter: requiredText(given, "datacenter"),
      endpoint: requiredText(given, "endpoint"),
      bucket: requiredText(given, "bucket"),
      ...(prefix === undefined ? {} : { prefix }),
      manifests: [...(file === undefined ? [] : await planning.lines(file)), ...given.positionals],
    };
    if (location.manifests.length === 0) {
      throw new UsageError("required parameter is missing: manifest (or --manifests-file-list)");
    }
    await needs(
      planning,
      "'start tablet-restore'",
      firstReleaseWith("hasTabletRestore"),
      ({ hasTabletRestore }) => hasTabletRestore,
    );
    return [
      {
        keyspace,
        table,
        module: "sstables_loader",
        isOfCluster: false,
        start: {
          kind: "answered",
          send: (client, call) => client.startTabletRestore({ ...call, keyspace, table, snapshot, location }),
        },
      },
    ];
  },
};
