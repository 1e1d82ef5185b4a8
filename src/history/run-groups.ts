import type { Run } from "./runs.js";

/** What runs can be grouped by. */
export const GROUP_KEYS = ["table", "keyspace", "node", "type", "module"] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

/** Runs with shared fields. */
export interface RunGroup {
  /** The shared fields and their values; `null` for runs without the field. */
  readonly shared: ReadonlyMap<string, string | null>;
  readonly count: number;
  readonly failedCount: number;
  /** The number of runs with an unknown outcome. */
  readonly goneCount: number;
  readonly lastSuccess: Run | undefined;
  /** Of the successful runs; `undefined` if there are none, or their durations are unknown. */
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly slowest: Run | undefined;
  /** The durations are known to within this, plus or minus. */
  readonly withinMs: number;
}

const FIELDS: Readonly<Record<GroupKey, readonly string[]>> = {
  table: ["keyspace", "table"],
  keyspace: ["keyspace"],
  node: ["node"],
  type: ["type"],
  module: ["module"],
};

/** The fields for these keys, without duplicates. */
export const groupFields = (keys: readonly GroupKey[]): string[] => [...new Set(keys.flatMap((key) => FIELDS[key]))];

/** Groups runs, sorted by their shared fields. It keeps at most two runs of each group. */
export function groupRuns(runs: Iterable<Run>, keys: readonly GroupKey[]): RunGroup[] {
  const fields = groupFields(keys);
  const groups = new Map<string, Group>();
  for (const run of runs) {
    const values = fields.map((field) => sharedValue(run, field));
    const name = JSON.stringify(values);
    let group = groups.get(name);
    if (group === undefined) {
      group = new Group(new Map(fields.map((field, index) => [field, values[index] ?? null])));
      groups.set(name, group);
    }
    group.add(run);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group.summed());
}

function sharedValue({ node, module, status }: Run, field: string): string | null {
  if (field === "node") return node;
  if (field === "module") return module ?? null;
  return (status[field] as string | undefined) || null;
}

class Group {
  readonly #shared: RunGroup["shared"];
  readonly #durations: number[] = [];
  #count = 0;
  #failed = 0;
  #gone = 0;
  #withinMs = 0;
  #lastSuccess: Run | undefined;
  #slowest: Run | undefined;

  constructor(shared: RunGroup["shared"]) {
    this.#shared = shared;
  }

  add(run: Run): void {
    const { state } = run.status;
    this.#count++;
    if (state === "failed") this.#failed++;
    if (state === "gone") this.#gone++;
    if (state !== "done") return;
    if (this.#lastSuccess === undefined || run.endMs >= this.#lastSuccess.endMs) this.#lastSuccess = run;
    if (run.durationMs === undefined) return;
    this.#durations.push(run.durationMs);
    this.#withinMs = Math.max(this.#withinMs, run.withinMs);
    if (run.durationMs > (this.#slowest?.durationMs ?? -1)) this.#slowest = run;
  }

  summed(): RunGroup {
    const durations = this.#durations.sort((a, b) => a - b);
    return {
      shared: this.#shared,
      count: this.#count,
      failedCount: this.#failed,
      goneCount: this.#gone,
      lastSuccess: this.#lastSuccess,
      medianMs: medianOf(durations),
      p95Ms: quantileOf(durations, 0.95),
      slowest: this.#slowest,
      withinMs: this.#withinMs,
    };
  }
}

/** @param sorted ascending */
export function medianOf(sorted: readonly number[]): number | undefined {
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/**
 * The value that this share of all values does not exceed. It is one of the values, not interpolated.
 * @param sorted ascending
 */
export function quantileOf(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
