/** Names of labels and their values; every series of one family has the same names. */
export type Labels = Readonly<Record<string, string>>;

/** Persons and monitors read the values; a server that makes them endless would fill both. */
const LONGEST_VALUE = 200;

/** What a label of a series that found no room has in place of its value. */
export const OTHER = "other";

interface Series {
  readonly labels: Labels;
  value: number;
}

/**
 * The series of all families, of which there are never more than a limit, whatever names a server invents. What finds no room is added
 * up in one series a family whose labels are all {@link OTHER}, and is counted.
 */
export class SeriesStore {
  readonly #most: number;
  readonly #families = new Map<string, Map<string, Series>>();
  #count = 0;
  #leftOut = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** How many series found no room since {@link forget} was called for the last time. */
  get leftOutCount(): number {
    return this.#leftOut.size;
  }

  /** Leaves out what was said of these families: they are of now, and told anew. */
  forget(families: Iterable<string>): void {
    for (const family of families) {
      for (const key of this.#families.get(family)?.keys() ?? []) if (key !== OTHER) this.#count--;
      this.#families.delete(family);
    }
    this.#leftOut = new Set();
  }

  /** @param combine of the value that was there and the new one, what stands there now */
  put(family: string, labels: Labels, value: number, combine: (before: number, now: number) => number): void {
    const series = this.#place(family, labels);
    series.value = Number.isNaN(series.value) ? value : combine(series.value, value);
  }

  seriesOf(family: string): Iterable<Series> {
    return this.#families.get(family)?.values() ?? [];
  }

  #place(family: string, labels: Labels): Series {
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

/** A text of a server as the value of a label: a part of it, where it is long. */
export function labelValue(text: unknown): string {
  if (typeof text !== "string") return "";
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}
