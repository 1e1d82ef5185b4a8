import { OutcomeUnknownError } from "../cli/failure.js";
import { namedPositional } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addSelectionOptions, readIdsOrSelection } from "../cli/selection-options.js";
import { addWaitingOptions, readWaitingOptions, waitingNeeds } from "../cli/waiting-options.js";
import { EXIT } from "../exit-codes.js";
import { WAITED_TASK_FIELDS } from "../format/reports/task-reports.js";
import { resolveIds } from "../nodes/resolve-ids.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import type { Selection } from "../tasks/selection.js";
import { selectTasks } from "../waiting/select-tasks.js";
import { ciReport, type WaitingOptions, waitAndReport } from "../waiting/wait-and-report.js";

interface WaitRunOptions extends WaitingOptions {
  readonly ids: readonly string[];
  readonly selection: Selection | undefined;
}

export function register(registry: Registry): void {
  const command = registry
    .command("wait")
    .description("Wait until a task has ended, then show its status. The exit code says how it ended.")
    .usage("[options] <id>... | --module <module>")
    .argument("[id...]", "task ids, or their first characters; - reads them from stdin")
    .addOption(namedPositional("id"))
    .option("--any", "return as soon as one task has ended")
    .option("--fail-fast", "return as soon as one task has failed")
    .option("--expect", "warn if a task takes longer than 95% of earlier runs");
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
        (parsed, _positionals, ids) => ({
          ...readWaitingOptions(registry.root, parsed),
          ...readIdsOrSelection(parsed, ids),
        }),
        () => ({ ...waitingNeeds(), looksBack: true }),
        unknownOutcome,
      ),
    );
}

const runWait: Run<WaitRunOptions> = async (runtime, nodes, options) => {
  const { selection, quiet, output } = options;
  if (!quiet) await output.checkFields(WAITED_TASK_FIELDS);
  if (selection === undefined) {
    const ids = await resolveIds(runtime, nodes, options.ids);
    return await waitAndReport(runtime, await nodes.locate(ids), nodes, { ...options, isOfNodetool: !nodes.isMany });
  }
  const selected = await selectTasks(runtime, nodes, selection);
  if (selected.length === 0) await printMessage(runtime, "no task matches: there is nothing to wait for");
  return await waitAndReport(runtime, await nodes.locate(selected), nodes, { ...options, isList: true });
};

/** Nobody could be asked how the tasks ended, or which they are. */
async function unknownOutcome(error: Error, runtime: Runtime, { junit, ids }: WaitRunOptions): Promise<Error> {
  const ci = await ciReport(runtime, junit, "");
  const message = errorText(error);
  const result = { name: ids.length === 1 ? `task ${ids[0]}` : "tasks", group: "wait", seconds: undefined, message };
  await ci?.report([{ ...result, id: ids[0] ?? "", outcome: "unknown", details: message }], EXIT.outcomeUnknown);
  return new OutcomeUnknownError(error);
}
