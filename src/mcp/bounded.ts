import { printable } from "../strings/printable.js";

/** A longer text says nothing useful about a task. */
const MAX_TEXT = 500;
const MAX_ITEMS = 1000;
const MAX_DEPTH = 30;

/** A server's text with control characters escaped, cut to a maximum length. */
export function boundedText(text: string): string {
  const shown = printable(text);
  return shown.length <= MAX_TEXT ? shown : `${shown.slice(0, MAX_TEXT)}...`;
}

/** The same value with all texts bounded (also names of fields), and with limited size and depth. */
export function bounded(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return boundedText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "...";
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => bounded(item, depth + 1));
  const fields = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(fields.map(([name, item]) => [boundedText(name), bounded(item, depth + 1)]));
}
