import { type Command, Option, type OptionValues } from "commander";
import type { ConnectionNeeds } from "../nodes/connection.js";
import { UsageError } from "../usage-error.js";
import { PROGRESS_MODES } from "../waiting/progress-display.js";
import { MAX_WAITS, type WaitingOptions } from "../waiting/wait-and-report.js";
import { durationMs } from "./option-values.js";
import { sameNodesCommand } from "./same-nodes-command.js";

/** Options of the commands that wait until tasks have ended. */
export function addWaitingOptions(command: Command): Command {
  return command
    .option("-q, --quiet", "do not print the status; see the exit code")
    .option("--timeout <duration>", "give up after this long: 90 (seconds), 5m, 1h30m", durationMs)
    .addOption(
      new Option("--retry-for <duration>", "keep trying for this long when the connection breaks")
        .argParser(durationMs)
        .default(60_000, "60s"),
    )
    .addOption(
      new Option("--progress <mode>", "progress on stderr: a spinner on a terminal, or plain lines for logs")
        .choices(PROGRESS_MODES)
        .default("auto"),
    )
    .option("--junit <file>", "also write how each task ended to this file, for CI systems that read JUnit's XML")
    .option("--history <journal>", "journal that tells how long earlier runs took (default: that of tasks record)")
    .option("--abort-on-timeout", "after the timeout, abort the task and wait until it has ended");
}

/** One connection for each long poll, and one to read progress. */
export const waitingConnections = (): ConnectionNeeds => ({ isWait: true, maxConnections: MAX_WAITS + 1 });

export function readWaitingOptions(root: Command, parsed: OptionValues): WaitingOptions {
  if (parsed.any === true && parsed.failFast === true)
    throw new UsageError("give either --any or --fail-fast, not both");
  return {
    quiet: parsed.quiet === true,
    timeoutMs: parsed.timeout,
    retryForMs: parsed.retryFor,
    junit: parsed.junit,
    progress: parsed.progress,
    color: parsed.color,
    history: parsed.history,
    expect: parsed.expect === true,
    abortOnTimeout: parsed.abortOnTimeout === true,
    until: parsed.any === true ? "any" : parsed.failFast === true ? "failure" : "all",
    sameNodes: sameNodesCommand(root),
  };
}
