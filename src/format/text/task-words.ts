import { type TaskStatus, timeOf } from "../../client/wire.js";
import { printable } from "../../strings/printable.js";
import { shardOf } from "../../tasks/shard.js";
import { FINISHED_STATES } from "../../vocabulary.js";
import { duration } from "./duration.js";

interface Timed {
  readonly state?: string;
  readonly start_time?: string;
  readonly end_time?: string;
}

/** How long a task ran, or has been running; empty if not known. */
export function durationText({ state = "", start_time, end_time }: Timed, nowMs: number): string {
  const start = timeOf(start_time);
  // If a finished task has no end time, its duration is unknown: it does not run until now.
  const end = timeOf(end_time) ?? (FINISHED_STATES.has(state) ? undefined : nowMs);
  return start === undefined || end === undefined ? "" : duration((end - start) / 1000);
}

/** `2h ago`, in one unit, rounded down. The clocks of server and terminal may differ, so a time in the future is `now`. */
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

/** `1.2/2.0 GiB`, `12/40 batches`; empty if the progress is not known (semantics 7: 0 of 0). */
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

/** Type and target of a task: `repair shop.orders`. */
export function taskName({ type, keyspace, table }: Pick<TaskStatus, "type" | "keyspace" | "table">): string {
  const where = [keyspace, table].filter(Boolean).join(".");
  return printable([type, where].filter(Boolean).join(" "));
}

/** What a task works on, other than a table. For a node operation: the node's address, then its host id. */
export function entityText({ entity = "", entity_node: address }: Pick<Scoped, "entity" | "entity_node">): string {
  return typeof address === "string" ? `${address} (${entity})` : entity;
}

/** The server knows no address of the node (rest-api: task_status). */
const NO_ADDRESS = "0.0.0.0";

/** Which node a task is on: `on 10.0.0.1`. */
export function nodeText(address: string): string {
  return address === NO_ADDRESS ? "address unknown" : `on ${address}`;
}

/** What a task works on: `table shop.orders, shard 1`. The server's text, not yet made printable. */
export function scopeText(task: Scoped): string {
  const { scope = "", keyspace = "", table = "" } = task;
  const entity = entityText(task);
  const shard = shardOf(task);
  const hasShard = shard !== undefined;
  const name = table === "" ? keyspace : `${keyspace}.${table}`;
  const head = scope === "shard" && hasShard ? `shard ${shard}` : scope;
  // `shard 1` and the keyspace are separated by a comma, as they are not one name.
  const parts = scope === "shard" ? [head, name] : [[head, name].filter(Boolean).join(" ")];
  if (entity !== "") parts.push(entity);
  if (hasShard && scope !== "shard") parts.push(`shard ${shard}`);
  return parts.filter(Boolean).join(", ");
}
