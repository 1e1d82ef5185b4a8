import type { ChildReference } from "../../client/wire.js";
import { printable } from "../../strings/printable.js";

/** The text of a value as nodetool prints it, in cells and status lines; an absent value is empty. */
export function fieldText(value: unknown): string {
  if (typeof value === "string") return printable(value);
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every(isChild)) return childrenText(value);
  return printable(JSON.stringify(value));
}

/** A nested field such as `children_ids.node` is printed as `a,b`, for `cut` and `tr`; a whole field as nodetool prints it. */
export function cellText(name: string, value: unknown): string {
  return name.includes(".") && Array.isArray(value) ? value.map(fieldText).join(",") : fieldText(value);
}

function isChild(value: unknown): value is ChildReference {
  return typeof value === "object" && value !== null && "task_id" in value && "node" in value;
}

/** `[{task_id: <uuid>, node: <ip> }, ...]` (nodetool-tasks: Output, byte for byte). */
export function childrenText(children: readonly ChildReference[]): string {
  const pairs = children.map(({ task_id, node }) => `{task_id: ${printable(task_id)}, node: ${printable(node)} }`);
  return `[${pairs.join(", ")}]`;
}
