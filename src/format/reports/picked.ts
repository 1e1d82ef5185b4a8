import { fieldReader } from "../../tasks/fields.js";
import { cellText } from "../text/field-text.js";
import { paddedTable } from "../text/padded-table.js";
import { collectRows, mapRows, namesOf, type Report } from "./report.js";

/** The values of a row's picked fields, in the order in which they were asked for. */
type Picked = readonly unknown[];

/**
 * The same rows with nothing but the fields that were asked for, in that order; in text a table of them.
 * @param now milliseconds since the epoch, for what is computed from the current time
 * @throws UsageError where the rows have no such field
 */
export function pickFields<T>(report: Report<T>, names: readonly string[], now: number): Report<Picked> {
  const { rows, shape, key, about } = report;
  const readers = names.map((name) => fieldReader("--fields <fields>", name, namesOf(report), now));
  const columns = names.map((title, index) => ({ title, text: (row: Picked) => cellText(title, row[index]) }));
  return {
    rows: mapRows(rows, (row) => {
      const record = report.record(row);
      return readers.map((read) => read(record));
    }),
    shape,
    key,
    errors: () => report.errors?.() ?? [],
    ...(about === undefined ? {} : { about }),
    fields: names,
    record: (row) => Object.fromEntries(names.map((name, index) => [name, row[index]])),
    async *plain(batches, options) {
      yield* paddedTable(columns, await collectRows(batches), options);
    },
    async *screen(batches, screen) {
      const { fieldsView } = await import("../terminal/fields-view.js");
      yield* fieldsView(names, (row: Picked, index) => row[index], await collectRows(batches), screen);
    },
  };
}
