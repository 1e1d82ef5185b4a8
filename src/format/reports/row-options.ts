import { compare } from "../../strings/compare.js";
import { fieldReader } from "../../tasks/fields.js";
import { cellText } from "../text/field-text.js";
import { paddedTable } from "../text/padded-table.js";
import { loadViews } from "./load-views.js";
import { type Batches, collectRows, namesOf, type Report } from "./report.js";

/** Which rows and fields of a report the user wants. */
export interface RowOptions {
  readonly fields?: readonly string[] | undefined;
  readonly sort?: SortKey | undefined;
  readonly limit?: number | undefined;
  readonly count?: boolean;
}

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

/**
 * Applies the options to a report: rows are sorted, then limited, then reduced to the fields, then counted.
 * @param now milliseconds since the epoch, for fields that depend on the current time
 * @throws UsageError if the rows have no such field
 */
export function applyRowOptions(report: Report, { fields, sort, limit, count }: RowOptions, now: number): Report {
  let result = report;
  if (sort !== undefined) result = sortRows(result, sort, now);
  if (limit !== undefined) result = limitRows(result, limit);
  if (fields !== undefined) result = selectFields(result, fields, now) as Report;
  return count ? countRows(result) : result;
}

/** Rows are passed on in batches of this size, so that no format makes one text of all. */
const BATCH_ROWS = 1000;

/**
 * Sorts rows by a field. The sort is stable, and rows without a value come last in either direction. All rows are collected first.
 * @throws UsageError if the rows have no such field
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
    return direction * compareValues(a.value, b.value);
  });
  for (let start = 0; start < keyed.length; start += BATCH_ROWS) {
    yield keyed.slice(start, start + BATCH_ROWS).map(({ row }) => row);
  }
}

type SortValue = number | string;

/** Times from a server sort as strings: all have the same width, the largest unit first, in UTC (rest-api: Conventions). */
function sortValue(value: unknown): SortValue | null {
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  return typeof value === "boolean" ? Number(value) : JSON.stringify(value);
}

/** If a server sends numbers and strings in one field, numbers come first. */
function compareValues(a: SortValue, b: SortValue): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return compare(a, b);
}

/** The first rows. What comes after them is not even requested. */
function limitRows<T>(report: Report<T>, limit: number): Report<T> {
  return { ...report, rows: firstRows(report.rows, limit) };
}

async function* firstRows<T>(batches: Batches<T>, limit: number): AsyncGenerator<readonly T[]> {
  let missing = limit;
  if (missing === 0) return;
  for await (const batch of batches) {
    yield batch.length > missing ? batch.slice(0, missing) : batch;
    missing -= batch.length;
    if (missing <= 0) return;
  }
}

/** The values of a row's fields, in the requested order. */
type FieldValues = readonly unknown[];

/**
 * The same rows with only the requested fields, in that order; in text as a table.
 * @throws UsageError if the rows have no such field
 */
export function selectFields<T>(report: Report<T>, names: readonly string[], now: number): Report<FieldValues> {
  const { rows, shape, key, about } = report;
  const readers = names.map((name) => fieldReader("--fields <fields>", name, namesOf(report), now));
  const columns = names.map((title, index) => ({ title, text: (row: FieldValues) => cellText(title, row[index]) }));
  return {
    rows: valuesOf(rows, (row) => {
      const record = report.record(row);
      return readers.map((read) => read(record));
    }),
    shape,
    key,
    errors: () => report.errors?.() ?? [],
    ...(about === undefined ? {} : { about }),
    fields: names,
    record: (row) => Object.fromEntries(names.map((name, index) => [name, row[index]])),
    async *table(batches, options) {
      yield* paddedTable(columns, await collectRows(batches), options);
    },
    async *view(batches, options) {
      const { fieldsView } = await loadViews();
      yield* fieldsView(names, (row: FieldValues, index) => row[index], await collectRows(batches), options);
    },
  };
}

async function* valuesOf<T>(batches: Batches<T>, read: (row: T) => FieldValues): AsyncGenerator<FieldValues[]> {
  for await (const batch of batches) yield batch.map(read);
}

/** The number of rows instead of the rows; for many nodes, with the errors of those that did not answer. */
function countRows(report: Report): Report<number> {
  const { rows, errors } = report;
  return {
    rows: countOf(rows),
    shape: "one",
    fields: ["count"],
    record: (count) => (report.key === undefined ? { count } : { count, errors: errors?.() ?? [] }),
    async *table(batches) {
      for await (const batch of batches) for (const count of batch) yield `${count}\n`;
    },
  };
}

async function* countOf(batches: Batches<unknown>): AsyncGenerator<[number]> {
  let count = 0;
  for await (const batch of batches) count += batch.length;
  yield [count];
}
