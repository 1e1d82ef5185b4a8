import { eastAsianWidth } from "get-east-asian-width";

const PLAIN_ASCII = /^[\u0020-\u007e]*$/;
/** Characters that are drawn onto the one before, also vowels and finals of decomposed Hangul; not spacing marks. */
const COMBINING = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb]$/u;

/** Texts repeat from row to row (names of tables, types of tasks), and measuring one takes microseconds. So widths are cached. */
const MAX_REMEMBERED = 10_000;
/** A longer text is probably unique, and caching it would only cost memory. */
const LONGEST_REMEMBERED = 200;
const widths = new Map<string, number>();

/** The width of a printable text, in terminal cells. */
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

/** Pads a text with spaces to a number of cells. */
export function padCells(text: string, cells: number): string {
  const missing = cells - cellWidth(text);
  return missing > 0 ? text + " ".repeat(missing) : text;
}

/** Cuts a text to a number of cells, with an ellipsis (one cell wide) at the end. */
export function cutCells(text: string, cells: number, ellipsis: string): string {
  if (cellWidth(text) <= cells) return text;
  if (cells <= 0) return "";
  return headOf(text, cells - 1) + ellipsis;
}

/** As {@link cutCells}, but cuts the middle: often the ends tell names apart. */
export function cutMiddle(text: string, cells: number, ellipsis: string): string {
  if (cellWidth(text) <= cells) return text;
  if (cells <= 2) return cutCells(text, cells, ellipsis);
  const tail = tailOf(text, Math.floor((cells - 1) / 2));
  return headOf(text, cells - 1 - cellWidth(tail)) + ellipsis + tail;
}

/** The end of a text, as much as fits into the cells. A combining character stays with its base. */
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

/** The start of a text, as much as fits into the cells. A wide character is not split. */
export function headOf(text: string, cells: number): string {
  // Only the part of a long text that is needed is looked at. The character after it may be a combining one.
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

/** Wraps a text at spaces into lines of at most this many cells. A longer word is split. */
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
