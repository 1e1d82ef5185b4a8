/** Moves the cursor between lines that are there already; a line end at the last one would scroll. */
const up = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}A\r`);
const down = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}B\r`);
/** Before the line is written: after a line that fills the width, the cursor still stands on its last character. */
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** A line that is too long must not become two: the next frame would start at the wrong line. */
const WRAP_OFF = "\u001b[?7l";
const WRAP_ON = "\u001b[?7h";

/** The lines and cells of a terminal. */
interface Size {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Draws texts over each other, each where the one before it was. Only lines that changed are written again, so that nothing
 * flickers and a slow line carries little.
 */
export class Frames {
  /** What is on the terminal. */
  #lines: readonly string[] = [];
  #columns = 0;

  /**
   * What to write, in one piece, so that the text stands where the last one did; nothing where it is the same.
   * @param size a text that is to be drawn over must not be higher than the terminal
   * @param isLast leaves the whole text, however high
   */
  draw(text: string, { rows, columns }: Size, isLast: boolean, more: (lines: number) => string): string {
    let lines = text.split("\n").slice(0, -1);
    const room = Math.max(1, rows - 1);
    if (!isLast && lines.length > room) {
      lines = [...lines.slice(0, room - 1), more(lines.length - room + 1)];
    }
    const before = this.#lines;
    // A terminal of another width may have broken the lines anew.
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
