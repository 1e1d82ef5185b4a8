import type { Command } from "commander";
import type { TimePoint } from "../journal/time-point.js";
import { shellWord } from "../strings/shell-word.js";
import { timeLimitMs, timePoint } from "./option-values.js";

/** Options about how to show a result do not choose nodes. */
const OUTPUT_GROUP = "Output:";

/**
 * A command line prefix that calls the program again for the same nodes: its name, and the options that the user typed. The
 * environment and the context apply again anyway, and a timeout does not choose nodes.
 */
export function sameNodesCommand(root: Command): string {
  return [root.name(), ...sameNodesWords(root).map(shellWord)].join(" ");
}

/** The words of {@link sameNodesCommand} after the program's name. */
export function sameNodesWords(root: Command): string[] {
  const words: string[] = [];
  for (const option of root.options) {
    const name = option.attributeName();
    if (option.helpGroupHeading === OUTPUT_GROUP || option.parseArg === timeLimitMs) continue;
    if (root.getOptionValueSource(name) !== "cli") continue;
    const value: unknown = root.getOptionValue(name);
    const flag = option.short ?? `--${option.name()}`;
    // Of --all-nodes and --no-all-nodes, the one that the user typed.
    if (typeof value === "boolean") {
      if (value !== option.negate) words.push(flag);
    } else
      for (const one of [value].flat())
        words.push(flag, option.parseArg === timePoint ? timeWord(one as TimePoint) : String(one));
  }
  return words;
}

/** A time in a form that can be typed. */
function timeWord(point: TimePoint): string {
  return "agoMs" in point ? `${point.agoMs}ms` : new Date(point.atMs).toISOString();
}
