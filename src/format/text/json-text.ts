import { UNPRINTABLE_IN_JSON } from "../../strings/printable.js";

/**
 * A value as JSON in which nothing drives a terminal (nodetool-tasks, difference 2: JSON carries control characters as
 * escapes).
 */
export function jsonText(value: unknown, indent = 0): string {
  return escapeControls(JSON.stringify(value ?? null, null, indent));
}

/**
 * `JSON.stringify` escapes the C0 controls only; the others are escaped here. They can stand in strings alone, so every
 * reader gets the same value.
 */
export function escapeControls(json: string): string {
  // Most texts are ASCII, which is found out in a fraction of the time of a search.
  if (Buffer.byteLength(json) === json.length && !json.includes("\u007f")) return json;
  return json.replace(UNPRINTABLE_IN_JSON, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
