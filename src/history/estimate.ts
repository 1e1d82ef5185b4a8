import { parentOf, type TaskStatus } from "../client/wire.js";
import type { TaskFilter } from "../tasks/filter.js";
import { medianOf, quantileOf } from "./run-groups.js";
import { readRuns } from "./runs.js";

/** How long earlier runs of the same operation took. */
export interface EarlierRuns {
  readonly count: number;
  readonly medianMs: number;
  /** Half of them took between these. */
  readonly lowMs: number;
  readonly highMs: number;
  /** 95 % took at most so long. */
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
  terms: { readonly nowMs: number; readonly signal?: AbortSignal },
): Promise<EarlierRuns | undefined> {
  const { type = "", keyspace = "", table = "" } = task;
  if (type === "" || parentOf(task) !== undefined) return undefined;
  const filter: TaskFilter = (run) => (run.type === type && run.state === "done" ? "yes" : "no");
  const query = { keyspace, table, filter, sinceMs: terms.nowMs - LONGEST_AGO_MS };
  // What cannot be read of the past makes the estimate no worse than any.
  const runs = await readRuns(journal, query, { leftOut: new Set(), signal: terms.signal });
  return summaryOf(runs.flatMap(({ durationMs }) => durationMs ?? []));
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
  const { count, lowMs, highMs, p95Ms } = earlier;
  const source = `${count} earlier runs`;
  if (elapsedMs > p95Ms) return `longer than ${count < 20 ? "each" : "95 %"} of ${source}`;
  if (elapsedMs >= highMs) return `longer than most of ${source}`;
  const [low, high, unit] = rounded(Math.max(0, lowMs - elapsedMs), highMs - elapsedMs);
  if (low === 0) return `at most about ${high} ${unit} left (${source})`;
  return `about ${low === high ? high : `${low} to ${high}`} ${unit} left (${source})`;
}

const UNITS = [
  { unit: "d", ms: 86_400_000, from: 2 },
  { unit: "h", ms: 3_600_000, from: 3 },
  { unit: "min", ms: 60_000, from: 2 },
] as const;

/** Outwards, in the largest unit of which there are some: more digits would be more than anybody knows. */
function rounded(lowMs: number, highMs: number): readonly [low: number, high: number, unit: string] {
  for (const { unit, ms, from } of UNITS) {
    if (highMs >= from * ms) return [Math.floor(lowMs / ms), Math.ceil(highMs / ms), unit];
  }
  return [Math.floor(lowMs / 5000) * 5, Math.ceil(highMs / 5000) * 5, "s"];
}
