import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Report } from "../format/reports/report.js";
import { journalOr } from "../journal/journal-directory.js";
import { emptyJournal, STDIN_JOURNAL } from "../journal/read-journal.js";
import { type TimePoint, timeAt } from "../journal/time-point.js";
import { printMessage } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import { stdinPieces } from "../runtime/read-stdin.js";
import type { Runtime } from "../runtime/runtime.js";
import { timeText } from "../strings/time-text.js";
import { type FilterOptions, taskFilter } from "../tasks/filter.js";
import { UsageError } from "../usage-error.js";
import { type WatchOptions, watch } from "../watch/watch.js";
import { groupsReport, lastSuccessReport, runsReport } from "./history-reports.js";
import { KnownTables, lastSuccesses } from "./last-success.js";
import { type GroupKey, groupRuns } from "./run-groups.js";
import { type History, type RunQuery, readHistory } from "./runs.js";

export interface HistoryOptions {
  /** The journal; default: the user's own. */
  readonly from: string | undefined;
  readonly query: Omit<RunQuery, "filter" | "sinceMs" | "untilMs">;
  readonly filter: FilterOptions | undefined;
  readonly since: TimePoint | undefined;
  readonly until: TimePoint | undefined;
  /** What to group by; if empty, each run is shown. */
  readonly by: readonly GroupKey[];
  /** Shows when the runs of the query last succeeded on each table, including tables without a known success. */
  readonly isLast: boolean;
  /** With `isLast`: only tables whose last success is at least this long ago. */
  readonly olderThanMs: number | undefined;
  /** Exit with 1 if there is a row. */
  readonly exitCode: boolean;
  /** Shows it repeatedly, until the run is interrupted. */
  readonly watch: WatchOptions | undefined;
  /** Receives what could not be read. */
  readonly leftOut: Set<string>;
  readonly output: Output;
}

/** What is read at one time: with `7d`, the begin of the query moves on. */
interface JournalQuery extends Pick<HistoryOptions, "by" | "isLast" | "olderThanMs" | "leftOut"> {
  readonly journal: string;
  readonly query: RunQuery;
}

/** Shows the runs in a journal. */
export async function showHistory(runtime: Runtime, options: HistoryOptions): Promise<ExitCode | undefined> {
  const { output, filter, since, until } = options;
  const journal = journalOr(options.from, runtime, "give one with --from");
  const startMs = runtime.clock.now();
  const readAt = (nowMs: number): Promise<Found> => {
    const query = {
      ...options.query,
      filter: filter && taskFilter(filter, nowMs),
      sinceMs: since && timeAt(since, nowMs),
      untilMs: until && timeAt(until, nowMs),
    };
    return (options.isLast ? lastRows : runRows)(runtime, { ...options, journal, query });
  };
  if (options.watch !== undefined) {
    if (journal === STDIN_JOURNAL) throw new UsageError("--watch cannot read the journal from stdin");
    // In a pipe, a run that is by now too long ago is no change.
    return await watchHistory(runtime, options, options.watch, () =>
      readAt(output.isRedrawn ? runtime.clock.now() : startMs),
    );
  }
  await output.checkFields(emptyReport(options).fields);
  const { report, count, remark } = await readAt(startMs);
  if (remark !== undefined) await printMessage(runtime, remark);
  await output.print(report);
  return options.exitCode && count > 0 ? EXIT.matches : undefined;
}

/** Reading a long journal takes work: the pause is this many times as long as the reading. */
const REST = 5;

/** @throws UsageError if changes of groups are requested */
async function watchHistory(
  runtime: Runtime,
  options: HistoryOptions,
  watching: WatchOptions,
  readAgain: () => Promise<Found>,
): Promise<ExitCode | undefined> {
  const { by, isLast, output, leftOut } = options;
  if (!output.isRedrawn && (isLast || by.length > 0)) {
    throw new UsageError(
      `--watch with ${isLast ? "--last" : "--by"} needs a terminal: in a pipe, --watch prints a line for each run`,
    );
  }
  await output.checkFields(emptyReport(options).fields);
  let remark: string | undefined;
  const source = {
    startRound: async () => leftOut.clear(),
    forgetMissing() {},
    get leftOut() {
      return new Set([...leftOut, ...(remark === undefined ? [] : [remark])]);
    },
    known: [],
    unanswered: [],
  };
  const look = async () => {
    const found = await readAgain();
    remark = found.remark;
    return found.report;
  };
  return await watch(runtime, source, output, watching, { look, rest: REST });
}

function emptyReport({ by, isLast }: Pick<HistoryOptions, "by" | "isLast">): Report {
  return isLast ? lastSuccessReport([], 0) : by.length > 0 ? groupsReport([], by) : runsReport([]);
}

/** The result of one reading. */
interface Found {
  readonly report: Report;
  /** The number of rows. */
  readonly count: number;
  /** What the rows cannot show. */
  readonly remark?: string;
}

/** @throws JournalError; UsageError if the journal is empty at the end: a broken pipe is not a history without runs */
async function read(
  runtime: Runtime,
  { journal, query, leftOut }: JournalQuery,
  tables?: KnownTables,
): Promise<History> {
  const stdin = journal === STDIN_JOURNAL ? stdinPieces(runtime) : undefined;
  const history = await readHistory(journal, query, { leftOut, stdin, signal: runtime.interrupt }, tables?.see);
  if (history.begin !== undefined) return history;
  if (query.untilMs === undefined) throw emptyJournal(journal);
  throw new UsageError(`option '--until <time>': the journal '${journal}' starts later, or is empty`);
}

async function runRows(runtime: Runtime, options: JournalQuery): Promise<Found> {
  const { runs } = await read(runtime, options);
  if (options.by.length > 0) {
    const groups = groupRuns(runs, options.by);
    return { report: groupsReport(groups, options.by) as Report, count: groups.length };
  }
  // The latest runs come first: they are asked for most.
  const latest = [...runs].sort((a, b) => b.endMs - a.endMs);
  return { report: runsReport(latest) as Report, count: latest.length };
}

async function lastRows(runtime: Runtime, options: JournalQuery): Promise<Found> {
  const { keyspace, table, untilMs } = options.query;
  const tables = new KnownTables();
  const { runs, begin } = await read(runtime, options, tables);
  const nowMs = untilMs ?? runtime.clock.now();
  const isOld = (endMs: number | undefined) =>
    options.olderThanMs === undefined || endMs === undefined || nowMs - endMs >= options.olderThanMs;
  const rows = lastSuccesses(runs, tables).filter(
    (row) => isOld(row.run?.endMs) && (keyspace ?? row.keyspace) === row.keyspace && (table ?? row.table) === row.table,
  );
  const found = { report: lastSuccessReport(rows, nowMs) as Report, count: rows.length };
  if (begin === undefined || rows.every(({ run }) => run !== undefined)) return found;
  const remark = `the journal starts at ${timeText(Date.parse(begin))}: earlier successes are unknown`;
  return { ...found, remark };
}
