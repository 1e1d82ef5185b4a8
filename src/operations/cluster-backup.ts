import { firstReleaseWith } from "../client/release.js";
import { UsageError } from "../usage-error.js";
import { flag, list, needs, text } from "./given.js";
import type { Operation } from "./operation.js";

export const clusterBackup: Operation = {
  name: "cluster-backup",
  summary: "take a snapshot of tables on all nodes, and copy it to object storage",
  positionals: [{ name: "[keyspace...]", description: "the keyspaces; without any, all" }],
  options: [
    {
      flags: "-l, --location <dc,endpoint,bucket,prefix>",
      description: "where the backup of a datacenter goes; once for each datacenter",
      isRepeated: true,
    },
    { flags: "--snapshot <name>", description: "the snapshot, made where it is not there; default: from the clock" },
    { flags: "--table <names>", description: "tables, where one keyspace is given", isList: true },
    { flags: "--move-files", description: "delete each file of the snapshot once it is copied" },
  ],
  details: "The task is seen on the node that was asked alone.",
  async plan(planning, given) {
    const locations = (list(given, "location") ?? []).map(locationOf);
    if (locations.length === 0) throw new UsageError("required parameter is missing: location");
    const { positionals: keyspaces } = given;
    const tables = list(given, "table");
    if (tables !== undefined && keyspaces.length !== 1) {
      throw new UsageError("option '--table' goes with exactly one keyspace");
    }
    await needs(
      planning,
      "tablets/backup",
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
      `invalid value '${text}' for option '--location': it takes <dc>,<endpoint>,<bucket>[,<prefix>]`,
    );
  }
  return { datacenter, endpoint, bucket, prefix: prefix.join(",") };
}
