import type { Style } from "./style.js";

/** What a view on a terminal needs to know beside its rows. */
export interface Screen {
  /** Cells in a line. */
  readonly columns: number;
  readonly style: Style;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Leave nothing out, and cut nothing, however long the lines get. */
  readonly wide: boolean;
  /** Whether a table begins with the titles of its columns. */
  readonly header: boolean;
  /** Whether the user asked for an order of the rows. */
  readonly isSorted: boolean;
  /** Of a view that is drawn again and again: what it showed last. */
  readonly memory?: ScreenMemory;
}

export interface ScreenMemory {
  /** The state of each task, by its id. */
  states?: ReadonlyMap<string, string>;
}

/** Text is handed on in pieces of about this size: large enough to be fast, small enough for a reader to start. */
const PIECE_CHARACTERS = 64 * 1024;

/** Puts lines together into pieces. */
export function* piecesOf(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}
