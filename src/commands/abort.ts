import { Option, type OptionValues } from "commander";
import { exitCodeOf } from "../cli/failure.js";
import { durationMs, namedPositional } from "../cli/option-values.js";
import type { GlobalOptions, Registry, Run } from "../cli/registry.js";
import { addSelectionOptions, readTargets } from "../cli/selection-options.js";
import { isRequestFailure, notAbortableReason } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { resolveIds } from "../nodes/resolve-ids.js";
import type { Runtime } from "../runtime/runtime.js";
import { readOrNot, tell } from "../runtime/tell.js";
import { errorText } from "../strings/error-text.js";
import type { Selection } from "../tasks/selection.js";
import { UsageError } from "../usage-error.js";
import { confirmedTasks } from "../waiting/confirmed-tasks.js";
import { notAbortableText } from "../waiting/not-abortable.js";
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

export function register(registry: Registry): void {
  const command = registry
    .command("abort")
    .description(
      "Ask a task and its descendants to stop. Returns once the abort has been requested, before the task has ended.",
    )
    .usage("[options] <id>... | --module <module>")
    .argument("[id...]", "task ids, or their first characters; - reads them from stdin")
    .addOption(namedPositional("id"))
    .option("--wait", "wait until each task has ended")
    .addOption(new Option("--retry-for <duration>").argParser(durationMs).default(60_000).hideHelp())
    .option("--strict", "exit with 1 if a task cannot be aborted")
    .option("--yes", "with --module: do not ask for confirmation")
    .option("--dry-run", "with --module: only show the tasks that match");
  addSelectionOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks abort 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks abort --wait --strict -- "$id"
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
        ({ wait }) => (wait ? { isWait: true, maxConnections: MAX_WAITS } : {}),
      ),
    );
}

/** A task that is named by its id needs neither a dry run nor a confirmation. */
function readAbortTargets(parsed: OptionValues, ids: readonly string[]) {
  const targets = readTargets(parsed, ids);
  if (targets.selection === undefined && parsed.dryRun === true) {
    throw new UsageError("option '--dry-run' needs --module");
  }
  return targets;
}

export const runAbort: Run<AbortRunOptions> = async (runtime, nodes, options) => {
  const { selection } = options;
  const { chosen, wasAsked } =
    selection === undefined
      ? { chosen: await resolveIds(runtime, nodes, options.ids), wasAsked: false }
      : await confirmedTasks(runtime, nodes, { ...options, selection });
  const targets = await nodes.locate(chosen);
  let exitCode: ExitCode = EXIT.success;
  const requested: WaitTarget[] = [];
  for (const target of targets) {
    const { id } = target;
    try {
      await target.client.abortTask(target.id, { signal: runtime.interrupt });
      requested.push({ ...target, reached: true });
    } catch (error) {
      const refusal = notAbortableText(id, error);
      if (targets.length === 1 && refusal === undefined) throw error;
      exitCode = worse(exitCode, await tellFailure(runtime, error, refusal, options));
    }
  }
  if (wasAsked) await tell(runtime, `asked ${tasksText(requested.length)} to stop`);
  if (!options.wait) return exitCode;
  const ended = await waitForEnds(runtime, requested, options.retryForMs, (text) => tell(runtime, text));
  return worse(exitCode, ended ? EXIT.success : EXIT.outcomeUnknown);
};

const worse = (a: ExitCode, b: ExitCode): ExitCode => (b > a ? b : a);

const tasksText = (count: number) => (count === 1 ? "1 task" : `${count} tasks`);

/** If the abort of one task fails, the others are still aborted. */
async function tellFailure(
  runtime: Runtime,
  error: unknown,
  refusal: string | undefined,
  { output, strict, wait }: AbortRunOptions & GlobalOptions,
): Promise<ExitCode> {
  if (!isRequestFailure(error)) throw error;
  // nodetool-tasks: a 403 is reported on stdout and is no failure, every other status is one.
  const isNever = notAbortableReason(error) === "never";
  if (refusal !== undefined && isNever) await readOrNot(output.remark(refusal));
  else await tell(runtime, `error: ${refusal ?? errorText(error)}`);
  if (refusal === undefined) return exitCodeOf(error);
  // With --wait, success means that each has ended.
  if (strict || wait) return EXIT.usage;
  return isNever ? EXIT.success : exitCodeOf(error);
}
