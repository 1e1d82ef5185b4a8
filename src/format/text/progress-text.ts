import { type Progress, progressPercent } from "../../tasks/progress.js";

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
