import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Job, Planning } from "./operation.js";

/** The address of the node that has a host id, or the host id of the one at an address. */
export async function hostIds({ client, call }: Planning): Promise<ReadonlyMap<string, string>> {
  const known = await client.hostIds(call);
  return new Map(known.map(({ key, value }) => [key, value]));
}

/**
 * An operation on a node, whose call answers at its end, hours later.
 * @param types what its task is called: also before 2025.1
 * @param hostId of the node concerned, where it is known
 */
export function nodeJob(
  types: readonly string[],
  hostId: string | undefined,
  send: (client: TaskManagerClient, call: CallOptions) => Promise<void>,
): Job {
  // Before 2026.1, and after its end, a task does not name its node (semantics 24).
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
