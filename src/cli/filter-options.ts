import { type Command, InvalidArgumentError, type OptionValues } from "commander";
import { nearest } from "../strings/nearest.js";
import { type FilterOptions, PATTERN_FIELDS, type PatternField, type Patterns } from "../tasks/filter.js";
import { TASK_KINDS, TASK_STATES } from "../vocabulary.js";
import { durationMs } from "./option-values.js";

/** Adds options for which tasks to show, wait for or abort: the same for all commands that choose tasks. */
export function addFilterOptions(command: Command): Command {
  return addPatternOptions(command)
    .option(
      "--older-than <duration>",
      "only tasks started at least this long ago: 90 (seconds), 10m, 1h30m",
      durationMs,
    )
    .option("--newer-than <duration>", "only tasks started at most this long ago", durationMs);
}

/** Adds those of {@link addFilterOptions} that are about the properties of a task. */
export function addPatternOptions(command: Command): Command {
  return command
    .option("--state <states>", "only tasks in these states: running,failed or '!done'", patternsLike(TASK_STATES))
    .option("--type <types>", "only tasks of these types; * matches any text, ? any character", readPatterns)
    .option("--scope <scopes>", "only tasks of these scopes", readPatterns)
    .option("--kind <kinds>", "only tasks of this kind: node or cluster", patternsLike(TASK_KINDS))
    .option("--entity <entities>", "only tasks that work on these entities", readPatterns);
}

/** The attributes in which commander stores what {@link addFilterOptions} adds. */
export const FILTER_OPTION_NAMES: readonly string[] = [...PATTERN_FIELDS, "olderThan", "newerThan"];

/** Reads what commander parsed; `undefined` if nothing is filtered. */
export function readFilter(parsed: OptionValues): FilterOptions | undefined {
  const patterns = new Map<PatternField, Patterns>();
  for (const field of PATTERN_FIELDS) if (parsed[field] !== undefined) patterns.set(field, parsed[field]);
  const { olderThan: olderThanMs, newerThan: newerThanMs } = parsed;
  if (patterns.size === 0 && olderThanMs === undefined && newerThanMs === undefined) return undefined;
  return { patterns, olderThanMs, newerThanMs };
}

/**
 * Refuses a word that no server has: it would match nothing, so a wait would end at once. A newer server may have others: a pattern
 * finds them.
 */
function patternsLike(words: readonly string[]): typeof readPatterns {
  return (text, previous) => {
    const patterns = readPatterns(text, previous);
    for (const pattern of [...patterns.keep, ...patterns.drop]) {
      if (/[*?]/.test(pattern) || words.includes(pattern)) continue;
      const near = nearest(pattern, words);
      const advice =
        near === undefined ? `It takes ${words.join(", ")}, or patterns with * or ?.` : `Did you mean ${near}?`;
      throw new InvalidArgumentError(`Unknown value '${pattern}'. ${advice}`);
    }
    return patterns;
  };
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
