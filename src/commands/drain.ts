import type { Registry, Run } from "./registry.js";

export function registerDrain(registry: Registry): void {
  registry
    .command("drain")
    .summary("make the server forget finished tasks")
    .description(
      "Make the server forget the finished tasks of a module, or of all modules. Servers up to early 2025 cannot.",
    )
    .option("--module <module>", "only this module")
    .addHelpText("after", "\nExamples:\n  tasks drain --module repair\n  tasks drain")
    .action(registry.action(runDrain, (parsed) => ({ module: parsed.module })));
}

export const runDrain: Run<{ readonly module: string | undefined }> = async (context, client, { module }) => {
  const call = { signal: context.interrupt };
  for (const name of module === undefined ? await client.listModules(call) : [module]) await client.drain(name, call);
  return undefined;
};
