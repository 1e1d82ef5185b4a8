import { TaskManagerError } from "../client/errors.js";
import type { Output } from "../runtime/output.js";
import type { Located, Nodes } from "./nodes.js";

/** Where a node is in the cluster; shown if `--fields` names it, because it costs two requests per node. */
export const TOPOLOGY_FIELDS = ["datacenter", "rack"];

/** Rows of many nodes, with datacenter and rack of each row's node if the user named them. */
export function withTopology<T extends Located>(
  rows: AsyncIterable<T[]>,
  { contact, call }: Nodes,
  output: Output,
): AsyncIterable<T[]> {
  if (!output.namesAny(TOPOLOGY_FIELDS)) return rows;
  const orNull = async (question: Promise<string>): Promise<string | null> => {
    try {
      return await question;
    } catch (error) {
      if (error instanceof TaskManagerError && !call.signal?.aborted) return null;
      throw error;
    }
  };
  const requested = new Map<string, Promise<{ datacenter: string | null; rack: string | null }>>();
  const topologyOf = (node: string) => {
    let topology = requested.get(node);
    if (topology === undefined) {
      topology = Promise.all([orNull(contact.datacenter(node, call)), orNull(contact.rack(node, call))]).then(
        ([datacenter, rack]) => ({ datacenter, rack }),
      );
      requested.set(node, topology);
    }
    return topology;
  };
  return (async function* () {
    for await (const batch of rows) {
      yield await Promise.all(
        batch.map(async (row) => (typeof row.node === "string" ? { ...row, ...(await topologyOf(row.node)) } : row)),
      );
    }
  })();
}
