import type { Keyspace } from "./scenario.js";

/** The keyspaces of most scenarios: those of an online shop. */
export const KEYSPACES: readonly Keyspace[] = [
  {
    name: "shop",
    tables: ["orders", "order_items", "customers"],
    views: ["orders_by_customer"],
    snapshots: ["nightly"],
  },
  {
    name: "telemetry",
    tables: ["readings", "devices"],
    replication: "tablets",
    colocated: { readings_by_day: "readings" },
    snapshots: ["nightly"],
  },
  { name: "accounts", tables: ["users", "sessions"], snapshots: ["nightly"] },
  { name: "system", tables: ["local", "peers", "compaction_history"], replication: "local" },
  { name: "system_schema", tables: ["keyspaces", "tables", "columns"], replication: "local" },
];
