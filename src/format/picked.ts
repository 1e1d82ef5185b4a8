import { fieldText } from "./field-text.js";
import { fieldReader } from "./fields.js";
import { paddedTable } from "./padded-table.js";
import { collectRows, mapRows, type Report } from "./report.js";

/** The values of a row's picked fields, in the order in which they were asked for. */
type Picked = readonly unknown[];

/**
 * The same rows with nothing but the fields that were asked for, in that order; in text a table of them.
 * @param now milliseconds since the epoch, for what is computed from the current time
 * @throws UsageError where the rows have no such field
 */
export function pickFields<T>(report: Report<T>, names: readonly string[], now: number): Report<Picked> {
  const { rows, shape, key } = report;
  const readers = names.map((name) => fieldReader("--fields <fields>", name, report.fields, now));
  const columns = names.map((title, index) => ({ title, text: (row: Picked) => cellText(row[index]) }));
  return {
    rows: mapRows(rows, (row) => {
      const record = report.record(row);
      return readers.map((read) => read(record));
    }),
    shape,
    key,
    errors: () => report.errors?.() ?? [],
    fields: names,
    record: (row) => Object.fromEntries(names.map((name, index) => [name, row[index]])),
    async *plain(batches, options) {
      yield* paddedTable(columns, await collectRows(batches), options);
    },
  };
}

/** A list of plain values stands in a cell as `a,b`, for `cut` and `tr`. */
function cellText(value: unknown): string {
  return Array.isArray(value) && value.every((element) => typeof element !== "object")
    ? value.map(fieldText).join(",")
    : fieldText(value);
}
