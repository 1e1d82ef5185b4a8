import { cellWidth } from "./cell-width.js";

/** DEC mode 2026: the terminal shows nothing of a frame before it is whole. */
const FRAME_BEGINS = "\u001b[?2026h";
const FRAME_ENDS = "\u001b[?2026l";
const CLEAR_TO_END_OF_LINE = "\u001b[K";

/** The rows and cells of a terminal. */
interface Size {
  readonly rows: number;
  readonly columns: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no cells
const COLOURS = /\u001b\[[\d;]*m/g;

/** How many cells a text with colours takes. */
export const paintedWidth = (text: string): number =>
  cellWidth(text.includes("\u001b") ? text.replace(COLOURS, "") : text);

/** Draws frames over the whole of a terminal. Only rows that changed are written, each in its place, and nothing is cleared. */
export class FullScreen {
  /** What is on the terminal; nothing where that is not known. */
  #shown: readonly string[] = [];
  #columns = 0;

  /** What is on the terminal is not known any more: it went through other hands. */
  forget(): void {
    this.#shown = [];
  }

  /**
   * What to write, in one piece, so that the terminal shows these rows; nothing where it shows them already.
   * @param rows as many as there are on the terminal; what is missing is empty
   * @param isSynchronized whether the terminal said that it knows DEC mode 2026
   */
  draw(rows: readonly string[], size: Size, isSynchronized: boolean): string {
    // A terminal of another size may have moved what it shows.
    if (size.columns !== this.#columns || size.rows !== this.#shown.length) this.forget();
    const shown = Array.from({ length: size.rows }, (_, index) => rows[index] ?? "");
    let drawn = "";
    for (const [index, row] of shown.entries()) {
      if (row === this.#shown[index]) continue;
      // At the end of a full row the cursor still stands on the last cell, which would be cleared.
      const rest = paintedWidth(row) < size.columns ? CLEAR_TO_END_OF_LINE : "";
      drawn += `\u001b[${index + 1};1H${row}${rest}`;
    }
    this.#shown = shown;
    this.#columns = size.columns;
    if (drawn === "") return "";
    return isSynchronized ? FRAME_BEGINS + drawn + FRAME_ENDS : drawn;
  }
}
