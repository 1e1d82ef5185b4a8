import { Option, type OptionValues } from "commander";
import { durationMs } from "../cli/option-values.js";
import { namedPositional } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addSelectionOptions, readIdsOrSelection } from "../cli/selection-options.js";
import { EXIT } from "../exit-codes.js";
import { resolveIds } from "../nodes/resolve-ids.js";
import { printMessage } from "../runtime/messages.js";
import { numberOf } from "../strings/number-of.js";
import type { Selection } from "../tasks/selection.js";
import { UsageError } from "../usage-error.js";
import { requestAborts, waitForEnds } from "../waiting/aborts.js";
import { confirmedTasks } from "../waiting/confirmed-tasks.js";
import { worse } from "../waiting/outcome.js";
import { MAX_WAITS } from "../waiting/wait-for-all.js";

interface AbortRunOptions {
  readonly ids: readonly string[];
  readonly selection: Selection | undefined;
  readonly wait: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly retryForMs: number;
}

export function register(registry: Registry): void {
  const command = registry
    .command("abort")
    .description(
      "Ask a task and its descendants to stop. Returns once the abort has been requested, before the task has ended.",
    )
    .usage("[options] <id>... | --module <module>")
    .argument("[id...]", "task ids, or their first characters; - reads them from stdin")
    .addOption(namedPositional("id"))
    .option("--wait", "wait until each task has ended")
    .addOption(new Option("--retry-for <duration>").argParser(durationMs).default(60_000).hideHelp())
    .option("--strict", "exit with 1 if a task cannot be aborted")
    .option("--yes", "with --module: do not ask for confirmation")
    .option("--dry-run", "with --module: only show the tasks that match");
  addSelectionOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks abort 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks abort --wait --strict -- "$id"
  tasks abort --module compaction --keyspace shop --type 'major*' --dry-run
  tasks abort --module repair --yes`,
    )
    .action(
      registry.action(
        runAbort,
        (parsed, _positionals, ids) => ({
          ...readAbortTargets(parsed, ids),
          wait: parsed.wait === true,
          strict: parsed.strict === true,
          yes: parsed.yes === true,
          dryRun: parsed.dryRun === true,
          retryForMs: parsed.retryFor,
        }),
        ({ wait }) => (wait ? { isWait: true, maxConnections: MAX_WAITS } : {}),
      ),
    );
}

/** A task that is named by its id needs neither a dry run nor a confirmation. */
function readAbortTargets(parsed: OptionValues, ids: readonly string[]) {
  const targets = readIdsOrSelection(parsed, ids);
  if (targets.selection === undefined && parsed.dryRun === true) {
    throw new UsageError("option '--dry-run' needs --module");
  }
  return targets;
}

const runAbort: Run<AbortRunOptions> = async (runtime, nodes, options) => {
  const { selection } = options;
  const { chosen, wasAsked } =
    selection === undefined
      ? { chosen: await resolveIds(runtime, nodes, options.ids), wasAsked: false }
      : await confirmedTasks(runtime, nodes, { ...options, selection });
  const targets = await nodes.locate(chosen);
  const { requested, exitCode } = await requestAborts(runtime, targets, options);
  if (wasAsked) await printMessage(runtime, `asked ${numberOf(requested.length, "task")} to stop`);
  if (!options.wait) return exitCode;
  const ended = await waitForEnds(runtime, requested, options.retryForMs, (text) => printMessage(runtime, text));
  return worse(exitCode, ended ? EXIT.success : EXIT.outcomeUnknown);
};
