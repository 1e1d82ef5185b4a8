import type { TaskStatus } from "../client/wire.js";
import { cellWidth, headOf } from "../format/terminal/cell-width.js";
import { duration } from "../format/text/duration.js";
import { progressBar, progressFigures } from "../format/text/progress-text.js";
import { printable } from "../strings/printable.js";

export interface Pace {
  readonly unitsPerSecond: number | undefined;
  readonly remainingSeconds: number | undefined;
  readonly elapsedSeconds: number;
}

const BAR_CELLS = 20;

/**
 * One line about a task that runs: what, where, how far, how fast, how long yet. Where it does not fit, it loses what tells
 * least first.
 */
export function progressText(status: TaskStatus, pace: Pace, columns: number, unicode: boolean): string {
  const { progress_units: units = "" } = status;
  const { unitsPerSecond, remainingSeconds, elapsedSeconds } = pace;
  const where = [status.keyspace, status.table].filter(Boolean).join(".");
  const what = printable([status.type, where].filter(Boolean).join(" "));
  const bar = progressBar(status, BAR_CELLS, { unicode });
  const figures = progressFigures(status, printable(units));
  const rate = unitsPerSecond === undefined ? "" : `${threeDigits(unitsPerSecond)} ${printable(units) || "units"}/s`;
  const eta = remainingSeconds === undefined ? "" : `ETA ${duration(remainingSeconds)}`;
  const elapsed = `elapsed ${duration(elapsedSeconds)}`;
  let parts = [what, bar, figures, rate, eta, elapsed].filter((part) => part !== "");
  for (const least of [elapsed, rate, bar, eta, figures]) {
    if (cellWidth(parts.join("  ")) <= columns) break;
    parts = parts.filter((part) => part !== least);
  }
  return headOf(parts.join("  "), columns);
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
