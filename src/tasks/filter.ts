import type { TaskStats, TaskStatus } from "../client/wire.js";
import { timeOf } from "../client/wire.js";
import { matchesGlob } from "../strings/glob.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** Fields that are compared with patterns. */
export const PATTERN_FIELDS = ["state", "type", "scope", "kind", "entity"] as const;
export type PatternField = (typeof PATTERN_FIELDS)[number];

/** Patterns for one field. A task passes if it matches one to `keep` (or there are none), and none to drop. */
export interface Patterns {
  readonly keep: readonly string[];
  readonly drop: readonly string[];
}

/** What the options say about which tasks to show. */
export interface FilterOptions {
  readonly patterns: ReadonlyMap<PatternField, Patterns>;
  readonly olderThanMs: number | undefined;
  readonly newerThanMs: number | undefined;
}

/** `unknown`: the server does not send the field in question (rest-api: any field may be absent). */
export type Verdict = "yes" | "no" | "unknown";

/** Which tasks to show, based on fields that stats and statuses have in common. */
export type TaskFilter = (task: TaskStats | TaskStatus) => Verdict;

/** Adds that only unfinished tasks pass, unless the filter already says which states it wants. */
export function unfinishedUnlessStated(filter: FilterOptions | undefined): FilterOptions {
  const unfinished: Patterns = { keep: [], drop: [...FINISHED_STATES] };
  return {
    olderThanMs: filter?.olderThanMs,
    newerThanMs: filter?.newerThanMs,
    patterns: new Map([["state", unfinished], ...(filter?.patterns ?? [])]),
  };
}

/** @param now milliseconds since the epoch; ages are relative to it */
export function taskFilter({ patterns, olderThanMs, newerThanMs }: FilterOptions, now: number): TaskFilter {
  const tests: TaskFilter[] = [...patterns].map(([field, wanted]) => patternTest(field, wanted));
  if (olderThanMs !== undefined) tests.push(startTest((start) => start <= now - olderThanMs));
  if (newerThanMs !== undefined) tests.push(startTest((start) => start >= now - newerThanMs));
  return (task) => {
    let verdict: Verdict = "yes";
    for (const test of tests) {
      const one = test(task);
      if (one === "no") return "no";
      if (one === "unknown") verdict = "unknown";
    }
    return verdict;
  };
}

function patternTest(field: PatternField, { keep, drop }: Patterns): TaskFilter {
  const matchesAny = (patterns: readonly string[], text: string) =>
    patterns.some((pattern) => matchesGlob(pattern, text));
  // A long list repeats few different values, so verdicts are cached.
  const verdicts = new Map<string, Verdict>();
  return (task) => {
    const text = task[field];
    if (typeof text !== "string") return "unknown";
    let verdict = verdicts.get(text);
    if (verdict === undefined) {
      verdict = (keep.length === 0 || matchesAny(keep, text)) && !matchesAny(drop, text) ? "yes" : "no";
      verdicts.set(text, verdict);
    }
    return verdict;
  };
}

/** A task that has not started has no age. */
function startTest(accepts: (start: number) => boolean): TaskFilter {
  return ({ start_time }) => {
    if (typeof start_time !== "string") return "unknown";
    const start = timeOf(start_time);
    return start !== undefined && accepts(start) ? "yes" : "no";
  };
}
