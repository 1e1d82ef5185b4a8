import { isIP } from "node:net";
import { UnreachableError } from "../client/errors.js";
import type { KnownNode } from "./discovery.js";

/** What the user said about the URLs of nodes. */
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
 * How an address stands in a URL: nothing but an IP address or a host name does, so that none leads out of its place in a
 * template, to where a token would go along.
 */
export function hostOf(address: string): string | undefined {
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) has no form in a URL.
  if (version === 6) return address.includes("%") ? undefined : `[${address}]`;
  if (version === 4) return address;
  // URLs read a name whose last part is a number as an address: `127.1`.
  const isName =
    address.length <= LONGEST_NAME && HOST_NAME.test(address) && !/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(address);
  return isName ? address : undefined;
}

/**
 * How the address under which a node gossips becomes the URL of its API (catalogue: How operators reach the API): a pair
 * of --node-map, else --node-url, else the first node's URL with the address in place of its host. What a server calls an
 * address may be anything: of one that is none, nothing is asked.
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
      const asked = { method: "GET", origin: address, path: "/" };
      throw new UnreachableError(asked, "the address of a node must be a host name or an IP address", "", false);
    }
    if (filled !== undefined) return filled;
    // A node alone is the one that was reached, wherever it says that it gossips.
    if (nodes.length === 1) return contactUrl;
    const url = new URL(contactUrl);
    url.hostname = host;
    return url.href;
  };
}
