import type { TaskStatus } from "../client/wire.js";
import { cellWidth, headOf } from "../format/terminal/cell-width.js";
import { duration } from "../format/text/duration.js";
import { percentText, progressBar } from "../format/text/progress-text.js";
import { amountText } from "../format/text/task-words.js";
import { printable } from "../strings/printable.js";
import type { Progress } from "../tasks/progress.js";

/** How far something is, in its units. */
export type Extent = Progress &
  Pick<TaskStatus, "progress_units"> & {
    /** The total is not known yet, but guessed. */
    readonly isEstimate?: boolean;
  };

export interface Pace {
  readonly unitsPerSecond: number | undefined;
  readonly remainingSeconds: number | undefined;
  readonly elapsedSeconds: number;
  /** What earlier runs say of the time to go. */
  readonly past?: string | undefined;
}

export interface Room {
  /** Cells that a line may take. */
  readonly columns: number;
  readonly unicode: boolean;
}

const LONG_BAR = 20;
const SHORT_BAR = 10;

/** What a task does, and to what: `repair shop.orders`. */
export function taskName({ type, keyspace, table }: TaskStatus): string {
  const where = [keyspace, table].filter(Boolean).join(".");
  return printable([type, where].filter(Boolean).join(" "));
}

/** One line about a task that runs: what, where, how far, how fast, how long yet. */
export function taskProgress(status: TaskStatus, pace: Pace, room: Room): string {
  return line(taskName(status) || "waiting", status, pace, [], room);
}

/**
 * One line about many tasks.
 * @param count what has ended, such as `2 of 5 tasks ended`
 * @param extent of all together, where it is known
 * @param running what each of those that run is, and how far
 */
export function overallProgress(
  count: string,
  extent: Extent | undefined,
  pace: Pace,
  running: readonly string[],
  room: Room,
): string {
  return line(count, extent, pace, running, room);
}

/** `repair shop.orders 40%`, where nothing is known of its progress its name alone. */
export function briefProgress(status: TaskStatus): string {
  return [taskName(status), percentText(status)].filter(Boolean).join(" ");
}

/** Of what a line may hold, what fits, by how much it tells. */
function line(
  head: string,
  extent: Extent | undefined,
  { unitsPerSecond, remainingSeconds, elapsedSeconds, past = "" }: Pace,
  names: readonly string[],
  { columns, unicode }: Room,
): string {
  const bar = (cells: number) => progressBar(extent ?? {}, cells, { unicode });
  const parts = { head, bar: "", figures: "", rate: "", eta: "", past: "", elapsed: "", names: "" };
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
  addIfFits("past", past);
  for (const count of names.keys()) {
    const rest = names.length - count - 1;
    const text = names.slice(0, count + 1).join(", ") + (rest === 0 ? "" : `, ${rest} more`);
    // The last may fit where the one before it did not, for want of the words that there are more.
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

/** `12.3 ranges/s`, `51.2 MiB/s`. */
export function rateText(perSecond: number, units: string): string {
  if (units !== "bytes") return `${threeDigits(perSecond)} ${printable(units) || "units"}/s`;
  const [, amount = "", unit = ""] = /\/(\S+) (\S+)$/.exec(amountText(0, perSecond, "bytes")) ?? [];
  return `${amount} ${unit}/s`;
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
