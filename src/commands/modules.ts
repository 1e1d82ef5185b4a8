import type { Registry, Run } from "../cli/registry.js";
import { nameList } from "../format/reports/task-reports.js";
import { lookingBack } from "../nodes/connection.js";
import { printEachNode } from "../nodes/print-each-node.js";

export function register(registry: Registry): void {
  registry
    .command("modules")
    .description("List the modules of the task manager. Each module has one kind of task.")
    .addHelpText("after", "\nExamples:\n  tasks modules\n  tasks modules --json -h 10.0.0.1")
    .action(registry.action(runModules, () => ({}), lookingBack));
}

const runModules: Run<object> = async (_runtime, nodes, { output }) => {
  await printEachNode(nodes, output, {
    question: (client, call) => client.listModules(call),
    field: "module",
    cells: (modules) => modules,
    alone: nameList,
  });
  return undefined;
};
