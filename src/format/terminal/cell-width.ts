import { eastAsianWidth } from "get-east-asian-width";

const PLAIN_ASCII = /^[\u0020-\u007e]*$/;
/** Drawn onto the character before it; the vowels and finals of decomposed Hangul too, but no spacing mark. */
const COMBINING = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb]$/u;

/** Texts repeat from row to row (names of tables, types of tasks), and measuring one takes microseconds. */
const MAX_REMEMBERED = 10_000;
/** A longer one does not repeat, and would be kept for nothing. */
const LONGEST_REMEMBERED = 200;
const widths = new Map<string, number>();

/** How many cells of a terminal a printable text takes. */
export function cellWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  if (text.length > LONGEST_REMEMBERED) return sumOfWidths(text);
  let width = widths.get(text);
  if (width === undefined) {
    width = sumOfWidths(text);
    if (widths.size >= MAX_REMEMBERED) widths.clear();
    widths.set(text, width);
  }
  return width;
}

function sumOfWidths(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  return COMBINING.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) as number);
}

/** The text with spaces behind it, up to a number of cells. */
export function padCells(text: string, cells: number): string {
  const missing = cells - cellWidth(text);
  return missing > 0 ? text + " ".repeat(missing) : text;
}

/** The text, cut to a number of cells with an ellipsis (of one cell) in place of what is lost. */
export function cutCells(text: string, cells: number, ellipsis: string): string {
  if (cellWidth(text) <= cells) return text;
  if (cells <= 0) return "";
  return headOf(text, cells - 1) + ellipsis;
}

/** As {@link cutCells}, but what is lost is the middle: ends often tell names apart. */
export function cutMiddle(text: string, cells: number, ellipsis: string): string {
  if (cellWidth(text) <= cells) return text;
  if (cells <= 2) return cutCells(text, cells, ellipsis);
  const tail = tailOf(text, Math.floor((cells - 1) / 2));
  return headOf(text, cells - 1 - cellWidth(tail)) + ellipsis + tail;
}

/** As much of the end as fits into so many cells; what is drawn onto a character stays with it. */
function tailOf(text: string, cells: number): string {
  if (PLAIN_ASCII.test(text.slice(-cells))) return text.slice(-cells);
  const characters = [...text.slice(-4 * cells)];
  let tail = "";
  let left = cells;
  let pending = "";
  for (const character of characters.reverse()) {
    const width = characterWidth(character);
    pending = character + pending;
    if (width === 0) continue;
    left -= width;
    if (left < 0) break;
    tail = pending + tail;
    pending = "";
  }
  return tail;
}

/** As much of the beginning as fits into so many cells; a wide character is not halved. */
export function headOf(text: string, cells: number): string {
  // No more of a long text is looked at than is taken. The character behind it may be drawn onto the last.
  if (PLAIN_ASCII.test(text.slice(0, cells + 1))) return text.slice(0, cells);
  let head = "";
  let left = cells;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    head += character;
  }
  return head;
}

/** Breaks a text at its spaces into lines of so many cells at most; a longer word is broken where it must be. */
export function wrapCells(text: string, cells: number): string[] {
  const room = Math.max(cells, 2);
  const lines: string[] = [];
  let line = "";
  let lineWidth = 0;
  for (let word of text.split(" ")) {
    let width = cellWidth(word);
    if (line !== "" && lineWidth + 1 + width <= room) {
      line += ` ${word}`;
      lineWidth += 1 + width;
      continue;
    }
    if (line !== "") lines.push(line);
    while (width > room) {
      const head = headOf(word, room);
      lines.push(head);
      word = word.slice(head.length);
      width -= cellWidth(head);
    }
    line = word;
    lineWidth = width;
  }
  lines.push(line);
  return lines;
}
