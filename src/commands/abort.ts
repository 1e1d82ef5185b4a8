import { Option } from "commander";
import { HttpStatusError } from "../client/errors.js";
import { printable } from "../format/printable.js";
import { required } from "./arguments.js";
import type { Registry, Run } from "./registry.js";

export function registerAbort(registry: Registry): void {
  registry
    .command("abort")
    .summary("ask a task to stop")
    .description(
      "Ask a task and its descendants to stop. Returns once the abort is requested, not when the task has ended.",
    )
    .argument("[id]", "the task's id")
    .addOption(new Option("--id <id>").hideHelp())
    .addHelpText(
      "after",
      "\nExamples:\n  tasks abort 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f\n  tasks abort $id && tasks wait $id",
    )
    .action(registry.action(runAbort, (parsed, [id]) => ({ id: required("id", id ?? parsed.id) })));
}

export const runAbort: Run<{ readonly id: string }> = async (context, client, { id }) => {
  try {
    await client.abortTask(id, { signal: context.interrupt });
  } catch (error) {
    if (!(error instanceof HttpStatusError && error.status === 403)) throw error;
    await context.stdout.write(`Task with id ${printable(id)} is not abortable\n`);
  }
  return undefined;
};
