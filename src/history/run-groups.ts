import type { Run } from "./runs.js";

/** What runs can be put together by. */
export const GROUP_KEYS = ["table", "keyspace", "node", "type", "module"] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

/** Runs that have something in common. */
export interface RunGroup {
  /** The fields that they share, and their values; `null` where they have none. */
  readonly shared: ReadonlyMap<string, string | null>;
  readonly count: number;
  readonly failedCount: number;
  /** Nobody saw how they ended. */
  readonly goneCount: number;
  readonly lastSuccess: Run | undefined;
  /** Of those that were done; absent where none was, or nobody knows how long it took. */
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly slowest: Run | undefined;
  /** These durations are known within this, more or less. */
  readonly withinMs: number;
}

const FIELDS: Readonly<Record<GroupKey, readonly string[]>> = {
  table: ["keyspace", "table"],
  keyspace: ["keyspace"],
  node: ["node"],
  type: ["type"],
  module: ["module"],
};

/** The fields by which these keys group, each once. */
export const groupFields = (keys: readonly GroupKey[]): string[] => [...new Set(keys.flatMap((key) => FIELDS[key]))];

/** Groups in the order of what they share. */
export function groupRuns(runs: Iterable<Run>, keys: readonly GroupKey[]): RunGroup[] {
  const fields = groupFields(keys);
  const groups = new Map<string, { readonly shared: ReadonlyMap<string, string | null>; readonly runs: Run[] }>();
  for (const run of runs) {
    const values = fields.map((field) => sharedValue(run, field));
    const name = JSON.stringify(values);
    const group = groups.get(name);
    if (group !== undefined) group.runs.push(run);
    else
      groups.set(name, { shared: new Map(fields.map((field, index) => [field, values[index] ?? null])), runs: [run] });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => summed(group.shared, group.runs));
}

function sharedValue({ node, module, status }: Run, field: string): string | null {
  if (field === "node") return node;
  if (field === "module") return module ?? null;
  return (status[field] as string | undefined) || null;
}

function summed(shared: RunGroup["shared"], runs: readonly Run[]): RunGroup {
  let [failedCount, goneCount, withinMs] = [0, 0, 0];
  let lastSuccess: Run | undefined;
  let slowest: Run | undefined;
  const durations: number[] = [];
  for (const run of runs) {
    const { state } = run.status;
    if (state === "failed") failedCount++;
    if (state === "gone") goneCount++;
    if (state !== "done") continue;
    if (lastSuccess === undefined || run.endMs >= lastSuccess.endMs) lastSuccess = run;
    if (run.durationMs === undefined) continue;
    durations.push(run.durationMs);
    withinMs = Math.max(withinMs, run.withinMs);
    if (run.durationMs > (slowest?.durationMs ?? -1)) slowest = run;
  }
  durations.sort((a, b) => a - b);
  return {
    shared,
    count: runs.length,
    failedCount,
    goneCount,
    lastSuccess,
    medianMs: medianOf(durations),
    p95Ms: quantileOf(durations, 0.95),
    slowest,
    withinMs,
  };
}

/** @param sorted ascending */
export function medianOf(sorted: readonly number[]): number | undefined {
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/**
 * The value that a share of all does not exceed: one of those that were measured, none in between.
 * @param sorted ascending
 */
export function quantileOf(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
