import type { SeenTask } from "./tasks-seen.js";

/** How a sentence names a task: `repair shop.orders`. The server's text, not yet made printable. */
export function taskTitle({ stats, place, id }: Pick<SeenTask, "stats" | "place" | "id">): string {
  return [stats.type, place].filter(Boolean).join(" ") || id;
}
