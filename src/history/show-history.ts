import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Report } from "../format/reports/report.js";
import { STDIN_JOURNAL } from "../journal/read-journal.js";
import type { Output } from "../runtime/output.js";
import { stdinPieces } from "../runtime/read-stdin.js";
import type { Runtime } from "../runtime/runtime.js";
import { tell } from "../runtime/tell.js";
import { groupsReport, lastSuccessReport, runsReport, timeText } from "./history-reports.js";
import { KnownTables, lastSuccesses } from "./last-success.js";
import { type GroupKey, groupRuns } from "./run-groups.js";
import { type History, type RunQuery, readHistory } from "./runs.js";

export interface HistoryOptions {
  readonly journal: string;
  readonly query: RunQuery;
  /** What to put together; without any, each run is shown. */
  readonly by: readonly GroupKey[];
  /** Shows when the runs of the query succeeded last on each table, with those of which none is known. */
  readonly isLast: boolean;
  /** With `isLast`: only tables whose last success is at least so long ago. */
  readonly olderThanMs: number | undefined;
  /** Whether a row is exit code 1. */
  readonly exitCode: boolean;
  /** Takes what could not be read. */
  readonly leftOut: Set<string>;
  readonly output: Output;
}

/** Shows what a journal tells of runs. */
export async function showHistory(runtime: Runtime, options: HistoryOptions): Promise<ExitCode> {
  const { by, isLast, output } = options;
  const empty: Report = isLast ? lastSuccessReport([], 0) : by.length > 0 ? groupsReport([], by) : runsReport([]);
  await output.checkFields(empty.fields);
  const [report, rows] = isLast ? await lastRows(runtime, options) : await runRows(runtime, options);
  await output.print(report);
  return options.exitCode && rows > 0 ? EXIT.matches : EXIT.success;
}

type Rows = readonly [report: Report, count: number];

function read(runtime: Runtime, { journal, query, leftOut }: HistoryOptions, tables?: KnownTables): Promise<History> {
  const stdin = journal === STDIN_JOURNAL ? stdinPieces(runtime) : undefined;
  return readHistory(journal, query, { leftOut, stdin, signal: runtime.interrupt }, tables?.see);
}

async function runRows(runtime: Runtime, options: HistoryOptions): Promise<Rows> {
  const { runs } = await read(runtime, options);
  if (options.by.length > 0) {
    const groups = groupRuns(runs, options.by);
    return [groupsReport(groups, options.by) as Report, groups.length];
  }
  // What ended last is what is asked for most.
  return [runsReport(runs.sort((a, b) => b.endMs - a.endMs)) as Report, runs.length];
}

async function lastRows(runtime: Runtime, options: HistoryOptions): Promise<Rows> {
  const { keyspace, table, untilMs } = options.query;
  const tables = new KnownTables();
  const { runs, begin } = await read(runtime, options, tables);
  const nowMs = untilMs ?? runtime.clock.now();
  const isOld = (endMs: number | undefined) =>
    options.olderThanMs === undefined || endMs === undefined || nowMs - endMs >= options.olderThanMs;
  const rows = lastSuccesses(runs, tables).filter(
    (row) => isOld(row.run?.endMs) && (keyspace ?? row.keyspace) === row.keyspace && (table ?? row.table) === row.table,
  );
  if (begin !== undefined && rows.some(({ run }) => run === undefined)) {
    await tell(runtime, `the journal begins at ${timeText(Date.parse(begin))}: what succeeded before is not known`);
  }
  return [lastSuccessReport(rows, nowMs) as Report, rows.length];
}
