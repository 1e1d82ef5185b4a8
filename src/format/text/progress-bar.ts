const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` cells within brackets; a share above all of it fills the bar. */
export function progressBar(
  completed: number,
  total: number,
  width: number,
  { unicode }: { readonly unicode: boolean },
): string {
  const share = total > 0 ? Math.min(Math.max(completed / total, 0), 1) : 0;
  if (!unicode) return `[${"#".repeat(Math.floor(share * width)).padEnd(width, "-")}]`;
  const eighths = Math.floor(share * width * 8);
  return `[${("█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(width)}]`;
}

/** `60%`, rounded down, above 100 as it is; empty where it is not known. */
export function percentText(completed: number, total: number): string {
  return total > 0 ? `${Math.floor((completed * 100) / total)}%` : "";
}

/** `512/1024 bytes 50%`. 0 of 0 means that no progress is known (semantics 7); what is above 100 % is shown as it is. */
export function progressFigures(completed: number, total: number, units: string): string {
  if (total === 0 && completed === 0) return "progress unknown";
  const figures = `${completed}/${total}${units === "" ? "" : ` ${units}`}`;
  return total > 0 ? `${figures} ${percentText(completed, total)}` : figures;
}
