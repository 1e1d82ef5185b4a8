import { parentOf, type TaskStatus } from "../client/wire.js";
import { medianOf, quantileOf } from "./run-groups.js";
import { type RunQuery, readHistory } from "./runs.js";

/** How long earlier runs of the same operation took. */
export interface EarlierRuns {
  readonly count: number;
  readonly medianMs: number;
  /** The middle half of the runs took between `lowMs` and `highMs`. */
  readonly lowMs: number;
  readonly highMs: number;
  /** 95% of the runs took at most this long. */
  readonly p95Ms: number;
}

/** With fewer runs, the spread says nothing. */
const FEWEST_RUNS = 3;
/** Older runs are ignored: the cluster has changed since. */
const LONGEST_AGO_MS = 90 * 86_400_000;

/** The earlier runs of the same type, keyspace and table that succeeded; `undefined` if there are too few. */
export type EarlierRunsOf = (task: TaskStatus) => EarlierRuns | undefined;

/** @throws UsageError, JournalError if the journal cannot be read */
export async function readEarlierRuns(
  journal: string,
  { nowMs, signal }: { readonly nowMs: number; readonly signal?: AbortSignal },
): Promise<EarlierRunsOf> {
  const durations = new Map<string, number[]>();
  const query: RunQuery = {
    filter: ({ state }) => (state === "done" ? "yes" : "no"),
    sinceMs: nowMs - LONGEST_AGO_MS,
  };
  // What cannot be read is left out: it makes the estimate no worse.
  const { runs } = await readHistory(journal, query, { leftOut: new Set<string>(), signal });
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

/** Tasks of the same kind can be compared; `undefined` for a part of another task. */
function kindOf(task: TaskStatus): string | undefined {
  const { type = "", keyspace = "", table = "" } = task;
  return type === "" || parentOf(task) !== undefined ? undefined : JSON.stringify([type, keyspace, table]);
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

/**
 * An estimate of the time left: `about 12 to 20 min left (8 earlier runs)`.
 * @param name the task, if it is one of several: `longer than most of 8 earlier runs of repair shop.orders`
 */
export function timeLeftText(earlier: EarlierRuns, elapsedMs: number, name = ""): string {
  const source = `${earlier.count} earlier runs`;
  const of = name === "" ? "" : ` of ${name}`;
  const left = timeLeft(earlier, elapsedMs);
  if (left === "late") return `longer than ${lateShare(earlier)} of ${source}${of}`;
  if (left === "slow") return `longer than most of ${source}${of}`;
  const { low, high, unit } = left;
  if (low === 0) return `at most about ${high} ${unit} left (${source})`;
  return `about ${low === high ? high : `${low} to ${high}`} ${unit} left (${source})`;
}

/** As {@link timeLeftText}, for a column whose header says what it is: `12 to 20 min (8 runs)`. */
export function timeLeftColumn(earlier: EarlierRuns, elapsedMs: number): string {
  const source = `${earlier.count} runs`;
  const left = timeLeft(earlier, elapsedMs);
  if (left === "late") return `over ${lateShare(earlier)} of ${source}`;
  if (left === "slow") return `over most of ${source}`;
  const { low, high, unit } = left;
  return `${low === 0 ? "at most " : low === high ? "" : `${low} to `}${high} ${unit} (${source})`;
}

/** As {@link timeLeftText}, in a few characters: `~12-20min`, or `~late`. */
export function timeLeftMark(earlier: EarlierRuns, elapsedMs: number): string {
  const left = timeLeft(earlier, elapsedMs);
  if (typeof left === "string") return "~late";
  const { low, high, unit } = left;
  return `~${low === high ? high : `${low}-${high}`}${unit}`;
}

const lateShare = ({ count }: EarlierRuns) => (count < 20 ? "each" : "95%");

/** `slow` if the task takes longer than most runs, `late` if longer than almost all. */
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

/** Rounds the low end down and the high end up to the largest unit that is not zero: an estimate is not more precise. */
function rounded(lowMs: number, highMs: number): Range {
  for (const { unit, ms, from } of UNITS) {
    if (highMs >= from * ms) return { low: Math.floor(lowMs / ms), high: Math.ceil(highMs / ms), unit };
  }
  return { low: Math.floor(lowMs / 5000) * 5, high: Math.ceil(highMs / 5000) * 5, unit: "s" };
}
