import { type Command, InvalidArgumentError, type OptionValues } from "commander";
import { type ConnectionNeeds, lookingBack } from "../nodes/connection.js";
import { UsageError } from "../usage-error.js";
import type { WatchOptions } from "../watch/watch.js";
import { durationMs } from "./option-values.js";
import { USUAL_INTERVAL } from "./watch-interval.js";

/** With a shorter interval, the server would do nothing but answer. */
const SHORTEST_INTERVAL_MS = 200;

/** Reads the time between two looks; for use as commander's argument parser. */
export function lookIntervalMs(text: string): number {
  const ms = durationMs(text);
  if (ms < SHORTEST_INTERVAL_MS) throw new InvalidArgumentError("It takes a duration of at least 200ms.");
  return ms;
}

/** Adds the option for a command whose output can be refreshed. */
export function addWatchOption(command: Command, what: string): Command {
  return command.option(
    "-w, --watch [interval]",
    `keep ${what} up to date, by default every ${USUAL_INTERVAL}; in a pipe: print a line for each change`,
    lookIntervalMs,
  );
}

/** Adds options for a command that shows one task: its watch ends with the task. */
export function addTaskWatchOptions(command: Command): Command {
  return addWatchOption(command, "it").option(
    "--exit-status",
    "with --watch: exit like `tasks wait`: 0 done, 123 failed, 125 outcome unknown",
  );
}

/** Reads what commander parsed; `undefined` if the command runs only once. */
export function readWatch({ watch, exitStatus }: OptionValues): WatchOptions | undefined {
  if (watch === undefined && exitStatus) throw new UsageError("option '--exit-status' needs --watch");
  // `true`: without an interval, as in `-aw`.
  const intervalMs = watch === true ? durationMs(USUAL_INTERVAL) : watch;
  return watch === undefined ? undefined : { intervalMs, exitStatus: exitStatus === true };
}

/** A watch has no end of its own, and a journal cannot be watched this way. */
export const watchNeeds = ({ watch }: { readonly watch: WatchOptions | undefined }): ConnectionNeeds =>
  watch === undefined ? lookingBack() : { isWait: true };

/** Loads what only `--watch` needs. */
export const loadWatch = () => import("../watch/watch.js");
