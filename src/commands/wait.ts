import { type Command, Option, type OptionValues } from "commander";
import { durationMs, namedPositional } from "../cli/option-values.js";
import type { Registry, Run } from "../cli/registry.js";
import { sameNodesCommand } from "../cli/same-nodes-command.js";
import { addSelectionOptions, readTargets } from "../cli/selection-options.js";
import { WAITED_TASK_FIELDS } from "../format/reports/task-reports.js";
import type { ConnectionNeeds } from "../nodes/connection.js";
import { resolveIds } from "../nodes/resolve-ids.js";
import { tell } from "../runtime/tell.js";
import type { Selection } from "../tasks/selection.js";
import { UsageError } from "../usage-error.js";
import { PROGRESS_MODES } from "../waiting/progress-display.js";
import { selectTasks } from "../waiting/select-tasks.js";
import { MAX_WAITS, type WaitingOptions, waitAndReport } from "../waiting/wait-and-report.js";

export interface WaitRunOptions extends WaitingOptions {
  readonly ids: readonly string[];
  readonly selection: Selection | undefined;
}

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
    .option("--abort-on-timeout", "after the timeout, abort the task and wait until it has ended");
}

/** A long poll each, and one more to look at progress. */
export const waitingConnections = (): ConnectionNeeds => ({ isWait: true, maxConnections: MAX_WAITS + 1 });

export function readWaitingOptions(root: Command, parsed: OptionValues): WaitingOptions {
  if (parsed.any === true && parsed.failFast === true)
    throw new UsageError("give either --any or --fail-fast, not both");
  return {
    quiet: parsed.quiet === true,
    timeoutMs: parsed.timeout,
    retryForMs: parsed.retryFor,
    progress: parsed.progress,
    color: parsed.color,
    abortOnTimeout: parsed.abortOnTimeout === true,
    until: parsed.any === true ? "any" : parsed.failFast === true ? "failure" : "all",
    sameNodes: sameNodesCommand(root),
  };
}

export function registerWait(registry: Registry): void {
  const command = registry
    .command("wait")
    .description("Wait until a task has ended, then show its status. The exit code says how it ended.")
    .usage("[options] <id>... | --module <module>")
    .argument("[id...]", "task ids, or their first characters; - reads them from stdin")
    .addOption(namedPositional("id"))
    .option("--any", "return when the first task has ended")
    .option("--fail-fast", "return when the first task has failed");
  addSelectionOptions(addWaitingOptions(command))
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 123 failed, 124 timed out, 125 outcome unknown, or suspended; of several tasks, the worst.

Examples:
  tasks wait 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks wait --quiet --timeout 1h30m -- "$id" || echo "not done: $?"
  tasks wait --timeout 30m --abort-on-timeout --progress plain -- "$id"
  tasks wait --module compaction --keyspace shop --fail-fast`,
    )
    .action(
      registry.action(
        runWait,
        (parsed, _positionals, ids) => ({ ...readWaitingOptions(registry.root, parsed), ...readTargets(parsed, ids) }),
        waitingConnections,
      ),
    );
}

export const runWait: Run<WaitRunOptions> = async (runtime, nodes, options) => {
  const { selection, quiet, output } = options;
  if (!quiet) await output.checkFields(WAITED_TASK_FIELDS);
  if (selection === undefined) {
    const ids = await resolveIds(runtime, nodes, options.ids);
    return await waitAndReport(runtime, await nodes.locate(ids), nodes, options);
  }
  const selected = await selectTasks(runtime, nodes, selection);
  if (selected.length === 0) await tell(runtime, "no task matches: there is nothing to wait for");
  return await waitAndReport(runtime, await nodes.locate(selected), nodes, { ...options, isList: true });
};
