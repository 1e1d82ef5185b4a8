import { UnreadableAnswerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";

/** A node as discovery knows it. */
export interface KnownNode {
  /** Gossip address, or the host that the user named. */
  readonly address: string;
  /** Whether the node that was asked sees it as alive. */
  readonly live: boolean;
}

/** Made when it is first needed: a collator takes longer to make than all else that a command for one node loads. */
let collator: Intl.Collator | undefined;

/** The order that people expect of addresses: `127.0.0.10` after `127.0.0.9`. */
export function compareAddresses(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/**
 * The nodes that one node knows, ordered by address.
 * @throws the error family, if that node cannot say; a list without any node, even itself, is no answer (rest-api)
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
