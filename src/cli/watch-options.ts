import { type Command, InvalidArgumentError, Option, type OptionValues } from "commander";
import { type ConnectionNeeds, lookingBack } from "../nodes/connection.js";
import { durationMs } from "./option-values.js";
import { USUAL_INTERVAL } from "./watch-interval.js";

/** How a command watches, where it does. */
export interface WatchOptions {
  readonly intervalMs: number;
  /** Whether the exit code says how the shown task has ended. */
  readonly exitStatus: boolean;
}

/** More often than this, a server would be asked for nothing else. */
const SHORTEST_INTERVAL_MS = 200;

/** Reads the time between two looks; for use as commander's argument parser. */
export function lookIntervalMs(text: string): number {
  const ms = durationMs(text);
  if (ms < SHORTEST_INTERVAL_MS) throw new InvalidArgumentError("It takes a duration of at least 200ms.");
  return ms;
}

/** The option of a command whose output can be kept up to date. */
export function addWatchOption(command: Command, what: string): Command {
  return command.addOption(
    new Option(
      "-w, --watch [interval]",
      `keep ${what} up to date, by default every ${USUAL_INTERVAL}; in a pipe: print a line for each change`,
    )
      .argParser(lookIntervalMs)
      .preset(USUAL_INTERVAL),
  );
}

/** The options of a command that shows one task: its watch ends with the task. */
export function addTaskWatchOptions(command: Command): Command {
  return addWatchOption(command, "it").option(
    "--exit-status",
    "with --watch: exit like `tasks wait`: 0 done, 123 failed, 125 outcome unknown",
  );
}

/** Reads what commander parsed; nothing where the command is to run once. */
export function readWatch({ watch, exitStatus }: OptionValues): WatchOptions | undefined {
  return watch === undefined ? undefined : { intervalMs: watch, exitStatus: exitStatus === true };
}

/** A watch has no end of its own, and of a journal there is nothing to watch. */
export const watchNeeds = ({ watch }: { readonly watch: WatchOptions | undefined }): ConnectionNeeds =>
  watch === undefined ? lookingBack() : { isWait: true };

/** What only a run with `--watch` needs: a part of its own. */
export const loadWatch = () => import("../watch/watch.js");
