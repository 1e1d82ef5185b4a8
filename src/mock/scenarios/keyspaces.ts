import type { Keyspace } from "./scenario.js";

/** What an online shop keeps: the keyspaces of every scenario that has no reason for others. */
export const KEYSPACES: readonly Keyspace[] = [
  { name: "shop", tables: ["orders", "order_items", "customers"] },
  { name: "telemetry", tables: ["readings", "devices"], replication: "tablets" },
  { name: "accounts", tables: ["users", "sessions"] },
  { name: "system", tables: ["local", "peers", "compaction_history"], replication: "local" },
  { name: "system_schema", tables: ["keyspaces", "tables", "columns"], replication: "local" },
];
