import { batch, ofNodes } from "../format/reports/report.js";
import { taskList } from "../format/reports/task-reports.js";
import type { ListedTask, Nodes } from "../nodes/nodes.js";
import { confirm } from "../runtime/confirm.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import type { Selection } from "../tasks/selection.js";
import { UsageError } from "../usage-error.js";
import { selectTasks } from "./select-tasks.js";

interface ConfirmOptions {
  readonly selection: Selection;
  readonly dryRun: boolean;
  /** Whether the user has already confirmed. */
  readonly yes: boolean;
  readonly output: Output;
}

/** Shows the matching tasks, and asks for confirmation before they are aborted. */
export async function confirmedTasks(
  runtime: Runtime,
  nodes: Nodes,
  options: ConfirmOptions,
): Promise<{
  readonly chosen: readonly ListedTask[];
  /** Whether the user was asked, and agreed. */
  readonly wasAsked: boolean;
}> {
  const { selection, dryRun, yes, output } = options;
  const selected = await selectTasks(runtime, nodes, selection);
  const count = selected.length;
  if (count === 0) await printMessage(runtime, "no task matches: there is nothing to abort");
  // On a terminal, the view of an empty list would say the same again.
  if (count > 0 || output.isDocument || !runtime.stdout.isTerminal)
    await readOrNot(output.print(ofNodes(taskList(batch(selected), nodes.nodeFields), "tasks", nodes)));
  if (dryRun || count === 0) return { chosen: [], wasAsked: false };
  if (yes) return { chosen: selected, wasAsked: false };
  if (!runtime.stdin.isTTY || !runtime.stderr.isTerminal) {
    const match = count === 1 ? "1 task matches" : `${count} tasks match`;
    throw new UsageError(`${match}; cannot ask for confirmation without a terminal: use --yes`);
  }
  if (await confirm(runtime, `Abort ${count === 1 ? "this task" : `these ${count} tasks`}? [y/N] `)) {
    return { chosen: selected, wasAsked: true };
  }
  await printMessage(runtime, "nothing was aborted");
  return { chosen: [], wasAsked: false };
}
