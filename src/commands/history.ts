import { InvalidArgumentError, type OptionValues } from "commander";
import { addPatternOptions, readFilter } from "../cli/filter-options.js";
import { namedJournal } from "../cli/journal-option.js";
import { durationMs, oneOf, timePoint } from "../cli/option-values.js";
import { addRowOptions } from "../cli/output-options.js";
import { reportPartialResult } from "../cli/partial-result.js";
import type { Registry } from "../cli/registry.js";
import { addWatchOption, readWatch } from "../cli/watch-options.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { operationTypes } from "../history/last-success.js";
import { GROUP_KEYS, type GroupKey } from "../history/run-groups.js";
import { type HistoryOptions, showHistory } from "../history/show-history.js";
import type { Runtime } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";

export function register(registry: Registry): void {
  const command = registry
    .command("history")
    .description(
      "Show finished operations from a journal of `tasks record`: outcome, duration, amount of work and rate.\n" +
        "With --by, grouped; with --last, when an operation last succeeded on each table.",
    )
    .option("--module <module>", "only tasks of this module")
    .option("--keyspace <keyspace>", "only tasks of this keyspace (also -ks)")
    .option("-t, --table <table>", "only tasks of this table (also -cf, --column-family)")
    .option("--node <address>", "only tasks on this node")
    .option("--since <time>", "only tasks that ended at this time or later: 7d, 2026-11-24T03:12", timePoint)
    .option("--until <time>", "only tasks that ended by this time", timePoint)
    .option("--internal", "also internal tasks: parts of other tasks, and those that the server starts by itself")
    .option("--by <what>", `group by one or more of ${GROUP_KEYS.join(", ")}`, groupKeys)
    .option(
      "--last <operation>",
      "show the last success on each table: of repair, cleanup, compaction, backup, or a type",
    )
    .option(
      "--older-than <duration>",
      "with --last: only tables whose last success is at least this long ago",
      durationMs,
    )
    .option("--exit-code", "exit with 1 if there is any row, else with 0");
  addRowOptions(addPatternOptions(addWatchOption(command, "it")))
    .addHelpText(
      "after",
      `
In a pipe, --watch prints a line for each run that is added to the journal; with --by and --last it needs a terminal.

Examples:
  tasks history --since 7d
  tasks history --type '*repair' --by table,node
  tasks history --state failed --since 1d --fields end_time,node,type,error
  tasks history --last repair --older-than 10d --exit-code || echo "repair these"
  tasks history --since 1h --watch 10s
  tasks history --from node1.ndjson.gz --module compaction --sort -duration_seconds --limit 10`,
    )
    .action(
      registry.localAction(runHistory, async (parsed) => ({
        ...readHistoryOptions(parsed),
        from: await namedJournal(registry),
      })),
    );
}

function readHistoryOptions(parsed: OptionValues): Omit<HistoryOptions, "from" | "leftOut" | "output"> {
  const { module, keyspace, table, node, internal, last, by = [], olderThan: olderThanMs, since, until } = parsed;
  const isLast = last !== undefined;
  if (isLast && parsed.type !== undefined) throw new UsageError("give either --last or --type, not both");
  if (isLast && by.some((key: GroupKey) => key !== "table")) {
    throw new UsageError("option '--last <operation>' groups by table only; for other groups use --type with --by");
  }
  if (!isLast && olderThanMs !== undefined) throw new UsageError("option '--older-than <duration>' needs --last");
  const watch = readWatch(parsed);
  const endless = until !== undefined ? "--until" : parsed.exitCode === true ? "--exit-code" : undefined;
  if (watch !== undefined && endless !== undefined) {
    throw new UsageError(`give either --watch or ${endless}, not both`);
  }
  const type = isLast ? { type: { keep: operationTypes(last), drop: [] } } : {};
  return {
    query: { module, keyspace, table, node, internal: internal === true },
    filter: readFilter({ ...parsed, olderThan: undefined, ...type }),
    since,
    until,
    by: isLast ? [] : by,
    isLast,
    olderThanMs,
    exitCode: parsed.exitCode === true,
    watch,
  };
}

async function runHistory(runtime: Runtime, options: Omit<HistoryOptions, "leftOut">): Promise<ExitCode> {
  const leftOut = new Set<string>();
  const exitCode = (await showHistory(runtime, { ...options, leftOut })) ?? EXIT.success;
  return await reportPartialResult(runtime, { everUnanswered: [], leftOut }, exitCode);
}

function groupKeys(text: string): GroupKey[] {
  const read = oneOf(GROUP_KEYS);
  const keys = text.split(",").map((word) => read(word.trim()));
  if (new Set(keys).size < keys.length) throw new InvalidArgumentError("It takes each word once.");
  return keys;
}
