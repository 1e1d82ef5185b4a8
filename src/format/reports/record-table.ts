import type { JsonRecord } from "../../tasks/record.js";
import { fieldText } from "../text/field-text.js";
import { paddedTable } from "../text/padded-table.js";
import { loadViews } from "./load-views.js";
import { type Batches, collectRows, ofNodes, type QueriedNodes, type Report } from "./report.js";

/** Records with the same few fields, as a table with a column for each. */
export function recordTable<T extends object>(fields: readonly (keyof T & string)[], rows: Batches<T>): Report<T> {
  const columns = fields.map((field) => ({ title: field, text: (row: T) => fieldText(row[field]) }));
  return {
    rows,
    shape: "many",
    fields,
    record: (row) => row,
    async *table(batches, options) {
      yield* paddedTable(columns, await collectRows(batches), options);
    },
    async *view(batches, options) {
      const { fieldsView } = await loadViews();
      const cellOf = (row: T, index: number) => row[fields[index] as keyof T];
      yield* fieldsView(fields, cellOf, await collectRows(batches), options);
    },
  };
}

/** The answer of each node: a column for the node, and one for its answer. */
export function nodeTable(field: string, rows: Batches<JsonRecord>, nodes: QueriedNodes): Report<JsonRecord> {
  return ofNodes(recordTable(["node", field], rows), "nodes", nodes);
}
