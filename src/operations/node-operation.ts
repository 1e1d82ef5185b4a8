import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Job, Planning } from "./operation.js";

/** The host ids of the nodes, by address. */
export async function hostIds({ client, call }: Planning): Promise<ReadonlyMap<string, string>> {
  const known = await client.hostIds(call);
  return new Map(known.map(({ key, value }) => [key, value]));
}

/**
 * An operation on a node. The call returns when the operation ends, perhaps after hours.
 * @param types the types of its task, including those before 2025.1
 * @param hostId of the affected node, if known
 */
export function nodeJob(
  types: readonly string[],
  hostId: string | undefined,
  send: (client: TaskManagerClient, call: CallOptions) => Promise<void>,
): Job {
  // Before 2026.1, and after it has ended, a task does not name its node (semantics 24).
  const isItsNode = ({ entity = "" }: TaskStats) => entity === "" || hostId === undefined || entity === hostId;
  return {
    module: "node_ops",
    isOfCluster: true,
    start: {
      kind: "waiting",
      isIts: (row) => types.includes(row.type ?? "") && isItsNode(row),
      send: async (client, call) => {
        await send(client, call);
        return { isDone: true };
      },
    },
  };
}
