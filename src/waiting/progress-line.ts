import type { TaskStatus } from "../client/wire.js";
import { cellWidth, headOf } from "../format/terminal/cell-width.js";
import { duration } from "../format/text/duration.js";
import { percentText, progressBar, rateText } from "../format/text/progress-text.js";
import { amountText, taskName } from "../format/text/task-words.js";
import { printable } from "../strings/printable.js";
import type { Progress } from "../tasks/progress.js";

/** Progress, in its units. */
export type Extent = Progress &
  Pick<TaskStatus, "progress_units"> & {
    /** The total is an estimate. */
    readonly isEstimate?: boolean;
  };

export interface Pace {
  readonly unitsPerSecond: number | undefined;
  readonly remainingSeconds: number | undefined;
  readonly elapsedSeconds: number;
  /** The time left, estimated from earlier runs. */
  readonly timeLeft?: string | undefined;
}

export interface Room {
  /** Width of a line, in cells. */
  readonly columns: number;
  readonly unicode: boolean;
}

const LONG_BAR = 20;
const SHORT_BAR = 10;

/** One line about a running task: what, progress, rate, time left. */
export function taskProgressLine(status: TaskStatus, pace: Pace, room: Room): string {
  return line(taskName(status) || "waiting", status, pace, [], room);
}

/**
 * One line about many tasks.
 * @param count of those that have ended, such as `2 of 5 tasks ended`
 * @param extent of all together, if known
 * @param running name and progress of each running task
 */
export function overallProgressLine(
  count: string,
  extent: Extent | undefined,
  pace: Pace,
  running: readonly string[],
  room: Room,
): string {
  return line(count, extent, pace, running, room);
}

/** `repair shop.orders 40%`, or only the name if the progress is unknown. */
export function briefProgress(status: TaskStatus): string {
  return [taskName(status), percentText(status)].filter(Boolean).join(" ");
}

/** The parts of a line that fit, the most important ones first. */
function line(
  head: string,
  extent: Extent | undefined,
  { unitsPerSecond, remainingSeconds, elapsedSeconds, timeLeft = "" }: Pace,
  names: readonly string[],
  { columns, unicode }: Room,
): string {
  const bar = (cells: number) => progressBar(extent ?? {}, cells, { unicode });
  const parts = { head, bar: "", figures: "", rate: "", eta: "", timeLeft: "", elapsed: "", names: "" };
  const joined = () => Object.values(parts).filter(Boolean).join("  ");
  const addIfFits = (part: keyof typeof parts, text: string): boolean => {
    const before = parts[part];
    parts[part] = text;
    const fits = cellWidth(joined()) <= columns;
    if (!fits) parts[part] = before;
    return fits;
  };
  if (extent !== undefined) addIfFits("figures", figuresText(extent));
  const isKnown = extent !== undefined && parts.figures !== "" && percentText(extent) !== "";
  if (isKnown) addIfFits("bar", bar(SHORT_BAR));
  if (isKnown && remainingSeconds !== undefined) addIfFits("eta", `ETA ${duration(remainingSeconds)}`);
  addIfFits("timeLeft", timeLeft);
  for (const count of names.keys()) {
    const rest = names.length - count - 1;
    const text = names.slice(0, count + 1).join(", ") + (rest === 0 ? "" : `, ${rest} more`);
    // The last one may fit where the one before did not, because it needs no "more".
    if (!addIfFits("names", text) && rest > 1) break;
  }
  if (isKnown && unitsPerSecond !== undefined) addIfFits("rate", rateText(unitsPerSecond, extent.progress_units ?? ""));
  if (isKnown) addIfFits("bar", bar(LONG_BAR));
  addIfFits("elapsed", `elapsed ${duration(elapsedSeconds)}`);
  return headOf(joined(), columns);
}

/** semantics 7: 0 of 0 means that no progress is known. */
function figuresText(extent: Extent): string {
  const { progress_completed: completed = 0, progress_total: total = 0, progress_units: units = "" } = extent;
  const about = extent.isEstimate ? "about" : "";
  return [about, amountText(completed, total, printable(units)) || "progress unknown", percentText(extent)]
    .filter(Boolean)
    .join(" ");
}
