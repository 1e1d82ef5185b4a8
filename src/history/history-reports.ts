import { columnsReport, type TextColumn } from "../format/reports/columns-report.js";
import type { Report } from "../format/reports/report.js";
import { duration, tookText, withinText } from "../format/text/duration.js";
import { quantityText, rateQuantityText } from "../format/text/task-words.js";
import { timeText } from "../strings/time-text.js";
import { amountOf, ratePerSecond } from "../tasks/progress.js";
import type { LastSuccess } from "./last-success.js";
import { type GroupKey, groupFields, type RunGroup } from "./run-groups.js";
import type { Run } from "./runs.js";

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000);

const endWithinText = (ms: number | undefined): string => (ms === undefined ? " or earlier" : withinText(ms));

const durationWithin = (ms: number | undefined, withinMs: number): string =>
  ms === undefined ? "" : tookText({ ms, withinMs });

const rateOf = ({ status, durationMs }: Run): number | undefined => ratePerSecond(amountOf(status), durationMs);

/** `1.2 MiB/s ±17%`. */
function rateText(run: Run): string {
  const rate = rateOf(run);
  if (rate === undefined) return "";
  const { withinMs, durationMs = 0, status } = run;
  const share = withinMs === 0 ? "" : ` ±${Math.ceil((withinMs * 100) / durationMs)}%`;
  return `${rateQuantityText(rate, status.progress_units ?? "")}${share}`;
}

const amountText = ({ status }: Run): string => {
  const amount = amountOf(status);
  return amount === undefined ? "" : quantityText(amount, status.progress_units ?? "");
};

export const RUN_FIELDS = [
  "task_id",
  "node",
  "module",
  "type",
  "kind",
  "scope",
  "state",
  "keyspace",
  "table",
  "entity",
  "shard",
  "parent_id",
  "start_time",
  "end_time",
  "end_within_ms",
  "duration_seconds",
  "within_ms",
  "amount",
  "units",
  "rate_per_second",
  "error",
] as const;

function runRecord(run: Run): Record<(typeof RUN_FIELDS)[number], unknown> {
  const { id, node, module, status, startMs, endMs, endWithinMs, durationMs, withinMs } = run;
  return {
    task_id: id,
    node,
    module: module ?? null,
    type: status.type,
    kind: status.kind,
    scope: status.scope,
    state: status.state,
    keyspace: status.keyspace,
    table: status.table,
    entity: status.entity,
    shard: status.shard,
    parent_id: status.parent_id || null,
    start_time: startMs === undefined ? null : timeText(startMs),
    end_time: timeText(endMs),
    end_within_ms: endWithinMs ?? null,
    duration_seconds: seconds(durationMs),
    within_ms: durationMs === undefined ? null : withinMs,
    amount: amountOf(status) ?? null,
    units: status.progress_units,
    rate_per_second: rateOf(run) ?? null,
    error: status.error,
  };
}

const RUN_COLUMNS: readonly TextColumn<Run>[] = [
  { title: "start_time", text: ({ startMs }) => (startMs === undefined ? "" : timeText(startMs)) },
  { title: "duration", text: ({ durationMs, withinMs }) => durationWithin(durationMs, withinMs) },
  { title: "state", text: ({ status }) => status.state ?? "", state: ({ status }) => status.state ?? "" },
  { title: "node", text: ({ node }) => node ?? "" },
  { title: "keyspace", text: ({ status }) => status.keyspace ?? "" },
  { title: "table", text: ({ status }) => status.table ?? "" },
  { title: "type", text: ({ status }) => status.type ?? "" },
  { title: "amount", text: amountText },
  { title: "rate", text: rateText },
  { title: "task_id", text: ({ id }) => id },
];

const RUN_STEPS = [
  { column: "task_id", shortenTo: 8 },
  { column: "type", shortenTo: 18 },
  { column: "rate" },
  { column: "amount" },
  { column: "type", shortenTo: 8 },
  { column: "table", shortenTo: 8 },
  { column: "keyspace", shortenTo: 8 },
  { column: "node" },
  { column: "task_id" },
  { column: "keyspace" },
];

const NO_RUNS = "no finished operations";

/** Finished operations, in the order given. */
export const runsReport = (runs: readonly Run[]): Report<Run> =>
  columnsReport(runs, RUN_FIELDS, runRecord, RUN_COLUMNS, RUN_STEPS, NO_RUNS);

/** Runs grouped by shared fields. */
export function groupsReport(groups: readonly RunGroup[], keys: readonly GroupKey[]): Report<RunGroup> {
  const fields = groupFields(keys);
  const columns: TextColumn<RunGroup>[] = [
    ...fields.map((field) => ({ title: field, text: ({ shared }: RunGroup) => shared.get(field) ?? "" })),
    { title: "count", text: ({ count }) => String(count), alignRight: true },
    { title: "failed", text: ({ failedCount }) => String(failedCount), alignRight: true },
    { title: "gone", text: ({ goneCount }) => String(goneCount), alignRight: true },
    { title: "last_success", text: ({ lastSuccess }) => (lastSuccess === undefined ? "none" : endText(lastSuccess)) },
    { title: "median", text: ({ medianMs, withinMs }) => durationWithin(medianMs, withinMs) },
    { title: "p95", text: ({ p95Ms, withinMs }) => durationWithin(p95Ms, withinMs) },
    { title: "slowest", text: ({ slowest }) => (slowest ? durationWithin(slowest.durationMs, slowest.withinMs) : "") },
  ];
  return columnsReport(
    groups,
    [
      ...fields,
      "count",
      "failed",
      "gone",
      "last_success",
      "last_success_within_ms",
      "median_seconds",
      "p95_seconds",
      "slowest_seconds",
      "slowest_task_id",
      "within_ms",
    ],
    ({ shared, count, failedCount, goneCount, lastSuccess, medianMs, p95Ms, slowest, withinMs }) => ({
      ...Object.fromEntries(shared),
      count,
      failed: failedCount,
      gone: goneCount,
      last_success: lastSuccess === undefined ? null : timeText(lastSuccess.endMs),
      last_success_within_ms: lastSuccess?.endWithinMs ?? null,
      median_seconds: seconds(medianMs),
      p95_seconds: seconds(p95Ms),
      slowest_seconds: seconds(slowest?.durationMs),
      slowest_task_id: slowest?.id ?? null,
      within_ms: medianMs === undefined ? null : withinMs,
    }),
    columns,
    [{ column: "p95" }, { column: "gone" }, { column: "slowest" }, { column: "failed" }],
    NO_RUNS,
  );
}

const endText = ({ endMs, endWithinMs }: Run): string => `${timeText(endMs)}${endWithinText(endWithinMs)}`;

/** When each table's last success was. */
export function lastSuccessReport(successes: readonly LastSuccess[], nowMs: number): Report<LastSuccess> {
  const since = (run: Run) => Math.max(0, nowMs - run.endMs);
  return columnsReport(
    successes,
    ["keyspace", "table", "last_success", "since_seconds", "within_ms", "names_table", "type", "node", "task_id"],
    ({ keyspace, table, run, namesTable }) => ({
      keyspace,
      table: table || null,
      last_success: run === undefined ? null : timeText(run.endMs),
      since_seconds: run === undefined ? null : seconds(since(run)),
      within_ms: run?.endWithinMs ?? null,
      names_table: run === undefined ? null : namesTable,
      type: run?.status.type ?? null,
      node: run?.node ?? null,
      task_id: run?.id ?? null,
    }),
    [
      { title: "keyspace", text: ({ keyspace }) => keyspace },
      { title: "table", text: ({ table }) => table || "(none named)" },
      { title: "last_success", text: ({ run }) => (run === undefined ? "never seen" : timeText(run.endMs)) },
      {
        title: "since",
        text: ({ run }) => (run === undefined ? "" : `${duration(since(run) / 1000)}${endWithinText(run.endWithinMs)}`),
      },
      {
        title: "of",
        text: ({ run, namesTable }) => (run === undefined ? "" : namesTable ? "the table" : "the keyspace"),
      },
      { title: "type", text: ({ run }) => run?.status.type ?? "" },
      { title: "node", text: ({ run }) => run?.node ?? "" },
      { title: "task_id", text: ({ run }) => run?.id ?? "" },
    ],
    [{ column: "task_id", shortenTo: 8 }, { column: "node" }, { column: "type" }, { column: "task_id" }],
    "no tables",
  );
}
