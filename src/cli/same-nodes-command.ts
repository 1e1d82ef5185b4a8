import type { Command } from "commander";
import type { TimePoint } from "../nodes/connection-options.js";
import { durationMs, timePoint } from "./option-values.js";

/** Options that say how a result is shown, and not which node is asked. */
const OUTPUT_GROUP = "Output:";

/**
 * How the program is called again for the same nodes: its name, and the options that the user gave on the command line. What
 * the environment or a context says holds anyway, and a time limit does not say which nodes.
 */
export function sameNodesCommand(root: Command): string {
  return [root.name(), ...sameNodesWords(root).map(quoted)].join(" ");
}

/** The words of {@link sameNodesCommand} after the program's name. */
export function sameNodesWords(root: Command): string[] {
  const words: string[] = [];
  for (const option of root.options) {
    const name = option.attributeName();
    if (option.helpGroupHeading === OUTPUT_GROUP || option.parseArg === durationMs) continue;
    if (root.getOptionValueSource(name) !== "cli") continue;
    const value: unknown = root.getOptionValue(name);
    const flag = option.short ?? `--${option.name()}`;
    // Of --all-nodes and --no-all-nodes, the one that was given.
    if (typeof value === "boolean") {
      if (value !== option.negate) words.push(flag);
    } else
      for (const one of [value].flat())
        words.push(flag, option.parseArg === timePoint ? timeWord(one as TimePoint) : String(one));
  }
  return words;
}

/** A time as it can be typed again. */
function timeWord(point: TimePoint): string {
  return "agoMs" in point ? `${point.agoMs}ms` : new Date(point.atMs).toISOString();
}

/** A word as a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
