/** Moves the cursor, and clears what was there. */
const up = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}A\r`);
/** Before the line is written: after a line that fills the width, the cursor still stands on its last character. */
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** A line that is too long must not become two: the next frame would start at the wrong line. */
const WRAP_OFF = "\u001b[?7l";
const WRAP_ON = "\u001b[?7h";

/** Draws texts over each other, each where the one before it was. */
export class Frames {
  #height = 0;

  /**
   * What to write so that the text stands where the last one did.
   * @param rows lines of the terminal; a text that is to be drawn over must not be higher
   * @param isLast leaves the whole text, however high
   */
  draw(text: string, rows: number, isLast: boolean, more: (lines: number) => string): string {
    let lines = text.split("\n").slice(0, -1);
    const room = Math.max(1, rows - 1);
    if (!isLast && lines.length > room) {
      lines = [...lines.slice(0, room - 1), more(lines.length - room + 1)];
    }
    const start = up(this.#height);
    this.#height = lines.length;
    return WRAP_OFF + start + lines.map((line) => `${CLEAR_LINE}${line}\n`).join("") + CLEAR_BELOW + WRAP_ON;
  }
}
