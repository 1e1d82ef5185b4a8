import { type Command, Option, type OptionValues } from "commander";
import type { ConnectionNeeds } from "../nodes/connection.js";
import { UsageError } from "../usage-error.js";
import { PROGRESS_MODES } from "../waiting/progress-display.js";
import type { WaitingOptions } from "../waiting/wait-and-report.js";
import { MAX_WAITS } from "../waiting/wait-for-all.js";
import { durationMs } from "./option-values.js";
import { sameNodesCommand } from "./same-nodes-command.js";

/** Adds options for commands that wait for tasks. */
export function addWaitingOptions(command: Command): Command {
  return command
    .option("-q, --quiet", "do not print the status")
    .option("--timeout <duration>", "give up after this long: 90 (seconds), 5m, 1h30m", durationMs)
    .addOption(
      new Option("--retry-for <duration>", "keep trying for this long if the connection fails")
        .argParser(durationMs)
        .default(60_000, "60s"),
    )
    .addOption(
      new Option("--progress <mode>", "progress on stderr; auto: a spinner on a terminal, plain lines in CI")
        .choices(PROGRESS_MODES)
        .default("auto"),
    )
    .option("--junit <file>", "write the results to this file as JUnit XML")
    .option("--history <journal>", "journal to estimate the time left from (default: that of tasks record)")
    .option("--abort-on-timeout", "after the timeout, abort the task and wait until it has ended");
}

/** One connection for each long poll, and one to read progress. */
export const waitingNeeds = (): ConnectionNeeds => ({ isWait: true, maxConnections: MAX_WAITS + 1 });

export function readWaitingOptions(root: Command, parsed: OptionValues): WaitingOptions {
  if (parsed.any === true && parsed.failFast === true)
    throw new UsageError("give either --any or --fail-fast, not both");
  if (parsed.abortOnTimeout === true && parsed.timeout === undefined)
    throw new UsageError("option '--abort-on-timeout' needs --timeout");
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
