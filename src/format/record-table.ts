import { fieldText } from "./field-text.js";
import { paddedTable } from "./padded-table.js";
import { type Batches, collectRows, type Report } from "./report.js";

/** Records that all have the same few fields, as a table with a column for each. */
export function recordTable<T extends object>(fields: readonly (keyof T & string)[], rows: Batches<T>): Report<T> {
  const columns = fields.map((field) => ({ title: field, text: (row: T) => fieldText(row[field]) }));
  return {
    rows,
    shape: "many",
    record: (row) => row,
    async *plain(batches) {
      yield* paddedTable(columns, await collectRows(batches));
    },
  };
}
