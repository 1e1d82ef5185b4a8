/** Names and values of labels. All series of a family have the same names. */
export type Labels = Readonly<Record<string, string>>;

/** Longest value of a label: a server could send endless ones. */
const LONGEST_VALUE = 200;

/** The value of all labels of the series that takes what found no room. */
const OTHER = "other";

interface Series {
  readonly labels: Labels;
  value: number;
}

/**
 * The series of all families. Their number is limited, whatever names a server invents. Values beyond the limit are added up in one
 * series per family, whose labels are all {@link OTHER}, and counted.
 */
export class SeriesStore {
  readonly #most: number;
  readonly #families = new Map<string, Map<string, Series>>();
  #count = 0;
  #leftOut = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** How many series found no room since the last {@link forget}. */
  get leftOutCount(): number {
    return this.#leftOut.size;
  }

  /** Removes the series of these families, because they are about to be replaced. */
  forget(families: Iterable<string>): void {
    for (const family of families) {
      for (const key of this.#families.get(family)?.keys() ?? []) if (key !== OTHER) this.#count--;
      this.#families.delete(family);
    }
    this.#leftOut = new Set();
  }

  /** @param combine computes the new value from the present and the given one */
  put(family: string, labels: Labels, value: number, combine: (before: number, now: number) => number): void {
    const series = this.#seriesFor(family, labels);
    series.value = Number.isNaN(series.value) ? value : combine(series.value, value);
  }

  seriesOf(family: string): Iterable<Series> {
    return this.#families.get(family)?.values() ?? [];
  }

  #seriesFor(family: string, labels: Labels): Series {
    let all = this.#families.get(family);
    if (all === undefined) {
      all = new Map();
      this.#families.set(family, all);
    }
    const key = JSON.stringify(Object.values(labels));
    let series = all.get(key);
    if (series !== undefined) return series;
    if (this.#count < this.#most) {
      this.#count++;
      series = { labels, value: Number.NaN };
      all.set(key, series);
      return series;
    }
    this.#leftOut.add(`${family} ${key}`);
    series = all.get(OTHER);
    if (series === undefined) {
      series = { labels: Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER])), value: Number.NaN };
      all.set(OTHER, series);
    }
    return series;
  }
}

/** A server's text as the value of a label; a long text is cut. */
export function labelValue(text: unknown): string {
  if (typeof text !== "string") return "";
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}
