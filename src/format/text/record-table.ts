import { type AskedNodes, type Batches, collectRows, ofNodes, type Report, type Row } from "../reports/report.js";
import { fieldText } from "./field-text.js";
import { paddedTable } from "./padded-table.js";

/** Records that all have the same few fields, as a table with a column for each. */
export function recordTable<T extends object>(fields: readonly (keyof T & string)[], rows: Batches<T>): Report<T> {
  const columns = fields.map((field) => ({ title: field, text: (row: T) => fieldText(row[field]) }));
  return {
    rows,
    shape: "many",
    fields,
    record: (row) => row,
    async *plain(batches, options) {
      yield* paddedTable(columns, await collectRows(batches), options);
    },
    async *screen(batches, screen) {
      const { fieldsView } = await import("../terminal/fields-view.js");
      const cellOf = (row: T, index: number) => row[fields[index] as keyof T];
      yield* fieldsView(fields, cellOf, await collectRows(batches), screen);
    },
  };
}

/** What each node said: a column for the node, and one for its answer. */
export function nodeTable(field: string, rows: Batches<Row>, nodes: AskedNodes): Report<Row> {
  return ofNodes(recordTable(["node", field], rows), "nodes", nodes);
}
