import { Option } from "commander";
import { HttpStatusError, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { messageOf } from "../failure.js";
import { taskStatus } from "../format/task-reports.js";
import { required, wholeNumber } from "./arguments.js";
import type { Registry, Run } from "./registry.js";

export interface WaitRunOptions {
  readonly id: string;
  readonly quiet: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function registerWait(registry: Registry): void {
  registry
    .command("wait")
    .summary("wait until a task has ended")
    .description("Wait until a task has ended, then show its status. The exit code tells how it ended.")
    .argument("[id]", "the task's id")
    .addOption(new Option("--id <id>").hideHelp())
    .option("-q, --quiet", "print nothing: the exit code tells all")
    .option("--timeout <seconds>", "give up after so long", wholeNumber(0, 4_294_967_295, "seconds"))
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 123 failed, 124 timed out, 125 unknown or suspended.

Examples:
  tasks wait 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks wait --quiet --timeout 3600 $id || echo "not done: $?"`,
    )
    .action(
      registry.action(runWait, (parsed, [id]) => ({
        id: required("id", id ?? parsed.id),
        quiet: parsed.quiet === true,
        timeoutSeconds: parsed.timeout,
      })),
    );
}

export const runWait: Run<WaitRunOptions> = async (context, client, { id, quiet, timeoutSeconds, output }) => {
  let status: TaskStatus;
  try {
    status = await client.waitTask(id, { timeoutSeconds, signal: context.interrupt });
  } catch (error) {
    if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
    if (error instanceof HttpStatusError && error.status === 408) {
      if (!quiet) await context.stdout.write("Operation timed out\n");
      return EXIT.waitTimeout;
    }
    await context.stderr.write(`error: ${messageOf(error)}\n`);
    return EXIT.outcomeUnknown;
  }
  if (!quiet) await output.print(taskStatus(status));
  return outcomeOf(status.state);
};

/** nodetool-tasks: 200 means that the task has ended; an absent state counts as done. */
function outcomeOf(state: string | undefined): ExitCode {
  if (state === "failed") return EXIT.taskFailed;
  return state === "suspended" ? EXIT.outcomeUnknown : EXIT.success;
}
