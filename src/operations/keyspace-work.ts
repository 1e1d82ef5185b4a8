import type { StartOptions } from "../client/operations.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Job, Operation } from "./operation.js";

export const KEYSPACE_AND_TABLES: Operation["positionals"] = [
  { name: "[keyspace]", description: "the keyspace" },
  { name: "[table...]", description: "tables of the keyspace (default: all)" },
];

/** Work on a keyspace; the call returns the task id at once (rest-api: The tasks API). */
export function compactionOf(
  keyspace: string,
  tables: readonly string[],
  send: (client: TaskManagerClient, options: StartOptions) => Promise<string | undefined>,
  { mayBeNothing = false } = {},
): Job {
  return {
    keyspace,
    module: "compaction",
    isOfCluster: false,
    start: { kind: "answered", mayBeNothing, send: (client, call) => send(client, { ...call, tables }) },
  };
}

/** Work on all keyspaces of a node; the call returns when the work ends. @param type the type of its task */
export function compactionOfAll(
  type: string,
  send: (client: TaskManagerClient, call: StartOptions) => Promise<void>,
): Job {
  return {
    module: "compaction",
    isOfCluster: false,
    start: {
      kind: "waiting",
      isIts: (row: TaskStats) => row.type === type && row.scope === "global",
      send: async (client, call) => {
        await send(client, call);
        return { isDone: true };
      },
    },
  };
}
