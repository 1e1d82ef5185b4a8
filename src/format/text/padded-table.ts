import { characterCount } from "../../strings/printable.js";
import { PIECE_CHARACTERS } from "./pieces.js";

/** How to lay out a table. */
export interface TableOptions {
  /** Whether it begins with column titles. */
  readonly header: boolean;
}

/**
 * Cells are padded to at most this many characters; a longer cell is printed as it is. Otherwise a name of a megabyte would add a
 * megabyte to every row (docs/output.md: Formats).
 */
export const WIDEST_COLUMN = 10_000;

export interface PaddedColumn<T> {
  readonly title: string;
  text(row: T): string;
}

/**
 * nodetool's table: cells are padded on the right to the widest of their column (at least 1), with one space between and no
 * borders. Two passes, linear in the number of rows. Cells are created again in the second pass: keeping 12 strings for each of
 * 100,000 rows costs more than creating them twice.
 */
export function* paddedTable<T>(
  columns: readonly PaddedColumn<T>[],
  rows: readonly T[],
  { header }: TableOptions,
): Generator<string> {
  const widths = columns.map(({ title }) => (header ? Math.max(1, characterCount(title)) : 1));
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) {
      const width = characterCount((columns[index] as PaddedColumn<T>).text(row));
      if (width > (widths[index] as number)) widths[index] = Math.min(width, WIDEST_COLUMN);
    }
  }
  const pad = (text: string, index: number) => {
    const missing = (widths[index] as number) - characterCount(text);
    return missing <= 0 ? text : text + " ".repeat(missing);
  };
  let piece = header ? `${columns.map(({ title }, index) => pad(title, index)).join(" ")}\n` : "";
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) {
      if (index > 0) piece += " ";
      piece += pad((columns[index] as PaddedColumn<T>).text(row), index);
    }
    piece += "\n";
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}
