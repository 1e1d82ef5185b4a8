import { parentOf, type TaskStatus } from "../client/wire.js";
import type { TaskFilter } from "../tasks/filter.js";
import { medianOf, quantileOf } from "./run-groups.js";
import { type Run, type RunQuery, readHistory } from "./runs.js";

/** How long earlier runs of the same operation took. */
export interface EarlierRuns {
  readonly count: number;
  readonly medianMs: number;
  /** Half of them took between these. */
  readonly lowMs: number;
  readonly highMs: number;
  /** 95% took at most so long. */
  readonly p95Ms: number;
}

/** Of fewer there is no spread to speak of. */
const FEWEST_RUNS = 3;
/** What is longer ago was another cluster. */
const LONGEST_AGO_MS = 90 * 86_400_000;

/**
 * The earlier runs of a task's type, keyspace and table that were done, as a journal tells of them; `undefined` where they are too few.
 * @throws UsageError, JournalError where the journal cannot be read
 */
export async function earlierRuns(
  journal: string,
  task: TaskStatus,
  terms: ReadingTerms,
): Promise<EarlierRuns | undefined> {
  const { type = "", keyspace = "", table = "" } = task;
  if (kindOf(task) === undefined) return undefined;
  const filter: TaskFilter = (run) => (run.type === type && run.state === "done" ? "yes" : "no");
  const runs = await recentRuns(journal, { keyspace, table, filter }, terms);
  return summaryOf([...runs].flatMap(({ durationMs }) => durationMs ?? []));
}

/**
 * As {@link earlierRuns}, for tasks of every kind, from reading the journal once.
 * @throws UsageError, JournalError where the journal cannot be read
 */
export async function everyEarlierRun(
  journal: string,
  terms: ReadingTerms,
): Promise<(task: TaskStatus) => EarlierRuns | undefined> {
  const durations = new Map<string, number[]>();
  const runs = await recentRuns(journal, { filter: ({ state }) => (state === "done" ? "yes" : "no") }, terms);
  for (const { status, durationMs } of runs) {
    const kind = kindOf(status);
    if (kind === undefined || durationMs === undefined) continue;
    const known = durations.get(kind);
    if (known === undefined) durations.set(kind, [durationMs]);
    else known.push(durationMs);
  }
  const summaries = new Map([...durations].map(([kind, some]) => [kind, summaryOf(some)]));
  return (task) => summaries.get(kindOf(task) ?? "");
}

interface ReadingTerms {
  readonly nowMs: number;
  readonly signal?: AbortSignal;
}

/** Tasks of one kind can be compared; nothing of a part of another task. */
function kindOf(task: TaskStatus): string | undefined {
  const { type = "", keyspace = "", table = "" } = task;
  return type === "" || parentOf(task) !== undefined ? undefined : JSON.stringify([type, keyspace, table]);
}

/** What cannot be read of the past makes an estimate no worse than any. */
async function recentRuns(journal: string, query: RunQuery, { nowMs, signal }: ReadingTerms): Promise<Iterable<Run>> {
  const reading = { leftOut: new Set<string>(), signal };
  return (await readHistory(journal, { ...query, sinceMs: nowMs - LONGEST_AGO_MS }, reading)).runs;
}

export function summaryOf(durations: readonly number[]): EarlierRuns | undefined {
  const sorted = durations.toSorted((a, b) => a - b);
  if (sorted.length < FEWEST_RUNS) return undefined;
  return {
    count: sorted.length,
    medianMs: medianOf(sorted) as number,
    lowMs: quantileOf(sorted, 0.25) as number,
    highMs: quantileOf(sorted, 0.75) as number,
    p95Ms: quantileOf(sorted, 0.95) as number,
  };
}

/** What earlier runs say of the time to go: `about 12 to 20 min left (8 earlier runs)`. */
export function timeLeftText(earlier: EarlierRuns, elapsedMs: number): string {
  const source = `${earlier.count} earlier runs`;
  const left = timeLeft(earlier, elapsedMs);
  if (left === "late") return `longer than ${lateShare(earlier)} of ${source}`;
  if (left === "slow") return `longer than most of ${source}`;
  const { low, high, unit } = left;
  if (low === 0) return `at most about ${high} ${unit} left (${source})`;
  return `about ${low === high ? high : `${low} to ${high}`} ${unit} left (${source})`;
}

/** As {@link timeLeftText}, for a column that says what it is about: `12 to 20 min (8 runs)`. */
export function timeLeftColumn(earlier: EarlierRuns, elapsedMs: number): string {
  const source = `${earlier.count} runs`;
  const left = timeLeft(earlier, elapsedMs);
  if (left === "late") return `over ${lateShare(earlier)} of ${source}`;
  if (left === "slow") return `over most of ${source}`;
  const { low, high, unit } = left;
  return `${low === 0 ? "at most " : low === high ? "" : `${low} to `}${high} ${unit} (${source})`;
}

/** As {@link timeLeftText}, where there is room for a few characters: `~12-20min`, or `~late`. */
export function timeLeftMark(earlier: EarlierRuns, elapsedMs: number): string {
  const left = timeLeft(earlier, elapsedMs);
  if (typeof left === "string") return "~late";
  const { low, high, unit } = left;
  return `~${low === high ? high : `${low}-${high}`}${unit}`;
}

const lateShare = ({ count }: EarlierRuns) => (count < 20 ? "each" : "95%");

/** `slow` where it takes longer than most runs, `late` where longer than all but a few. */
function timeLeft({ lowMs, highMs, p95Ms }: EarlierRuns, elapsedMs: number): Range | "slow" | "late" {
  if (elapsedMs > p95Ms) return "late";
  if (elapsedMs >= highMs) return "slow";
  return rounded(Math.max(0, lowMs - elapsedMs), highMs - elapsedMs);
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly unit: string;
}

const UNITS = [
  { unit: "d", ms: 86_400_000, from: 2 },
  { unit: "h", ms: 3_600_000, from: 3 },
  { unit: "min", ms: 60_000, from: 2 },
] as const;

/** Outwards, in the largest unit of which there are some: more digits would be more than anybody knows. */
function rounded(lowMs: number, highMs: number): Range {
  for (const { unit, ms, from } of UNITS) {
    if (highMs >= from * ms) return { low: Math.floor(lowMs / ms), high: Math.ceil(highMs / ms), unit };
  }
  return { low: Math.floor(lowMs / 5000) * 5, high: Math.ceil(highMs / 5000) * 5, unit: "s" };
}
