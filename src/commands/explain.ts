import { namedPositional, readTaskId } from "../cli/option-values.js";
import type { Registry, Run } from "../cli/registry.js";
import { explanationReport, FAILURE_FIELDS } from "../format/reports/explanation-report.js";
import { ofNodes } from "../format/reports/report.js";
import { lookingBack } from "../nodes/connection.js";
import { resolveId } from "../nodes/resolve-ids.js";
import { explain } from "../tasks/explanation.js";

export function register(registry: Registry): void {
  registry
    .command("explain")
    .description(
      "Explain why a task failed: where in its tree the failure began, with the path to it from the root.\n" +
        "Servers before 2025.1 forget a finished task when its parts are shown: there only the task itself is read.",
    )
    .usage("[options] <id>")
    .argument("[id]", "id of the root task, or its first characters; - reads it from stdin")
    .addOption(namedPositional("id"))
    .addHelpText(
      "after",
      `
Examples:
  tasks explain 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks explain --all-nodes -- "$id"
  tasks explain --json -- "$id" | jq -r '.failures[].error'`,
    )
    .action(registry.action(runExplain, (parsed, [id]) => ({ id: readTaskId(id, parsed) }), lookingBack));
}

export const runExplain: Run<{ readonly id: string }> = async (runtime, nodes, { id: word, output }) => {
  await output.checkFields(FAILURE_FIELDS);
  const id = await resolveId(runtime, nodes, word);
  const explanation = explain(await nodes.lookAtTree(id));
  await output.print(ofNodes(explanationReport(explanation), "failures", nodes));
  return undefined;
};
