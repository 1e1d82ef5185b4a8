import { WIDEST_COLUMN } from "../text/padded-table.js";
import { piecesOf } from "../text/pieces.js";
import { cellWidth, cutCells, cutMiddle, padCells, wrapCells } from "./cell-width.js";
import { type FitStep, fitColumns, GAP } from "./fit-columns.js";
import type { ViewOptions } from "./view-options.js";

/** A column of a table on a terminal. */
export interface ViewColumn<T> {
  readonly name: string;
  /** The text of a cell, printable and without colours. */
  text(row: T): string;
  /** For numbers. */
  readonly alignRight?: boolean;
  /** Shortens the text to a number of cells. Default: cuts the end. */
  shorten?(row: T, cells: number): string;
  /** Adds colours to the finished cell. */
  paint?(row: T, cell: string): string;
}

const SHORTEST_TITLE = 3;
/** Longest text, in cells, that is shown below the table if it is the same in every row. */
const LONGEST_COMMON = 40;
/** Maximum of different texts of a column that are compared to decide where to cut them. */
const MOST_COMPARED = 1000;
const SEPARATOR = " ".repeat(GAP);

/**
 * A table that fits the terminal: columns that are empty in every row are dropped, then `steps` are taken until the rest fits.
 * Linear in the number of rows. Cells are created again for the second pass, as for the piped table.
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
  const natural = new Map<string, number>();
  /** For columns with the same text in every row: that text. */
  const common = new Map<string, string>();
  for (const column of columns) {
    const { widest, same } = measured(column, rows);
    if (widest === 0) continue;
    natural.set(column.name, header ? Math.max(widest, cellWidth(column.name)) : widest);
    if (same !== undefined && rows.length > 1) common.set(column.name, same);
  }
  const widths = wide ? natural : fitColumns(natural, available, commonFirst(steps, common));
  const shown = columns.filter(({ name }) => widths.has(name));
  const hidden = columns.filter(({ name }) => natural.has(name) && !widths.has(name));
  const sized = shown.map((column, index) => ({
    column,
    cells: widths.get(column.name) as number,
    shorten: shortening(column, rows, widths.get(column.name) as number, wide, style.glyphs.ellipsis),
    isLast: index === shown.length - 1,
  }));
  if (header && rows.length > 0) {
    const titles = sized.map(({ column: { name, alignRight }, cells, isLast }) =>
      aligned(cells < SHORTEST_TITLE ? "" : cutCells(name, cells, style.glyphs.ellipsis), cells, alignRight, isLast),
    );
    yield style.paint("title", titles.join(SEPARATOR).trimEnd());
  }
  for (const row of rows) {
    let line = "";
    for (const { column, cells, shorten, isLast } of sized) {
      const cell = aligned(shorten(row, column.text(row)), cells, column.alignRight, isLast);
      line += (line === "" ? "" : SEPARATOR) + (column.paint?.(row, cell) ?? cell);
    }
    yield line.trimEnd();
  }
  const differing = hidden.filter(({ name }) => !common.has(name)).map(({ name }) => name);
  const equal = hidden.flatMap(({ name }) => {
    const text = common.get(name);
    return text === undefined ? [] : [`${name} ${cutCells(text, LONGEST_COMMON, style.glyphs.ellipsis)}`];
  });
  const notes = [
    ...(equal.length === 0 ? [] : [`(the same in every row: ${equal.join(", ")})`]),
    ...(differing.length === 0 ? [] : [`(--wide shows ${differing.join(", ")} too)`]),
  ];
  for (const line of notes.flatMap((note) => wrapCells(note, available))) yield style.paint("quiet", line);
}

/** The widest cell of a column, and its text if all cells have the same. */
function measured<T>({ text }: ViewColumn<T>, rows: readonly T[]): { widest: number; same: string | undefined } {
  let widest = 0;
  let same: string | undefined;
  for (const [index, row] of rows.entries()) {
    const cell = text(row);
    if (index === 0) same = cell;
    else if (cell !== same) same = undefined;
    const cells = cellWidth(cell);
    if (cells > widest) widest = Math.min(cells, WIDEST_COLUMN);
  }
  return { widest, same };
}

/** Columns with the same text in every row do not tell rows apart: they are dropped before anything else is shortened. */
function commonFirst(steps: readonly FitStep[], common: ReadonlyMap<string, string>): FitStep[] {
  const removals = steps.filter(({ column, shortenTo }) => shortenTo === undefined && common.has(column));
  return [...removals, ...steps];
}

/** How to shorten the cells of a column: cut the end or, if only the ends tell them apart, the middle. */
function shortening<T>(
  { text, shorten }: ViewColumn<T>,
  rows: readonly T[],
  cells: number,
  wide: boolean,
  ellipsis: string,
): (row: T, cell: string) => string {
  if (wide) return (_row, cell) => cell;
  if (shorten !== undefined) return (row, cell) => (cellWidth(cell) > cells ? shorten(row, cells) : cell);
  const long = new Set<string>();
  for (const row of rows) {
    const cell = text(row);
    if (cellWidth(cell) > cells && long.size <= MOST_COMPARED) long.add(cell);
  }
  const left = (cut: typeof cutCells) => new Set([...long].map((cell) => cut(cell, cells, ellipsis))).size;
  const cut = long.size > 1 && left(cutCells) < long.size && left(cutMiddle) > left(cutCells) ? cutMiddle : cutCells;
  return (_row, cell) => cut(cell, cells, ellipsis);
}

function aligned(text: string, cells: number, right: boolean | undefined, isLast: boolean): string {
  if (right) return " ".repeat(Math.max(0, cells - cellWidth(text))) + text;
  return isLast ? text : padCells(text, cells);
}
