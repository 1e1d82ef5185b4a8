import { partialOutcome } from "../cli/partial.js";
import type { Registry, Run } from "../cli/registry.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { nodeTable } from "../format/text/record-table.js";
import type { Cluster } from "../nodes/cluster.js";

export function registerDrain(registry: Registry): void {
  registry
    .command("drain")
    .description(
      "Make the server forget the finished tasks of a module, or of all modules. Servers up to early 2025 cannot.",
    )
    .option("--module <module>", "only this module")
    .addHelpText("after", "\nExamples:\n  tasks drain --module repair\n  tasks drain\n  tasks drain --all-nodes")
    .action(registry.action(runDrain, (parsed) => ({ module: parsed.module })));
}

export const runDrain: Run<{ readonly module: string | undefined }> = async (runtime, client, options) => {
  const { module, cluster, output } = options;
  if (cluster === undefined) {
    await drain(client, { signal: runtime.interrupt }, module);
    return undefined;
  }
  await output.print(nodeTable("drained", drainEach(cluster, module), cluster));
  return await partialOutcome(runtime, cluster);
};

/** @returns the names of the modules that were drained */
async function drain(client: TaskManagerClient, call: CallOptions, module: string | undefined): Promise<string[]> {
  const names = module === undefined ? await client.listModules(call) : [module];
  for (const name of names) await client.drain(name, call);
  return names;
}

async function* drainEach(cluster: Cluster, module: string | undefined) {
  for await (const { node, value, error } of cluster.ask((client, call) => drain(client, call, module))) {
    if (error === undefined) yield [{ node, drained: value.join(" ") }];
  }
}
