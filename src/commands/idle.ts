import { Option } from "commander";
import { NoAnswerError } from "../cli/failure.js";
import { commaSeparated, durationMs } from "../cli/option-values.js";
import type { GlobalOptions, Registry, Run } from "../cli/registry.js";
import { sameNodesCommand } from "../cli/same-nodes-command.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch, ofNodes } from "../format/reports/report.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { readOrNot, tell } from "../runtime/tell.js";
import { printable } from "../strings/printable.js";
import { progressPercent } from "../tasks/progress.js";
import { UsageError } from "../usage-error.js";
import { FINISHED_STATES } from "../vocabulary.js";
import { NodeLooks } from "../waiting/progress.js";
import { PROGRESS_MODES } from "../waiting/progress-display.js";
import type { RunningTask } from "../waiting/running-tasks.js";
import { type IdleTerms, isNoAnswer, look, waitUntilIdle } from "../waiting/wait-until-idle.js";

export interface IdleRunOptions extends IdleTerms {
  readonly wait: boolean;
  /** What a user types before `abort ID`. */
  readonly sameNodes: string;
}

const DEFAULT_HOLD_MS = 10_000;
/** Tasks that are listed in text, and looked at. */
const MAX_SHOWN = 20;

export function register(registry: Registry): void {
  registry
    .command("idle")
    .description(
      "Check that no task runs that restarting a node would harm: node operations, repairs, moves of tablets, restores, backups.\n" +
        "Use --all-nodes: a repair is listed only on the node that leads it.",
    )
    .option("--module <modules>", "instead, the tasks of these modules: compaction,repair", commaSeparated)
    .option("--type <types>", "only tasks of these types; * stands for any text", commaSeparated)
    .option("--wait", "wait until nothing runs")
    .option("--timeout <duration>", "with --wait: give up after this long: 90 (seconds), 30m", durationMs)
    .option("--for <duration>", "with --wait: nothing must run for this long (default: 10s)", durationMs)
    .addOption(
      new Option("--progress <mode>", "with --wait: progress on stderr, a spinner or plain lines for logs")
        .choices(PROGRESS_MODES)
        .default("auto"),
    )
    .addHelpText(
      "after",
      `
Exit codes: 0 idle, 1 something runs, 3 a node did not answer.

Examples:
  tasks idle --all-nodes && systemctl restart scylla-server
  tasks idle --all-nodes --wait --timeout 30m --for 1m
  tasks idle --module compaction --type 'major*' --json`,
    )
    .action(
      orNotKnown(
        registry.action(runIdle, (parsed) => {
          const lonely = ["timeout", "for"].find((name) => parsed.wait !== true && parsed[name] !== undefined);
          if (lonely !== undefined) throw new UsageError(`option '--${lonely}' needs --wait`);
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

/** A node that does not answer is never idle, be it the one that should name the others. */
function orNotKnown(action: (...args: unknown[]) => Promise<void>): (...args: unknown[]) => Promise<void> {
  return (...args) =>
    action(...args).catch((error: unknown) => {
      throw isNoAnswer(error) ? new NoAnswerError(`not known to be idle: ${error.message}`, { cause: error }) : error;
    });
}

export const runIdle: Run<IdleRunOptions> = async (runtime, nodes, options) => {
  await options.output.checkFields([...nodes.places, ...FIELDS]);
  const state = options.wait ? await waitUntilIdle(runtime, nodes, options) : await look(nodes, options);
  if (state.unreachable !== undefined) throw state.unreachable;
  return await report(runtime, nodes, state.running, options);
};

const FIELDS = [
  "task_id",
  "module",
  "type",
  "keyspace",
  "table",
  "state",
  "progress_percent",
  "is_abortable",
  "abort_with",
] as const;

/** Shows what runs, how far it is, and what would stop it. */
async function report(
  runtime: Runtime,
  nodes: Nodes,
  running: readonly RunningTask[],
  { output, sameNodes }: IdleRunOptions & GlobalOptions,
): Promise<ExitCode> {
  const looks = new NodeLooks();
  const shown = output.isDocument ? running : running.slice(0, MAX_SHOWN);
  const located = await nodes.locate(shown.slice(0, MAX_SHOWN));
  const rows = await Promise.all(
    shown.map(async ({ node, task_id, module, type = "", keyspace = "", table = "", state = "" }, index) => {
      const client = located[index]?.client;
      const status =
        client &&
        (await looks
          .of(client)(task_id, nodes.call)
          .catch(() => undefined));
      const isAbortable = status?.is_abortable ?? null;
      return {
        ...(nodes.isMany && { node: node ?? null }),
        task_id,
        module,
        type,
        keyspace,
        table,
        state: status?.state ?? state,
        progress_percent: (status && progressPercent(status)) ?? null,
        is_abortable: isAbortable,
        abort_with: isAbortable === false ? null : `${sameNodes} abort ${task_id}`,
      };
    }),
  );
  // What has ended since it was listed does not run; of the rest nothing newer is known.
  const left = rows.filter((row) => !FINISHED_STATES.has(row.state));
  const still = running.length - (rows.length - left.length);
  const isIdle = still === 0 && nodes.unanswered.length === 0;
  if (still > 0 || output.isDocument) {
    const fields = [...nodes.places, ...FIELDS] as readonly (keyof (typeof rows)[number])[];
    await readOrNot(output.print(ofNodes(recordTable(fields, batch(left)), "tasks", nodes)));
  }
  if (isIdle) await readOrNot(output.remark("idle: nothing runs that a restart would harm"));
  if (still === 0) return EXIT.success;
  const more = running.length - shown.length;
  await tell(
    runtime,
    `not idle: ${still === 1 ? "1 task runs" : `${still} tasks run`}${more > 0 ? ` (${more} not shown)` : ""}; ` +
      `to wait for the end: ${printable(sameNodes)} idle --wait`,
  );
  return EXIT.notIdle;
}
