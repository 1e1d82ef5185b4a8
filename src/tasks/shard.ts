/** The fields that decide whether the shard of a task means anything. */
interface ShardedTask {
  readonly kind?: string;
  readonly scope?: string;
  readonly shard?: number;
}

/** Scopes that span all shards of a node, or several nodes: the shard of such a task means nothing. */
const SCOPES_OVER_SHARDS = new Set(["cluster", "global", "keyspace", "node"]);

/** The shard that a task works on; `undefined` if it works on all shards, or its server does not say. */
export function shardOf({ kind, scope = "", shard }: ShardedTask): number | undefined {
  return kind === "cluster" || SCOPES_OVER_SHARDS.has(scope) ? undefined : (shard ?? undefined);
}
