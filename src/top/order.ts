import { compare } from "../strings/compare.js";
import { progressPercent } from "../tasks/progress.js";
import { FINISHED_STATES, isFinished } from "../vocabulary.js";
import type { Moment, SeenTask } from "./tasks-seen.js";
import type { TimeLeftOf } from "./time-left.js";

/** What rows can be sorted by; running tasks always come first. */
export const SORTS = ["age", "progress", "eta", "type", "place"] as const;
export type Sort = (typeof SORTS)[number];

export type Grouping = "none" | "node" | "module";

/** One row of the list. */
export type Entry =
  | { readonly kind: "task"; readonly task: SeenTask }
  | { readonly kind: "group"; readonly name: string; readonly count: number; readonly running: number };

/**
 * Whether a task matches what was typed: words separated by spaces, each of which must be in the task's names; a word after `!`
 * must not.
 */
function matcher(typed: string): (task: SeenTask) => boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const keep = words.filter((word) => !word.startsWith("!"));
  const drop = words.flatMap((word) => (word.startsWith("!") && word.length > 1 ? [word.slice(1)] : []));
  return ({ words: text }) => keep.every((word) => text.includes(word)) && !drop.some((word) => text.includes(word));
}

const RANKS = new Map([
  ["running", 0],
  ["created", 1],
  ["suspended", 3],
  ["failed", 4],
  ["done", 4],
]);
const OTHER_STATE = 2;

const groupOf = (task: SeenTask, grouping: Grouping): string =>
  grouping === "node" ? (task.node ?? "the whole cluster") : grouping === "module" ? task.module : "";

/** How rows are ordered. */
export interface Ordering {
  readonly sort: Sort;
  readonly grouping: Grouping;
  readonly timeLeft: TimeLeftOf | undefined;
  readonly moment: Pick<Moment, "nowMs">;
}

/** The tasks that match, in a stable order: a task that has not changed keeps its place. */
export function entriesOf(tasks: Iterable<SeenTask>, typed: string, ordering: Ordering): Entry[] {
  const { grouping } = ordering;
  const matches = matcher(typed);
  const keyed: Keyed[] = [];
  for (const task of tasks) {
    if (!matches(task)) continue;
    keyed.push({
      task,
      group: groupOf(task, grouping),
      rank: RANKS.get(task.state) ?? OTHER_STATE,
      key: keyOf(task, ordering),
      time: timeKey(task),
    });
  }
  keyed.sort(byGroupAndState);
  const entries: Entry[] = [];
  let first = 0;
  for (const [index, { task, group }] of keyed.entries()) {
    if (grouping !== "none" && (index === 0 || group !== keyed[index - 1]?.group)) {
      first = index;
      let last = index;
      let running = 0;
      for (; keyed[last]?.group === group; last++) if (keyed[last]?.rank === 0) running++;
      entries.push({ kind: "group", name: group, count: last - first, running });
    }
    entries.push({ kind: "task", task });
  }
  return entries;
}

interface Keyed {
  readonly task: SeenTask;
  readonly group: string;
  readonly rank: number;
  readonly key: number | string;
  readonly time: number;
}

function byGroupAndState(a: Keyed, b: Keyed): number {
  return (
    compare(a.group, b.group) ||
    a.rank - b.rank ||
    compare(a.key, b.key) ||
    compare(a.time, b.time) ||
    compare(a.task.id, b.task.id)
  );
}

/** Sorts unfinished tasks oldest first, and finished tasks newest first. */
function timeKey({ state, startMs, endMs }: SeenTask): number {
  if (FINISHED_STATES.has(state)) return -(endMs ?? startMs ?? 0);
  return startMs ?? Number.MAX_SAFE_INTEGER;
}

/** A smaller key comes first. Finished tasks are sorted by age alone: their progress and eta mean nothing. */
function keyOf(task: SeenTask, { sort, timeLeft, moment }: Ordering): number | string {
  if (sort === "type") return `${task.stats.type ?? ""} ${task.place}`;
  if (sort === "place") return `${task.place} ${task.stats.type ?? ""}`;
  if (sort === "age" || isFinished(task)) return 0;
  if (sort === "progress") return -(progressPercent(task.status ?? {}) ?? -1);
  return task.pace.meter.remainingSeconds ?? timeLeft?.(task, moment.nowMs)?.secondsLeft ?? Number.MAX_SAFE_INTEGER;
}
