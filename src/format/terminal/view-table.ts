import { WIDEST_COLUMN } from "../text/padded-table.js";
import { piecesOf } from "../text/pieces.js";
import { cellWidth, cutCells, padCells } from "./cell-width.js";
import { type FitStep, fitColumns, GAP } from "./fit-columns.js";
import type { ViewOptions } from "./view-options.js";

/** A column of a table on a terminal. */
export interface ViewColumn<T> {
  readonly name: string;
  /** What is in a cell, safe to show and without colours. */
  text(row: T): string;
  /** Numbers stand at the right. */
  readonly alignRight?: boolean;
  /** The text in fewer cells than it takes; by default its beginning. */
  shorten?(row: T, cells: number): string;
  /** Colours a cell that is otherwise ready. */
  paint?(row: T, cell: string): string;
}

const SHORTEST_TITLE = 3;
const SEPARATOR = " ".repeat(GAP);

/**
 * A table that fits the terminal: columns that are empty in every row are left out, then `steps` are taken until the rest
 * fits. Linear in the rows; cells are made anew for the second pass, as for the piped table.
 */
export function* viewTable<T>(
  columns: readonly ViewColumn<T>[],
  rows: readonly T[],
  steps: readonly FitStep[],
  options: ViewOptions,
): Generator<string> {
  yield* piecesOf(tableLines(columns, rows, steps, options));
}

function* tableLines<T>(
  columns: readonly ViewColumn<T>[],
  rows: readonly T[],
  steps: readonly FitStep[],
  { columns: available, style, wide, header }: ViewOptions,
): Generator<string> {
  const widest = columns.map((column) => {
    let width = 0;
    for (const row of rows) {
      const cells = cellWidth(column.text(row));
      if (cells > width) width = Math.min(cells, WIDEST_COLUMN);
    }
    return width;
  });
  const natural = new Map<string, number>();
  for (const [index, { name }] of columns.entries()) {
    const width = widest[index] as number;
    if (width > 0) natural.set(name, header ? Math.max(width, cellWidth(name)) : width);
  }
  const widths = wide ? natural : fitColumns(natural, available, steps);
  const shown = columns.filter(({ name }) => widths.has(name));
  const hidden = columns.filter(({ name }) => natural.has(name) && !widths.has(name));
  const placed = shown.map((column, index) => ({
    column,
    cells: widths.get(column.name) as number,
    isLast: index === shown.length - 1,
  }));
  if (header && rows.length > 0) {
    const titles = placed.map(({ column: { name, alignRight }, cells, isLast }) =>
      aligned(cells < SHORTEST_TITLE ? "" : cutCells(name, cells, style.glyphs.ellipsis), cells, alignRight, isLast),
    );
    yield style.paint("title", titles.join(SEPARATOR).trimEnd());
  }
  for (const row of rows) {
    let line = "";
    for (const { column, cells, isLast } of placed) {
      let text = column.text(row);
      if (!wide && cellWidth(text) > cells) {
        text = column.shorten?.(row, cells) ?? cutCells(text, cells, style.glyphs.ellipsis);
      }
      const cell = aligned(text, cells, column.alignRight, isLast);
      line += (line === "" ? "" : SEPARATOR) + (column.paint?.(row, cell) ?? cell);
    }
    yield line.trimEnd();
  }
  if (hidden.length > 0) {
    const note = `(--wide shows ${hidden.map(({ name }) => name).join(", ")} too)`;
    yield style.paint("quiet", cutCells(note, available, style.glyphs.ellipsis));
  }
}

function aligned(text: string, cells: number, right: boolean | undefined, isLast: boolean): string {
  if (right) return " ".repeat(Math.max(0, cells - cellWidth(text))) + text;
  return isLast ? text : padCells(text, cells);
}
