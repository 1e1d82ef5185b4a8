import { UNPRINTABLE_IN_JSON } from "../../strings/printable.js";

/**
 * A value as JSON that cannot control a terminal (nodetool-tasks, difference 2: control characters in JSON are escaped).
 */
export function jsonText(value: unknown, indent = 0): string {
  return escapeControls(JSON.stringify(value ?? null, null, indent));
}

/**
 * Escapes the control characters that `JSON.stringify` leaves: it only escapes C0. They can only occur in strings, so readers get
 * the same value.
 */
export function escapeControls(json: string): string {
  // Most texts are ASCII, and checking that is much faster than a search.
  if (Buffer.byteLength(json) === json.length && !json.includes("\u007f")) return json;
  return json.replace(UNPRINTABLE_IN_JSON, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
