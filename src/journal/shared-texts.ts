import type { TaskStatus } from "../client/wire.js";

/** Texts that many tasks have in common, and that change little or not at all in their lives. */
const COMMON = [
  "type",
  "kind",
  "scope",
  "state",
  "keyspace",
  "table",
  "entity",
  "parent_id",
  "progress_units",
] as const;

/** Keeps each text that tasks have in common once, however many have it: a journal tells of a million. */
export function sharedTexts(): (status: TaskStatus) => TaskStatus {
  const known = new Map<string, string>();
  return (status) => {
    for (const field of COMMON) {
      const text = status[field];
      if (text === undefined) continue;
      const shared = known.get(text);
      if (shared === undefined) known.set(text, text);
      else status[field] = shared;
    }
    return status;
  };
}
