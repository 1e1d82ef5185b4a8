import { timeOf } from "../../client/wire.js";
import { shardOf } from "../../tasks/shard.js";
import { FINISHED_STATES } from "../../vocabulary.js";
import { duration } from "./duration.js";

interface Timed {
  readonly state?: string;
  readonly start_time?: string;
  readonly end_time?: string;
}

/** For how long a task ran, or runs; empty where that is not known. */
export function durationText({ state = "", start_time, end_time }: Timed, nowMs: number): string {
  const start = timeOf(start_time);
  // A finished task whose end is not told ran for an unknown time: not until now.
  const end = timeOf(end_time) ?? (FINISHED_STATES.has(state) ? undefined : nowMs);
  return start === undefined || end === undefined ? "" : duration((end - start) / 1000);
}

/** `2h ago`, in one unit, rounded down; the clocks of server and terminal may differ, so the future is `now`. */
export function agoText(time: unknown, nowMs: number): string {
  const ms = timeOf(time);
  if (ms === undefined) return "";
  const seconds = Math.floor((nowMs - ms) / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

const BYTE_UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `1.2/2.0 GiB`, `12/40 batches`; empty where no progress is known (semantics 7: 0 of 0). */
export function amountText(completed: number, total: number, units: string): string {
  if (completed === 0 && total === 0) return "";
  if (units !== "bytes") return `${plain(completed)}/${plain(total)}${units === "" ? "" : ` ${units}`}`;
  let exponent = 0;
  let scale = 1;
  while (Math.max(total, completed) / scale >= 1024 && exponent < BYTE_UNITS.length - 1) {
    exponent++;
    scale *= 1024;
  }
  const digits = exponent === 0 ? 0 : 1;
  return `${(completed / scale).toFixed(digits)}/${(total / scale).toFixed(digits)} ${BYTE_UNITS[exponent]}`;
}

/** `2.0 GiB`, `40 batches`, `12.3 ranges`. */
export function quantityText(value: number, units: string): string {
  if (units !== "bytes") return `${plain(value)}${units === "" ? "" : ` ${units}`}`;
  const [, amount = "", unit = ""] = /\/(\S+) (\S+)$/.exec(amountText(0, value, units)) ?? [];
  return amount === "" ? "0 bytes" : `${amount} ${unit}`;
}

/** `1.2 MiB/s`, `12.3 ranges/s`; three digits are enough. */
export function rateQuantityText(rate: number, units: string): string {
  const digits = rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3));
  return `${quantityText(digits, units)}/s`;
}

function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(2)));
}

interface Scoped {
  readonly kind?: string;
  readonly scope?: string;
  readonly keyspace?: string;
  readonly table?: string;
  readonly entity?: string;
  readonly entity_node?: unknown;
  readonly shard?: number;
}

/** What a task works on, where that is no table; of a node operation the node's address, and the host id beside it. */
export function entityText({ entity = "", entity_node: address }: Pick<Scoped, "entity" | "entity_node">): string {
  return typeof address === "string" ? `${address} (${entity})` : entity;
}

/** The server knows no address of the node (rest-api: task_status). */
const NO_ADDRESS = "0.0.0.0";

/** On which node a task is: `on 10.0.0.1`. */
export function nodeText(address: string): string {
  return address === NO_ADDRESS ? "address unknown" : `on ${address}`;
}

/** What a task works on: `table shop.orders, shard 1`. As the server sent it, still to be made printable. */
export function scopeText(task: Scoped): string {
  const { scope = "", keyspace = "", table = "" } = task;
  const entity = entityText(task);
  const shard = shardOf(task);
  const hasShard = shard !== undefined;
  const name = table === "" ? keyspace : `${keyspace}.${table}`;
  const head = scope === "shard" && hasShard ? `shard ${shard}` : scope;
  // The keyspace of a shard, or of the whole cluster, is not what `shard 1` or `cluster` names.
  const parts = scope === "shard" ? [head, name] : [[head, name].filter(Boolean).join(" ")];
  if (entity !== "") parts.push(entity);
  if (hasShard && scope !== "shard") parts.push(`shard ${shard}`);
  return parts.filter(Boolean).join(", ");
}
