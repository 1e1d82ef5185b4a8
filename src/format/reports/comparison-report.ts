import { timeText } from "../../strings/time-text.js";
import type { ComparedLane, ComparedRun, Comparison, LaneOfRun, Work } from "../../tasks/timeline/comparison.js";
import { comparedLaneText, comparisonSentences } from "../text/comparison-text.js";
import { tookText } from "../text/duration.js";
import { quantityText, rateQuantityText } from "../text/task-words.js";
import { isOfManyNodes } from "../text/timeline-text.js";
import { columnsReport, type TextColumn } from "./columns-report.js";
import { loadViews } from "./load-views.js";
import type { Report } from "./report.js";

export const COMPARISON_FIELDS = [
  "lane",
  "node",
  "shard",
  "keyspace",
  "table",
  "type",
  "first_seconds",
  "second_seconds",
  "difference_seconds",
  "within_ms",
  "first_critical_seconds",
  "second_critical_seconds",
  "first_amount",
  "first_units",
  "first_rate_per_second",
  "second_amount",
  "second_units",
  "second_rate_per_second",
  "first_tasks",
  "first_failed",
  "first_unknown",
  "second_tasks",
  "second_failed",
  "second_unknown",
] as const;

type FieldOfRun<Run extends string> = Extract<(typeof COMPARISON_FIELDS)[number], `${Run}_${string}`>;

/** What to leave out if the terminal has no room. */
const STEPS = [{ column: "rate" }, { column: "amount" }, { column: "lane", shortenTo: 10 }];

/** The report of `tasks compare`: two runs side by side; documents also have the sentences about each. */
export function comparisonReport(comparison: Comparison): Report<ComparedLane> {
  const { lanes, kind, first, second, difference } = comparison;
  const isManyNodes = isOfManyNodes(lanes);
  const nameOf = (lane: ComparedLane) => comparedLaneText(lane, isManyNodes);
  const report = columnsReport(
    lanes,
    COMPARISON_FIELDS,
    (lane) => ({ lane: nameOf(lane), ...recordOf(lane) }),
    columnsOf(nameOf),
    STEPS,
  );
  return {
    ...report,
    key: "lanes",
    about: () => ({
      summary: comparisonSentences(comparison).join(" "),
      by: kind,
      first: runRecord(first),
      second: runRecord(second),
      difference_seconds: seconds(difference?.ms),
      within_ms: difference?.withinMs ?? null,
    }),
    async *view(batches, options) {
      const { sentenceLines } = await loadViews();
      yield* sentenceLines(comparisonSentences(comparison), options);
      if (lanes.length === 0) return;
      yield "\n";
      yield* report.view?.(batches, options) ?? [];
    },
  };
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000);

function runRecord({ timeline: { root, spans, failedCount }, took, amount, units, rate }: ComparedRun) {
  const { task, time } = root ?? {};
  return {
    id: task?.id ?? null,
    type: task?.type ?? null,
    state: task?.state ?? null,
    keyspace: task?.keyspace ?? null,
    table: task?.table ?? null,
    start_time: time?.isStartKnown ? timeText(time.from) : null,
    end_time: time?.end === "known" ? timeText(time.to) : null,
    duration_seconds: seconds(took?.ms),
    within_ms: took?.withinMs ?? null,
    amount: amount ?? null,
    units: amount === undefined ? null : units,
    rate_per_second: rate ?? null,
    task_count: spans.length,
    failed_count: failedCount,
  };
}

function recordOf({ key, first, second, difference }: ComparedLane) {
  return {
    node: key.node ?? null,
    shard: key.shard ?? null,
    keyspace: key.keyspace ?? null,
    table: key.table ?? null,
    type: key.type ?? null,
    ...laneRecord("first", first),
    ...laneRecord("second", second),
    difference_seconds: seconds(difference?.ms),
    within_ms: difference?.withinMs ?? null,
  };
}

function laneRecord<Run extends "first" | "second">(
  run: Run,
  lane: LaneOfRun | undefined,
): Record<FieldOfRun<Run>, unknown> {
  return {
    [`${run}_seconds`]: seconds(lane?.took?.ms),
    [`${run}_critical_seconds`]: seconds(lane?.lane.criticalMs),
    [`${run}_amount`]: lane?.amount ?? null,
    [`${run}_units`]: lane?.amount === undefined ? null : lane.units,
    [`${run}_rate_per_second`]: lane?.rate ?? null,
    [`${run}_tasks`]: lane?.lane.spans.length ?? 0,
    [`${run}_failed`]: lane?.lane.failed.length ?? 0,
    [`${run}_unknown`]: lane?.unknownCount ?? 0,
  } as Record<FieldOfRun<Run>, unknown>;
}

function columnsOf(nameOf: (lane: ComparedLane) => string): TextColumn<ComparedLane>[] {
  const column = (title: string, text: (lane: ComparedLane) => string) => ({ title, text, alignRight: true });
  return [
    { title: "lane", text: nameOf },
    column("first", ({ first }) => laneTookText(first)),
    column("second", ({ second }) => laneTookText(second)),
    column("difference", differenceText),
    { title: "amount", text: (lane) => bothText(lane, amountText) },
    { title: "rate", text: (lane) => bothText(lane, rateText) },
  ];
}

/** If the times of some tasks are not known, the rest is a lower bound. */
function laneTookText(lane: LaneOfRun | undefined): string {
  if (lane === undefined) return "none";
  if (lane.took === undefined) return "unknown";
  return `${lane.unknownCount === 0 ? "" : ">= "}${tookText(lane.took)}`;
}

function differenceText({ difference }: ComparedLane): string {
  if (difference === undefined) return "";
  return `${difference.ms > 0 ? "+" : difference.ms < 0 ? "-" : ""}${tookText(difference)}`;
}

/** A value that both runs share is shown once. */
function bothText({ first, second }: ComparedLane, textOf: (work: Work | undefined) => string): string {
  const [one, other] = [textOf(first), textOf(second)];
  return one === other ? one : `${one || "none"}, ${other || "none"}`;
}

const amountText = (work: Work | undefined): string =>
  work?.amount === undefined ? "" : quantityText(work.amount, work.units);

const rateText = (work: Work | undefined): string =>
  work?.rate === undefined ? "" : rateQuantityText(work.rate, work.units);
