import type { TaskStatus } from "../client/wire.js";
import { duration } from "../format/duration.js";
import { printable } from "../format/printable.js";
import { progressBar, progressFigures } from "../format/progress-bar.js";

export interface Pace {
  readonly unitsPerSecond: number | undefined;
  readonly remainingSeconds: number | undefined;
  readonly elapsedSeconds: number;
}

const BAR_CELLS = 20;

/** One line about a task that runs: what, where, how far, how fast, how long yet. Parts fall away from the end to fit. */
export function progressText(status: TaskStatus, pace: Pace, columns: number, unicode: boolean): string {
  const { progress_completed: completed = 0, progress_total: total = 0, progress_units: units = "" } = status;
  const where = [status.keyspace, status.table].filter(Boolean).join(".");
  const parts = [
    printable([status.type, where].filter(Boolean).join(" ")),
    ...(total > 0 ? [progressBar(completed, total, BAR_CELLS, { unicode })] : []),
    progressFigures(completed, total, printable(units)),
  ];
  if (pace.unitsPerSecond !== undefined) parts.push(`${rounded(pace.unitsPerSecond)} ${printable(units) || "units"}/s`);
  if (pace.remainingSeconds !== undefined) parts.push(`ETA ${duration(pace.remainingSeconds)}`);
  parts.push(`elapsed ${duration(pace.elapsedSeconds)}`);
  while (parts.length > 1 && parts.join("  ").length > columns) parts.pop();
  return parts.join("  ").slice(0, columns);
}

function rounded(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
