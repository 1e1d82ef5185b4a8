import { namedPositional, readTaskId } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addTaskWatchOptions, loadWatch, readWatch, watchNeeds } from "../cli/watch-options.js";
import { explanationReport, FAILURE_FIELDS } from "../format/reports/explanation-report.js";
import { ofNodes } from "../format/reports/report.js";
import { resolveId } from "../nodes/resolve-ids.js";
import { explain } from "../tasks/explanation.js";
import type { WatchOptions } from "../watch/watch.js";

export function register(registry: Registry): void {
  const command = registry
    .command("explain")
    .description(
      "Explain why a task failed: where in its tree the failure began, with the path to it from the root.\n" +
        "Servers before 2025.1 forget a finished task once its children have been read; there, only the task itself is shown.",
    )
    .usage("[options] <id>")
    .argument("[id]", "id of the root task, or its first characters; - reads it from stdin")
    .addOption(namedPositional("id"));
  addTaskWatchOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks explain 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks explain --all-nodes -- "$id"
  tasks explain --json -- "$id" | jq -r '.failures[].error'`,
    )
    .action(
      registry.action(
        runExplain,
        (parsed, [id]) => ({ id: readTaskId(id, parsed), watch: readWatch(parsed) }),
        watchNeeds,
      ),
    );
}

interface ExplainRunOptions {
  readonly id: string;
  readonly watch: WatchOptions | undefined;
}

const runExplain: Run<ExplainRunOptions> = async (runtime, nodes, { id: word, watch: options, output }) => {
  await output.checkFields(FAILURE_FIELDS);
  const id = await resolveId(runtime, nodes, word);
  let state = "";
  const look = async () => {
    const explanation = explain(await nodes.lookAtTree(id, { isRepeated: options !== undefined }));
    state = explanation.root?.state ?? "";
    return ofNodes(explanationReport(explanation), "failures", nodes);
  };
  if (options !== undefined)
    return await (await loadWatch()).watch(runtime, nodes, output, options, { look, state: () => state });
  await output.print(await look());
  return undefined;
};
