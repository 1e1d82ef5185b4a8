import { sayUnknown } from "../check/plugin-line.js";
import { type CheckOptions, runCheck } from "../check/run-check.js";
import { threshold } from "../check/threshold.js";
import { commaSeparated, durationMs, oneOf } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { withinDeadline } from "../cli/within-deadline.js";
import type { ExitCode } from "../exit-codes.js";
import { journalOr } from "../journal/journal-directory.js";
import { openConnection } from "../nodes/connection.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import { type Runtime, withoutStderr } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";

const CONDITIONS = ["olderThan", "stalledFor", "failedWithin", "notSucceededWithin", "idle"];

/** Monitors read the result on stdout, also of a wrong argument. */
export const sayFailure = sayUnknown;

export function register(registry: Registry): void {
  registry
    .command("check")
    .description(
      "Check tasks as a plugin of Icinga, Nagios, Sensu and other monitoring systems. Prints one line with performance data.",
    )
    .optionsGroup("Conditions (one or more):")
    .option("--older-than <duration>", "unfinished tasks that started at least this long ago", durationMs)
    .option("--stalled-for <duration>", "tasks without progress for this long (the check takes this long)", durationMs)
    .option(
      "--failed-within <duration>",
      "tasks that failed at most this long ago, if the server still keeps them",
      durationMs,
    )
    .option(
      "--not-succeeded-within <duration>",
      "tables on which no task has succeeded for this long (needs a journal)",
      durationMs,
    )
    .option("--idle", "tasks that restarting a node would harm, as in `tasks idle`")
    .optionsGroup("Which tasks:")
    .option("--module <modules>", "only tasks of these modules: compaction,repair", commaSeparated)
    .option("--type <types>", "only tasks of these types; * matches any text", commaSeparated)
    .option("--keyspace <keyspace>", "only tasks that work on this keyspace (also -ks)")
    .option("-t, --table <table>", "only tasks that work on this table (also -cf)")
    .optionsGroup("Thresholds:")
    .option("--warning <range>", "WARNING if the count is outside this range")
    .option("--critical <range>", "CRITICAL if the count is outside this range (default: 0, without --warning)")
    .optionsGroup("With --not-succeeded-within:")
    .option("--by <what>", "count tables or keyspaces (default: table)", oneOf(["table", "keyspace"]))
    .option("--journal <directory>", "journal of `tasks record` (default: its default)")
    .addHelpText(
      "after",
      `
Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (wrong arguments, or a node does not answer).

Examples:
  tasks check --all-nodes --older-than 6h --warning 0 --critical 3
  tasks check --all-nodes --failed-within 1h --type 'repair,*_repair'
  tasks check --stalled-for 20s --deadline 50s
  tasks check --not-succeeded-within 10d --type user_repair --by table`,
    )
    .action(
      registry.localAction(runCheckCommand, async (parsed) => {
        if (!CONDITIONS.some((name) => parsed[name] !== undefined)) {
          throw new UsageError(
            "nothing to check: give at least one of --older-than, --stalled-for, --failed-within, --not-succeeded-within, --idle",
          );
        }
        const format = ["json", "output"].find((name) => registry.root.getOptionValueSource(name) === "cli");
        if (format !== undefined)
          throw new UsageError(
            `option '--${format}' is not supported by this command: monitoring systems read one line`,
          );
        const { warning, critical, by, journal, notSucceededWithin: withinMs } = parsed;
        const misplaced = ["by", "journal"].find((name) => withinMs === undefined && parsed[name] !== undefined);
        if (misplaced !== undefined) throw new UsageError(`option '--${misplaced}' needs --not-succeeded-within`);
        if (withinMs !== undefined && parsed.type === undefined) {
          throw new UsageError(
            "option '--not-succeeded-within' needs --type: the operation that should have succeeded",
          );
        }
        return {
          connection: await registry.connectionOptions(),
          olderThanMs: parsed.olderThan,
          stalledForMs: parsed.stalledFor,
          failedWithinMs: parsed.failedWithin,
          idle: parsed.idle === true,
          tasks: { modules: parsed.module, types: parsed.type, keyspace: parsed.keyspace, table: parsed.table },
          withinMs,
          by: by ?? "table",
          journal,
          warning: warning === undefined ? undefined : threshold("--warning", warning),
          critical:
            critical === undefined && warning !== undefined ? undefined : threshold("--critical", critical ?? "0"),
        };
      }),
    );
}

interface CheckCommandOptions extends Omit<CheckOptions, "lastSuccess"> {
  readonly connection: ConnectionOptions;
  readonly withinMs: number | undefined;
  readonly by: "table" | "keyspace";
  readonly journal: string | undefined;
}

/** Whatever goes wrong is thrown: how a monitor hears of it is for the caller to say. */
async function runCheckCommand(runtime: Runtime, options: CheckCommandOptions): Promise<ExitCode> {
  const { connection, withinMs, by, stalledForMs } = options;
  if (stalledForMs !== undefined && stalledForMs >= (connection.deadlineMs ?? Number.POSITIVE_INFINITY)) {
    throw new UsageError("option '--stalled-for' must be shorter than --deadline: the check takes that long");
  }
  const lastSuccess =
    withinMs === undefined
      ? undefined
      : { withinMs, by, journal: journalOr(options.journal, runtime, "give one with --journal") };
  return await withinDeadline(runtime, connection.deadlineMs, async (limited) => {
    // A monitor may read stderr as a part of the line.
    const silent = withoutStderr(limited);
    const { nodes, close } = await openConnection(silent, connection);
    try {
      return await runCheck(silent, nodes, { ...options, lastSuccess });
    } finally {
      await close();
    }
  });
}
