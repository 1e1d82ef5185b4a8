import { fieldReader } from "../../tasks/fields.js";
import { type Batches, collectRows, namesOf, type Report } from "./report.js";

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

/** Rows are handed on in batches again, so that no format makes one text of all. */
const BATCH_ROWS = 1000;

/**
 * The rows in the order of a field, rows of the same value in the order in which they came, rows without a value last
 * whichever way. All rows are collected before the first goes on.
 * @throws UsageError where the rows have no such field
 */
export function sortRows<T>(report: Report<T>, { field, descending }: SortKey, now: number): Report<T> {
  const read = fieldReader("--sort <field>", field, namesOf(report), now);
  return { ...report, rows: sorted(report.rows, (row) => sortValue(read(report.record(row))), descending) };
}

async function* sorted<T>(
  batches: Batches<T>,
  keyOf: (row: T) => SortValue | null,
  descending: boolean,
): AsyncGenerator<T[]> {
  const direction = descending ? -1 : 1;
  const keyed = (await collectRows(batches)).map((row) => ({ row, value: keyOf(row) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return direction * compare(a.value, b.value);
  });
  for (let start = 0; start < keyed.length; start += BATCH_ROWS) {
    yield keyed.slice(start, start + BATCH_ROWS).map(({ row }) => row);
  }
}

type SortValue = number | string;

/** Times of the wire sort as the texts they are: of fixed width, the greatest unit first, all UTC (rest-api: Conventions). */
function sortValue(value: unknown): SortValue | null {
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  return typeof value === "boolean" ? Number(value) : JSON.stringify(value);
}

/** A server that sends now a number and now a text for one field still gets one order: numbers first. */
function compare(a: SortValue, b: SortValue): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
