import { firstReleaseWith } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import { flag, list, needs, text } from "./given.js";
import type { Operation } from "./operation.js";

export const clusterBackup: Operation = {
  name: "cluster-backup",
  summary: "take a snapshot of tables on all nodes, and copy it to object storage",
  usage: "--location <place> [keyspace...]",
  positionals: [{ name: "[keyspace...]", description: "keyspaces (default: all)" }],
  options: [
    {
      flags: "-l, --location <place>",
      description: "where to store the backup of a datacenter: dc,endpoint,bucket,prefix (repeatable)",
      isRepeated: true,
    },
    {
      flags: "--snapshot <name>",
      description: "name of the snapshot; taken if it does not exist (default: the current time)",
    },
    { flags: "--table <names>", description: "only these tables (with one keyspace)", isList: true },
    { flags: "--move-files", description: "delete each file of the snapshot once it is copied" },
  ],
  details: "The task is listed only on the node that gets the request.",
  async plan(planning, given) {
    const locations = (list(given, "location") ?? []).map(locationOf);
    if (locations.length === 0) throw new UsageError("required parameter is missing: location (--location)");
    const { positionals: keyspaces } = given;
    const tables = list(given, "table");
    if (tables !== undefined && keyspaces.length !== 1) {
      throw new UsageError("option '--table' needs exactly one keyspace");
    }
    await needs(
      planning,
      "'start cluster-backup'",
      firstReleaseWith("hasTabletBackup"),
      ({ hasTabletBackup }) => hasTabletBackup,
    );
    const options = {
      snapshot: text(given, "snapshot") ?? planning.snapshotName(),
      keyspaces,
      tables,
      moveFiles: flag(given, "moveFiles") === true,
      locations,
    };
    return [
      {
        ...(keyspaces.length === 1 ? { keyspace: keyspaces[0] as string } : {}),
        module: "snapshot",
        isOfCluster: true,
        start: { kind: "answered", send: (client, call) => client.startClusterBackup({ ...call, ...options }) },
      },
    ];
  },
};

function locationOf(text: string) {
  const [datacenter, endpoint, bucket, ...prefix] = text.split(",");
  if (!datacenter || !endpoint || !bucket) {
    throw new UsageError(
      `option '--location' argument '${text}' is invalid. It takes <dc>,<endpoint>,<bucket>[,<prefix>].`,
    );
  }
  return { datacenter, endpoint, bucket, prefix: prefix.join(",") };
}
