import type { TaskStatus } from "../client/wire.js";
import type { TaskFilter, Unjudged, Verdict } from "../tasks/filter.js";

/** Whether a tree is to be shown. What a list could not say, because older servers leave it out there, the root's status may. */
export function isWanted(
  listed: Verdict,
  root: TaskStatus | undefined,
  filter: TaskFilter | undefined,
  unjudged: Unjudged,
): boolean {
  const verdict = listed === "unknown" && root !== undefined ? (filter?.(root) ?? "yes") : listed;
  if (verdict === "unknown") unjudged.count++;
  return verdict === "yes";
}
