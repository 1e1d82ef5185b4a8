import type { Registry, Run } from "../cli/registry.js";
import { printEachNode } from "../nodes/print-each-node.js";

export function register(registry: Registry): void {
  registry
    .command("drain")
    .description("Make the server forget the finished tasks of a module, or of all modules. Needs 2025.1 or newer.")
    .option("--module <module>", "drain only this module")
    .addHelpText("after", "\nExamples:\n  tasks drain --module repair\n  tasks drain\n  tasks drain --all-nodes")
    .action(registry.action(runDrain, (parsed) => ({ module: parsed.module })));
}

const runDrain: Run<{ readonly module: string | undefined }> = async (_runtime, nodes, { module, output }) => {
  await printEachNode(nodes, output, {
    question: async (client, call) => {
      const modules = module === undefined ? await client.listModules(call) : [module];
      for (const each of modules) await client.drain(each, call);
      return modules;
    },
    field: "drained",
    cells: (modules) => [modules.join(" ")],
    alone: () => undefined,
  });
  return undefined;
};
