import { printable } from "../../strings/printable.js";
import type { FitStep } from "../terminal/fit-columns.js";
import { paddedTable } from "../text/padded-table.js";
import { loadViews } from "./load-views.js";
import { type Batches, batch, collectRows, type Report } from "./report.js";

/** A column of a table for people. Its text may contain server text, not yet made printable. */
export interface TextColumn<T> {
  readonly title: string;
  text(row: T): string;
  readonly alignRight?: boolean;
  /** The state that colours the cell. */
  state?(row: T): string;
}

/**
 * Records, with a table for people whose columns are not the fields of the records.
 * @param steps what to shorten and leave out if the terminal has no room
 * @param nothing what a terminal shows if there are no rows
 */
export function columnsReport<T>(
  rows: readonly T[],
  fields: readonly string[],
  record: (row: T) => object,
  columns: readonly TextColumn<T>[],
  steps: readonly FitStep[] = [],
  nothing = "",
): Report<T> {
  return {
    rows: batch(rows),
    shape: "many",
    fields,
    record,
    async *table(batches: Batches<T>, options) {
      const padded = columns.map(({ title, text }) => ({ title, text: (row: T) => printable(text(row)) }));
      yield* paddedTable(padded, await collectRows(batches), options);
    },
    async *view(batches, options) {
      const { viewTable, withinShown } = await loadViews();
      const { style } = options;
      const shown = columns.map(({ title, text, alignRight, state }) => ({
        name: title,
        text: (row: T) => withinShown(text(row), style),
        ...(alignRight && { alignRight }),
        ...(state && { paint: (row: T, cell: string) => style.paint(`state:${state(row)}`, cell) }),
      }));
      const all = await collectRows(batches);
      if (all.length === 0 && nothing !== "") yield `${style.paint("quiet", nothing)}\n`;
      else yield* viewTable(shown, all, steps, options);
    },
  };
}
