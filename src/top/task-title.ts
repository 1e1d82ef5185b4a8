import type { SeenTask } from "./tasks-seen.js";

/** What a task is called in a sentence: `repair shop.orders`. As the server sent it, still to be made printable. */
export function taskTitle({ stats, place, id }: Pick<SeenTask, "stats" | "place" | "id">): string {
  return [stats.type, place].filter(Boolean).join(" ") || id;
}
