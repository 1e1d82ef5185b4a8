import { TaskManagerError } from "../client/errors.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import type { Output } from "../runtime/output.js";
import type { LocatedStats, LocatedStatus, Nodes } from "./nodes.js";
import { withTopology } from "./topology.js";

/** The address of the node whose host id is the entity of a node operation (semantics 24). */
export const ENTITY_NODE = "entity_node";

const HOST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Adds the address of the node that a node operation is about, if the output shows it. It costs one request, and only
 * if a task has a host id; if the request fails, there is only the host id.
 */
function entityNodes({ contact, call }: Pick<Nodes, "contact" | "call">, output: Output) {
  let addresses: Promise<ReadonlyMap<string, string>> | undefined;
  const readAddresses = async (): Promise<ReadonlyMap<string, string>> => {
    try {
      return new Map((await contact.hostIds(call)).map(({ key, value }) => [value.toLowerCase(), key]));
    } catch (error) {
      if (error instanceof TaskManagerError && !call.signal?.aborted) return new Map();
      throw error;
    }
  };
  return async <T extends TaskStats | TaskStatus>(task: T): Promise<T> => {
    const { kind, entity = "" } = task;
    if (kind !== "cluster" || !HOST_ID.test(entity) || !output.shows(ENTITY_NODE)) return task;
    addresses ??= readAddresses();
    const address = (await addresses).get(entity.toLowerCase());
    return address === undefined ? task : { ...task, [ENTITY_NODE]: address };
  };
}

export function withEntityNode<T extends TaskStats | TaskStatus>(task: T, nodes: Nodes, output: Output): Promise<T> {
  return entityNodes(nodes, output)(task);
}

async function* withEntityNodes<T extends TaskStats | TaskStatus>(
  batches: AsyncIterable<readonly T[]>,
  nodes: Nodes,
  output: Output,
): AsyncGenerator<readonly T[]> {
  const add = entityNodes(nodes, output);
  for await (const batch of batches) {
    const rows: T[] = [];
    for (const row of batch) rows.push(row.kind === "cluster" ? await add(row) : row);
    yield rows;
  }
}

/** The fields of a task that cost additional requests. */
export const fieldsOnRequest = (nodes: Nodes): readonly string[] => [...nodes.nodeFieldsOnRequest, ENTITY_NODE];

/** Rows with those {@link fieldsOnRequest} that are shown. */
export const withFieldsOnRequest = <T extends LocatedStats | LocatedStatus>(
  rows: AsyncIterable<T[]>,
  nodes: Nodes,
  output: Output,
): AsyncIterable<readonly T[]> => withEntityNodes(withTopology(rows, nodes, output), nodes, output);
