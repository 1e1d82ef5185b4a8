import { Option } from "commander";
import { NoAnswerError } from "../cli/failure.js";
import { commaSeparated, durationMs } from "../cli/option-values.js";
import type { Registry, Run } from "../cli/registry.js";
import { sameNodesCommand } from "../cli/same-nodes-command.js";
import { UsageError } from "../usage-error.js";
import { PROGRESS_MODES } from "../waiting/progress-display.js";
import { RUNNING_TASK_FIELDS, reportRunningTasks } from "../waiting/running-report.js";
import { type IdleOptions, isNoAnswer, pollRunning, waitUntilIdle } from "../waiting/wait-until-idle.js";

interface IdleRunOptions extends IdleOptions {
  readonly wait: boolean;
  /** What a user types before `abort ID`. */
  readonly sameNodes: string;
}

const DEFAULT_HOLD_MS = 10_000;

export function register(registry: Registry): void {
  registry
    .command("idle")
    .description(
      "Check that no running task would be harmed by restarting a node: node operations, repairs, tablet migrations, restores, backups.\n" +
        "Use --all-nodes: a repair is listed only on the node that coordinates it.",
    )
    .option("--module <modules>", "check the tasks of these modules instead: compaction,repair", commaSeparated)
    .option("--type <types>", "only tasks of these types; * matches any text", commaSeparated)
    .option("--wait", "wait until nothing runs")
    .option("--timeout <duration>", "with --wait: give up after this long: 90 (seconds), 30m", durationMs)
    .option("--for <duration>", "with --wait: how long nothing may run before the wait ends (default: 10s)", durationMs)
    .addOption(
      new Option(
        "--progress <mode>",
        "with --wait: progress on stderr; auto: a spinner on a terminal, plain lines in CI",
      )
        .choices(PROGRESS_MODES)
        .default("auto"),
    )
    .addHelpText(
      "after",
      `
Exit codes: 0 idle, 1 not idle, 3 a node did not answer.

Examples:
  tasks idle --all-nodes && systemctl restart scylla-server
  tasks idle --all-nodes --wait --timeout 30m --for 1m
  tasks idle --module compaction --type 'major*' --json`,
    )
    .action(
      orNotKnown(
        registry.action(runIdle, (parsed) => {
          const misplaced = ["timeout", "for"].find((name) => parsed.wait !== true && parsed[name] !== undefined);
          if (misplaced !== undefined) throw new UsageError(`option '--${misplaced}' needs --wait`);
          return {
            modules: parsed.module,
            types: parsed.type,
            wait: parsed.wait === true,
            timeoutMs: parsed.timeout,
            holdMs: parsed.for ?? DEFAULT_HOLD_MS,
            progress: parsed.progress,
            color: parsed.color,
            sameNodes: sameNodesCommand(registry.root),
          };
        }),
      ),
    );
}

/** A node that does not answer is never idle, not even the one that should list the others. */
function orNotKnown(action: (...args: unknown[]) => Promise<void>): (...args: unknown[]) => Promise<void> {
  return (...args) =>
    action(...args).catch((error: unknown) => {
      throw isNoAnswer(error)
        ? new NoAnswerError(`cannot tell whether it is idle: ${error.message}`, { cause: error })
        : error;
    });
}

const runIdle: Run<IdleRunOptions> = async (runtime, nodes, options) => {
  await options.output.checkFields([...nodes.nodeFields, ...RUNNING_TASK_FIELDS]);
  const state = options.wait ? await waitUntilIdle(runtime, nodes, options) : await pollRunning(nodes, options);
  const runningOf = ({ unreachable, running }: typeof state) => {
    if (unreachable !== undefined) throw unreachable;
    return running;
  };
  const lookAgain = async () => runningOf(await pollRunning(nodes, options));
  return await reportRunningTasks(runtime, nodes, runningOf(state), { ...options, lookAgain });
};
