import { type Command, InvalidArgumentError, type OptionValues } from "commander";
import { durationMs } from "../cli/option-values.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import { timeOf } from "../client/wire.js";
import type { Runtime } from "../runtime/runtime.js";
import { matchesGlob } from "../strings/glob.js";

/** Fields that are compared with patterns, each by the option of its name. */
const PATTERN_FIELDS = ["state", "type", "scope", "kind", "entity"] as const;
type PatternField = (typeof PATTERN_FIELDS)[number];

/** Patterns of one option: a task passes that matches one of those to keep, if there are any, and none of the others. */
interface Patterns {
  readonly keep: readonly string[];
  readonly drop: readonly string[];
}

/** What the options say about which tasks to show. */
export interface FilterOptions {
  readonly patterns: ReadonlyMap<PatternField, Patterns>;
  readonly olderThanMs: number | undefined;
  readonly newerThanMs: number | undefined;
}

/** `unknown`: the server does not say what is asked about (rest-api: any field may be absent). */
export type Verdict = "yes" | "no" | "unknown";

/** Which tasks to show, told from what stats and statuses have in common. */
export type TaskFilter = (task: TaskStats | TaskStatus) => Verdict;

export function addFilterOptions(command: Command): Command {
  return command
    .option("--state <states>", "only in these states: running,failed or '!done'", readPatterns)
    .option("--type <types>", "only of these types; * stands for any text, ? for any character", readPatterns)
    .option("--scope <scopes>", "only of these scopes", readPatterns)
    .option("--kind <kinds>", "only of this kind: node or cluster", readPatterns)
    .option("--entity <entities>", "only that work on these entities", readPatterns)
    .option("--older-than <duration>", "only started at least so long ago: 90 (seconds), 10m, 1h30m", durationMs)
    .option("--newer-than <duration>", "only started at most so long ago", durationMs);
}

/** Reads what commander parsed; `undefined` where every task is to be shown. */
export function readFilter(parsed: OptionValues): FilterOptions | undefined {
  const patterns = new Map<PatternField, Patterns>();
  for (const field of PATTERN_FIELDS) if (parsed[field] !== undefined) patterns.set(field, parsed[field]);
  const { olderThan: olderThanMs, newerThan: newerThanMs } = parsed;
  if (patterns.size === 0 && olderThanMs === undefined && newerThanMs === undefined) return undefined;
  return { patterns, olderThanMs, newerThanMs };
}

function readPatterns(text: string, previous: Patterns | undefined): Patterns {
  const given = text.split(",").map((pattern) => pattern.trim());
  if (given.some((pattern) => pattern === "" || pattern === "!")) {
    throw new InvalidArgumentError("It takes patterns with commas between them.");
  }
  const [keep, drop] = [previous?.keep ?? [], previous?.drop ?? []];
  return {
    keep: [...keep, ...given.filter((pattern) => !pattern.startsWith("!"))],
    drop: [...drop, ...given.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1))],
  };
}

/** @param now milliseconds since the epoch, from which ages count */
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
  // A long list holds few different texts, over and over.
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

/** Counts the tasks about which the server did not say enough. */
export interface Unjudged {
  count: number;
}

/** The tasks that pass; all where there is no filter. */
export async function* filterTasks<T extends TaskStats | TaskStatus>(
  batches: AsyncIterable<readonly T[]>,
  filter: TaskFilter | undefined,
  unjudged: Unjudged,
): AsyncGenerator<readonly T[]> {
  for await (const batch of batches) {
    if (filter === undefined) yield batch;
    else {
      yield batch.filter((task) => {
        const verdict = filter(task);
        if (verdict === "unknown") unjudged.count++;
        return verdict === "yes";
      });
    }
  }
}

/** Says what was left out for want of knowledge, so that it is not taken for what did not match. */
export async function warnOfUnjudged(runtime: Runtime, { count }: Unjudged): Promise<void> {
  if (count === 0) return;
  await runtime.stderr.write(
    `warning: ${count} ${count === 1 ? "task" : "tasks"} left out: the server does not send what the options ask about\n`,
  );
}
