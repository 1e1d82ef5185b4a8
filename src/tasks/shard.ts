/** What of a task says whether its shard tells anything. */
interface Placed {
  readonly kind?: string;
  readonly scope?: string;
  readonly shard?: number;
}

/** Scopes that go over all shards of a node, or over nodes: the shard on which such a task lives says nothing. */
const SCOPES_OVER_SHARDS = new Set(["cluster", "global", "keyspace", "node"]);

/** The shard that a task works on; `undefined` where it works on all of them, or its server does not say. */
export function shardOf({ kind, scope = "", shard }: Placed): number | undefined {
  return kind === "cluster" || SCOPES_OVER_SHARDS.has(scope) ? undefined : (shard ?? undefined);
}
