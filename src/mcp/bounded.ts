import { printable } from "../strings/printable.js";

/** Longer than what tells something of a task. */
const MAX_TEXT = 500;
const MAX_ITEMS = 1000;
const MAX_DEPTH = 30;

/** A text of a server: what could act on a terminal is escaped, and it has an end. */
export function boundedText(text: string): string {
  const shown = printable(text);
  return shown.length <= MAX_TEXT ? shown : `${shown.slice(0, MAX_TEXT)}...`;
}

/** The same value with every text in it bounded, names of fields too, and with an end in each direction. */
export function bounded(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return boundedText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "...";
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => bounded(item, depth + 1));
  const fields = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(fields.map(([name, item]) => [boundedText(name), bounded(item, depth + 1)]));
}
