import { cellWidth } from "./cell-width.js";

/** DEC mode 2026: the terminal shows a frame only when it is complete. */
const FRAME_BEGINS = "\u001b[?2026h";
const FRAME_ENDS = "\u001b[?2026l";
const CLEAR_TO_END_OF_LINE = "\u001b[K";

/** The size of a terminal in rows and cells. */
interface Size {
  readonly rows: number;
  readonly columns: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no cells
const COLOURS = /\u001b\[[\d;]*m/g;

/** The width of a text with colours, in cells. */
const paintedWidth = (text: string): number => cellWidth(text.includes("\u001b") ? text.replace(COLOURS, "") : text);

/** Draws frames over the whole terminal. Only changed rows are written, each in its place, and nothing is cleared. */
export class FullScreen {
  /** What the terminal shows; empty if this is not known. */
  #shown: readonly string[] = [];
  #columns = 0;

  /** Forgets what the terminal shows: something else has written to it. */
  forget(): void {
    this.#shown = [];
  }

  /**
   * What to write, in one piece, so that the terminal shows these rows; empty if it does already.
   * @param rows at most as many as the terminal has; missing ones are empty
   * @param isSynchronized whether the terminal supports DEC mode 2026
   */
  draw(rows: readonly string[], size: Size, isSynchronized: boolean): string {
    // A terminal whose size changed may have moved its content.
    if (size.columns !== this.#columns || size.rows !== this.#shown.length) this.forget();
    const shown = Array.from({ length: size.rows }, (_, index) => rows[index] ?? "");
    let drawn = "";
    for (const [index, row] of shown.entries()) {
      if (row === this.#shown[index]) continue;
      // After a row of full width, the cursor is still on the last cell, which would be cleared.
      const rest = paintedWidth(row) < size.columns ? CLEAR_TO_END_OF_LINE : "";
      drawn += `\u001b[${index + 1};1H${row}${rest}`;
    }
    this.#shown = shown;
    this.#columns = size.columns;
    if (drawn === "") return "";
    return isSynchronized ? FRAME_BEGINS + drawn + FRAME_ENDS : drawn;
  }
}
