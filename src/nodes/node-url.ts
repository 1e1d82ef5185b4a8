import { isIP } from "node:net";
import { UnreachableError } from "../client/errors.js";
import type { KnownNode } from "./discovery.js";

/** The user's options for URLs of nodes. */
export interface NodeUrlOptions {
  /** Gossip address to URL, as pairs. */
  readonly nodeMap: ReadonlyMap<string, string>;
  /** URL of a node with `%h` for its gossip address. */
  readonly nodeUrl: string | undefined;
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
/** RFC 1035. */
const LONGEST_NAME = 253;

/**
 * An address for use in a URL. Only IP addresses and host names are accepted, so that none can change other parts of a
 * template, and send the token elsewhere.
 */
export function hostOf(address: string): string | undefined {
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) is not possible in a URL.
  if (version === 6) return address.includes("%") ? undefined : `[${address}]`;
  if (version === 4) return address;
  // In URLs, a name whose last part is a number is an address: `127.1`.
  const isName =
    address.length <= LONGEST_NAME && HOST_NAME.test(address) && !/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(address);
  return isName ? address : undefined;
}

/**
 * Turns a gossip address into the URL of the API (catalogue: How operators reach the API): --node-map, else --node-url,
 * else the URL of the first node with this host. Addresses come from servers, so invalid ones are never queried.
 */
export function nodeUrlRule(
  contactUrl: string,
  nodes: readonly KnownNode[],
  options: NodeUrlOptions,
): (address: string) => string {
  return (address) => {
    const mapped = options.nodeMap.get(address);
    if (mapped !== undefined) return mapped;
    const host = hostOf(address);
    const filled = options.nodeUrl?.replaceAll("%h", host ?? "");
    if (host === undefined || (filled !== undefined && !URL.canParse(filled))) {
      const request = { method: "GET", origin: address, path: "/" };
      throw new UnreachableError(request, "the address of a node must be a host name or an IP address", "", false);
    }
    if (filled !== undefined) return filled;
    // A single node is the one that was reached, whatever its gossip address is.
    if (nodes.length === 1) return contactUrl;
    const url = new URL(contactUrl);
    url.hostname = host;
    return url.href;
  };
}
