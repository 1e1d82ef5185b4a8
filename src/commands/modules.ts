import { partialOutcome } from "../cli/partial.js";
import type { Registry, Run } from "../cli/registry.js";
import { nameList } from "../format/reports/task-reports.js";
import { nodeTable } from "../format/text/record-table.js";
import type { Cluster } from "../nodes/cluster.js";

export function registerModules(registry: Registry): void {
  registry
    .command("modules")
    .description("List the modules of the task manager: each keeps the tasks of one purpose.")
    .addHelpText("after", "\nExamples:\n  tasks modules\n  tasks modules --json -h 10.0.0.1")
    .action(registry.action(runModules, () => ({})));
}

export const runModules: Run<object> = async (runtime, client, { output, cluster }) => {
  if (cluster === undefined) {
    await output.print(nameList(await client.listModules({ signal: runtime.interrupt })));
    return undefined;
  }
  await output.print(nodeTable("module", modulesOfEach(cluster), cluster));
  return await partialOutcome(runtime, cluster);
};

async function* modulesOfEach(cluster: Cluster) {
  for await (const { node, value, error } of cluster.ask((client, call) => client.listModules(call))) {
    if (error === undefined) yield value.map((module) => ({ node, module }));
  }
}
