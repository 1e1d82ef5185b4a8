import { nameList } from "../format/task-reports.js";
import type { Registry, Run } from "./registry.js";

export function registerModules(registry: Registry): void {
  registry
    .command("modules")
    .summary("list the modules of the task manager")
    .description("List the modules of the task manager: each keeps the tasks of one purpose.")
    .addHelpText("after", "\nExamples:\n  tasks modules\n  tasks modules --json -h 10.0.0.1")
    .action(registry.action(runModules, () => ({})));
}

export const runModules: Run<object> = async (context, client, { output }) => {
  await output.print(nameList(await client.listModules({ signal: context.interrupt })));
  return undefined;
};
