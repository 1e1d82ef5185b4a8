import { Option, type OptionValues } from "commander";
import { exitCodeOf } from "../cli/failure.js";
import { durationMs, namedPositional } from "../cli/option-values.js";
import type { GlobalOptions, Registry, Run } from "../cli/registry.js";
import { addSelectionOptions, readTargets } from "../cli/selection-options.js";
import { isNotAbortable, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { batch, ofNodes } from "../format/reports/report.js";
import { taskList } from "../format/reports/task-reports.js";
import type { ListedTask, Nodes } from "../nodes/nodes.js";
import { ask } from "../runtime/confirm.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import type { Selection } from "../tasks/selection.js";
import { UsageError } from "../usage-error.js";
import { selectTasks } from "../waiting/select-tasks.js";
import { readOrNot, tell } from "../waiting/tell.js";
import { MAX_WAITS, waitForEnds } from "../waiting/wait-and-report.js";
import type { WaitTarget } from "../waiting/wait-for-task.js";

export interface AbortRunOptions {
  readonly ids: readonly string[];
  readonly selection: Selection | undefined;
  readonly wait: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly retryForMs: number;
}

export function registerAbort(registry: Registry): void {
  const command = registry
    .command("abort")
    .description(
      "Ask a task and its descendants to stop. Returns once the abort is requested, not when the task has ended.",
    )
    .argument("[id...]", "ids of tasks")
    .addOption(namedPositional("id"))
    .option("--wait", "wait until each has ended, done or not")
    .addOption(new Option("--retry-for <duration>").argParser(durationMs).default(60_000).hideHelp())
    .option("--strict", "exit with 1 where a task is not abortable")
    .option("--yes", "abort what a selection matches without asking")
    .option("--dry-run", "only show what a selection matches");
  addSelectionOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks abort 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks abort --wait --strict $id
  tasks abort --module compaction --keyspace shop --type 'major*' --dry-run
  tasks abort --module repair --yes`,
    )
    .action(
      registry.action(
        runAbort,
        (parsed, _positionals, ids) => ({
          ...readAbortTargets(parsed, ids),
          wait: parsed.wait === true,
          strict: parsed.strict === true,
          yes: parsed.yes === true,
          dryRun: parsed.dryRun === true,
          retryForMs: parsed.retryFor,
        }),
        ({ wait }) => (wait ? { maxConnections: MAX_WAITS } : {}),
      ),
    );
}

/** What is named by its id needs neither a rehearsal nor a confirmation. */
function readAbortTargets(parsed: OptionValues, ids: readonly string[]) {
  const targets = readTargets(parsed, ids);
  if (targets.selection === undefined && parsed.dryRun === true) {
    throw new UsageError("option '--dry-run' needs --module: it shows what a selection matches");
  }
  return targets;
}

export const runAbort: Run<AbortRunOptions> = async (runtime, nodes, options) => {
  const { selection } = options;
  const chosen =
    selection === undefined ? options.ids : await confirmedTasks(runtime, nodes, { ...options, selection });
  const targets = await nodes.locate(chosen);
  let exitCode: ExitCode = EXIT.success;
  const requested: WaitTarget[] = [];
  for (const target of targets) {
    const { id } = target;
    try {
      await target.client.abortTask(target.id, { signal: runtime.interrupt });
      requested.push({ ...target, reached: true });
    } catch (error) {
      if (targets.length === 1 && !isNotAbortable(error)) throw error;
      exitCode = graver(exitCode, await tellFailure(runtime, id, error, options));
    }
  }
  if (!options.wait) return exitCode;
  const ended = await waitForEnds(runtime, requested, options.retryForMs, (text) => tell(runtime, text));
  return graver(exitCode, ended ? EXIT.success : EXIT.outcomeUnknown);
};

const graver = (a: ExitCode, b: ExitCode): ExitCode => (b > a ? b : a);

/** One of many that failed does not keep the others from being aborted. */
async function tellFailure(
  runtime: Runtime,
  id: string,
  error: unknown,
  { output, strict, wait }: AbortRunOptions & GlobalOptions,
): Promise<ExitCode> {
  if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
  if (isNotAbortable(error)) {
    await readOrNot(output.remark(`Task with id ${printable(id)} is not abortable`));
    // With --wait, success says that each has ended.
    return strict || wait ? EXIT.usage : EXIT.success;
  }
  await tell(runtime, `error: ${errorText(error)}`);
  return exitCodeOf(error);
}

/** Shows what a selection matches, and asks before it is aborted. */
async function confirmedTasks(
  runtime: Runtime,
  nodes: Nodes,
  options: AbortRunOptions & GlobalOptions & { readonly selection: Selection },
): Promise<readonly ListedTask[]> {
  const { selection, dryRun, yes, output } = options;
  const selected = await selectTasks(runtime, nodes, selection);
  const count = selected.length;
  if (count === 0) await tell(runtime, "no task matches: there is nothing to abort");
  await readOrNot(output.print(ofNodes(taskList(batch(selected), nodes.places), "tasks", nodes)));
  if (dryRun || count === 0) return [];
  if (yes) return selected;
  if (!runtime.stdin.isTTY || !runtime.stderr.isTerminal) {
    throw new UsageError(`${count} tasks match; without a terminal to ask on, --yes must confirm the abort`);
  }
  if (await ask(runtime, `Abort ${count === 1 ? "this task" : `these ${count} tasks`}? [y/N] `)) return selected;
  await tell(runtime, "nothing was aborted");
  return [];
}
