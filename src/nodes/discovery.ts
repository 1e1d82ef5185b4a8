import { UnreadableAnswerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";

/** A node found by discovery. */
export interface KnownNode {
  /** Gossip address, or the host that the user named. */
  readonly address: string;
  /** Whether the asked node reports it as alive. */
  readonly live: boolean;
}

/** Created on demand: a collator takes longer to create than everything else that a command for one node loads. */
let collator: Intl.Collator | undefined;

/** The order that people expect of addresses: `127.0.0.10` after `127.0.0.9`. */
export function compareAddresses(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/**
 * The nodes that a node knows, ordered by address.
 * @throws the error family if the node cannot list them; an empty list, without the node itself, is no valid answer
 * (rest-api)
 */
export async function discoverNodes(contact: TaskManagerClient, options: CallOptions = {}): Promise<KnownNode[]> {
  const [live, down] = await Promise.all([contact.liveEndpoints(options), contact.downEndpoints(options)]);
  if (live.length === 0) {
    const request = { method: "GET", origin: contact.origin, path: "/gossiper/endpoint/live/" };
    throw new UnreadableAnswerError(request, "it reports no live node, not even itself");
  }
  const downSet = new Set(down);
  return [...new Set([...live, ...down])]
    .sort(compareAddresses)
    .map((address) => ({ address, live: !downSet.has(address) }));
}
