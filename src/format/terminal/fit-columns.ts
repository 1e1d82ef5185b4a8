/** A step to make columns fit: drop a column, or shorten it to a number of cells. */
export interface FitStep {
  readonly column: string;
  /** `undefined`: the column is dropped. */
  readonly shortenTo?: number;
  /** The column is useful only at full width or at `shortenTo`, nothing in between. */
  readonly isAtOnce?: boolean;
}

/** Cells between two columns. */
export const GAP = 2;

/**
 * Makes columns fit by taking steps until they do. A shortened column loses no more than necessary, and grows again if a later step
 * frees room.
 * @param natural the width of each column, by name
 * @returns the widths of the columns that remain
 */
export function fitColumns(
  natural: ReadonlyMap<string, number>,
  available: number,
  steps: readonly FitStep[],
): Map<string, number> {
  const widths = new Map(natural);
  const shortened: string[] = [];
  let excess = -GAP - available;
  for (const width of widths.values()) excess += width + GAP;
  for (const { column, shortenTo, isAtOnce = false } of steps) {
    if (excess <= 0) break;
    const width = widths.get(column);
    if (width === undefined) continue;
    if (shortenTo === undefined) {
      widths.delete(column);
      excess -= width + GAP;
    } else if (width > shortenTo) {
      const less = isAtOnce ? width - shortenTo : Math.min(width - shortenTo, excess);
      widths.set(column, width - less);
      excess -= less;
      if (!isAtOnce) shortened.push(column);
    }
  }
  for (const column of shortened.reverse()) {
    if (excess >= 0) break;
    const width = widths.get(column);
    if (width === undefined) continue;
    const more = Math.min((natural.get(column) as number) - width, -excess);
    widths.set(column, width + more);
    excess += more;
  }
  return widths;
}
