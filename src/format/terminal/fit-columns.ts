/** One thing to do where columns are too wide: leave one out, or shorten one down to a number of cells. */
export interface FitStep {
  readonly column: string;
  /** Left out where absent. */
  readonly shortenTo?: number;
  /** The column has nothing to show between its whole width and that. */
  readonly isAtOnce?: boolean;
}

/** Cells between two columns. */
export const GAP = 2;

/**
 * Makes columns fit, by doing one step after the other until they do. A shortened column loses no more than it must, and
 * gets back what a step after it sets free.
 * @param natural the width of each column, by name
 * @returns the widths of the columns that stay
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
