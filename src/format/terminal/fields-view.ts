import { cellText } from "../text/field-text.js";
import type { FitStep } from "./fit-columns.js";
import type { ViewOptions } from "./view-options.js";
import { type ViewColumn, viewTable } from "./view-table.js";

/** Ids and commands to copy are useless if they are cut. */
const WHOLE_FIELDS = new Set(["id", "task_id", "parent_id", "abort_with"]);
const SHORTEST = 8;

/**
 * Rows with requested fields on a terminal. If they do not fit, columns are shortened, the last first, and then dropped from the
 * end: users name the important ones first.
 */
export function fieldsView<T>(
  fields: readonly string[],
  cellOf: (row: T, index: number) => unknown,
  rows: readonly T[],
  options: ViewOptions,
): Generator<string> {
  const { style } = options;
  const columns = fields.map(
    (name, index): ViewColumn<T> => ({
      name,
      text: (row) => style.text(cellText(name, cellOf(row, index))),
      ...(name === "state" ? { paint: (row, cell) => style.paint(`state:${String(cellOf(row, index))}`, cell) } : {}),
    }),
  );
  const last = [...fields].reverse();
  const steps: FitStep[] = [
    ...last.filter((column) => !WHOLE_FIELDS.has(column)).map((column) => ({ column, shortenTo: SHORTEST })),
    ...last.slice(0, -1).map((column) => ({ column })),
  ];
  return viewTable(columns, rows, steps, options);
}
