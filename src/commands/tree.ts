import { Option } from "commander";
import { HttpStatusError } from "../client/errors.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import { taskTree } from "../format/task-reports.js";
import type { Registry, Run } from "./registry.js";

export function registerTree(registry: Registry): void {
  registry
    .command("tree")
    .summary("show a task and its descendants, or those of all tasks")
    .description(
      "Show the statuses of a task and of its descendants on this node, or of all tasks of all modules and theirs.\n" +
        "Finished children of finished children show only where they lead to a failure: the server keeps no others.",
    )
    .argument("[id]", "the task at the root; without it, every task of every module")
    .addOption(new Option("--id <id>").hideHelp())
    .addHelpText(
      "after",
      "\nExamples:\n  tasks tree 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f\n  tasks tree --json | jq 'group_by(.state)'",
    )
    .action(registry.action(runTree, (parsed, [id]) => ({ id: id ?? parsed.id })));
}

export const runTree: Run<{ readonly id: string | undefined }> = async (context, client, { id, output }) => {
  const signal = context.interrupt;
  await output.print(
    taskTree(id === undefined ? everyTree(client, signal) : client.streamTaskStatusRecursive(id, { signal })),
  );
  return undefined;
};

/** The trees of all tasks of all modules, one request after the other as nodetool sends them. */
async function* everyTree(client: TaskManagerClient, signal: AbortSignal): AsyncGenerator<TaskStatus[]> {
  for (const module of await client.listModules({ signal })) {
    for (const { task_id } of await client.listModuleTasks(module, { signal })) {
      if (task_id === undefined) continue;
      try {
        yield await client.taskStatusRecursive(task_id, { signal });
      } catch (error) {
        // It ended and was unregistered since the list was made (rest-api: 400).
        if (!(error instanceof HttpStatusError && error.status === 400)) throw error;
      }
    }
  }
}
