/** Moves the cursor up over existing lines. A line end at the bottom would scroll. */
const up = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}A\r`);
const down = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}B\r`);
/** Sent before the line: after a line of full width, the cursor is still on its last character, which would be cleared. */
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** A line that is too long must not wrap, or the next frame would start at the wrong line. */
const WRAP_OFF = "\u001b[?7l";
const WRAP_ON = "\u001b[?7h";

/** The size of a terminal in lines and cells. */
interface Size {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Draws texts over each other, each in the place of the one before. Only changed lines are written, which avoids flicker and saves
 * bytes on a slow connection.
 */
export class Frames {
  /** What the terminal shows. */
  #lines: readonly string[] = [];
  #columns = 0;

  /**
   * What to write, in one piece, to replace the previous text; empty if nothing changed.
   * @param size a text that will be drawn over must not be higher than the terminal
   * @param isLast draws the whole text, however high it is
   */
  draw(text: string, { rows, columns }: Size, isLast: boolean, more: (lines: number) => string): string {
    let lines = text.split("\n").slice(0, -1);
    const room = Math.max(1, rows - 1);
    if (!isLast && lines.length > room) {
      lines = [...lines.slice(0, room - 1), more(lines.length - room + 1)];
    }
    const before = this.#lines;
    // A terminal whose width changed may have rewrapped the lines.
    const isKept = (index: number) => columns === this.#columns && lines[index] === before[index];
    let drawn = "";
    let unchanged = 0;
    for (const [index, line] of lines.entries()) {
      if (isKept(index)) unchanged++;
      else {
        drawn += `${down(unchanged)}${CLEAR_LINE}${line}\n`;
        unchanged = 0;
      }
    }
    const isShorter = lines.length < before.length;
    this.#lines = lines;
    this.#columns = columns;
    if (drawn === "" && !isShorter) return "";
    return WRAP_OFF + up(before.length) + drawn + down(unchanged) + (isShorter ? CLEAR_BELOW : "") + WRAP_ON;
  }
}
