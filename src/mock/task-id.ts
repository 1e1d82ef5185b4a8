import { createHash } from "node:crypto";
import type { Random } from "./random.js";

/** What the id of a task depends on. */
export interface IdentifiedTask {
  readonly kind?: "node" | "cluster" | undefined;
  readonly module: string;
  readonly type: string;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
}

/** Modules whose cluster tasks have time UUIDs (semantics 24, 26, 27). */
const TIME_UUID_MODULES: ReadonlySet<string> = new Set(["node_ops", "tablets", "global_topology_requests"]);

/** The id of a new task. */
export function newTaskId({ kind, module, type, keyspace = "", table = "" }: IdentifiedTask, random: Random): string {
  if (kind !== "cluster") return random.uuid();
  if (TIME_UUID_MODULES.has(module)) return random.timeUuid();
  if (module !== "vnodes_to_tablets_migration") return random.uuid();
  // The same on every node, and again at the next migration (semantics 28, 29).
  const name = type === "pow2_convergence" ? `${type}:${keyspace}:${table}` : keyspace;
  return nameUuid(name);
}

/** A UUID of version 3. */
function nameUuid(name: string): string {
  const hash = createHash("md5").update(name).digest();
  hash.writeUInt8(((hash[6] as number) & 0x0f) | 0x30, 6);
  hash.writeUInt8(((hash[8] as number) & 0x3f) | 0x80, 8);
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
