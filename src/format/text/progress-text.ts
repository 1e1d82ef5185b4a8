import { printable } from "../../strings/printable.js";
import { type Progress, progressPercent } from "../../tasks/progress.js";
import { rateQuantityText } from "./task-words.js";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` cells in brackets; empty if the progress is not known. */
export function progressBar(progress: Progress, width: number, { unicode }: { readonly unicode: boolean }): string {
  const percent = progressPercent(progress);
  if (percent === undefined) return "";
  if (!unicode) return `[${"#".repeat(Math.floor((percent * width) / 100)).padEnd(width, "-")}]`;
  const eighths = Math.floor((percent * width * 8) / 100);
  return `[${("█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(width)}]`;
}

/** `60%`; empty if it is not known. */
export function percentText(progress: Progress): string {
  const percent = progressPercent(progress);
  return percent === undefined ? "" : `${percent}%`;
}

/** `12.3 ranges/s`, `51.2 MiB/s`. */
export function rateText(perSecond: number, units: string): string {
  if (units === "bytes") return rateQuantityText(perSecond, units);
  return `${threeDigits(perSecond)} ${printable(units) || "units"}/s`;
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
