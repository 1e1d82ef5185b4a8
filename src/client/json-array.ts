import { ByteBuffer } from "./byte-buffer.js";
import { checkStructure, parseJson } from "./json.js";
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./json-bytes.js";
import { NO_SECRETS, type SecretMask } from "./secret-mask.js";

/**
 * Cuts a JSON array between its elements while it arrives in chunks, so that a list of a million tasks needs the memory of a few
 * hundred. This only finds where to cut; `JSON.parse` reads what is between the cuts, and decides whether it is valid.
 */

/** No task is as large. Without a limit, an endless answer would fill the memory. */
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;

/** Usually, a few thousand bytes are parsed at once. Only more than this is checked first. */
const MAX_UNCHECKED_BYTES = 256 * 1024;

/** How much of a wrong answer a message quotes. */
const MAX_QUOTED_CHARACTERS = 40;

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Yields arrays of the elements that a chunk completed, so that many elements take one turn of the event loop. */
export async function* readJsonArray(
  chunks: AsyncIterable<Uint8Array>,
  mask: SecretMask = NO_SECRETS,
): AsyncGenerator<unknown[]> {
  const cutter = new Cutter(mask);
  for await (const chunk of chunks) {
    const elements = cutter.add(chunk);
    if (elements.length > 0) yield elements;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

const EMPTY = Buffer.alloc(0);

class Cutter {
  readonly #mask: SecretMask;
  /** The bytes since the last cut. */
  #pending: Buffer = EMPTY;
  /** Holds the pending bytes if they came in more than one chunk. */
  #buffer: ByteBuffer | undefined;
  /** How many of the pending bytes were scanned, and the state of the scan. */
  #position = 0;
  #depth = 0;
  #inString = false;
  #state: "before" | "inside" | "after" = "before";
  /** Whether the last cut was at a comma. */
  #followsComma = false;
  /** Found at the first comma between elements; `null` once it has led to a wrong cut. */
  #border: Border | null | undefined;

  constructor(mask: SecretMask) {
    this.#mask = mask;
  }

  /** @returns the elements that this chunk completed */
  add(chunk: Uint8Array): unknown[] {
    const searched = this.#pending.length;
    this.#append(chunk);
    const isLearning = this.#border === undefined;
    let elements = this.#atBorder(searched) ?? this.#scanned();
    if (isLearning && this.#border) elements = [...elements, ...(this.#atBorder(0) ?? this.#scanned())];
    if (this.#pending.length > MAX_ELEMENT_BYTES) {
      throw new SyntaxError("one element of the JSON array is too long");
    }
    return elements;
  }

  #append(chunk: Uint8Array): void {
    if (this.#pending.length === 0) {
      this.#pending = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#buffer = undefined;
      return;
    }
    if (this.#buffer === undefined) {
      this.#buffer = new ByteBuffer();
      this.#buffer.append(this.#pending);
    } else this.#buffer.drop(this.#buffer.length - this.#pending.length);
    this.#buffer.append(chunk);
    this.#pending = this.#buffer.view;
  }

  /** @returns the last elements */
  end(): unknown[] {
    const elements = this.#scanned();
    if (this.#state === "before") throw new SyntaxError("the answer is empty");
    if (this.#state === "inside") throw new SyntaxError("the answer ends in the middle of the JSON array");
    return elements;
  }

  /**
   * Cuts at the last place that has the bytes of the border, which takes a tenth of the time of a scan. If that place is inside an
   * element or a string, the bytes before it are no whole elements, and `JSON.parse` fails.
   * @param searched - how many of the pending bytes were searched before
   * @returns `undefined` if a scan must find the cut
   */
  #atBorder(searched: number): unknown[] | undefined {
    if (!this.#border) return undefined;
    const { bytes, comma } = this.#border;
    const from = Math.max(0, searched - bytes.length);
    const found = this.#pending.subarray(from).lastIndexOf(bytes);
    // Perhaps only the first two elements were separated like this. Then more and more bytes would wait for a border.
    if (found === -1) return this.#pending.length > MAX_UNCHECKED_BYTES ? undefined : [];
    const cut = from + found + comma;
    let elements: unknown[];
    try {
      elements = this.#parse(0, cut);
    } catch {
      this.#border = null;
      return undefined;
    }
    this.#pending = this.#pending.subarray(cut + 1);
    this.#position = 0;
    this.#depth = 0;
    this.#inString = false;
    return elements;
  }

  /** Scans the bytes that were not scanned before; if no border is known, only up to the first one. */
  #scanned(): unknown[] {
    const pending = this.#pending;
    const end = pending.length;
    let start = 0;
    // The index of the last comma between elements, or of the bracket that ends the array.
    let cut = -1;
    let position = this.#position;
    let depth = this.#depth;
    let inString = this.#inString;
    for (; position < end; position++) {
      const byte = pending[position] as number;
      if (inString) {
        // The escaped byte may be in the next chunk; the scan continues after it.
        if (byte === BACKSLASH) position++;
        else if (byte === QUOTE) inString = false;
      } else if (this.#state === "inside") {
        if (byte === QUOTE) inString = true;
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
        else if (depth > 0) {
          if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
        } else if (byte === COMMA) {
          cut = position;
          if (this.#border === undefined) {
            this.#border = borderAt(pending, cut);
            if (this.#border !== undefined) {
              position++;
              break;
            }
          }
        } else if (byte === CLOSE_BRACKET) {
          cut = position;
          this.#state = "after";
        }
      } else if (this.#state === "before" && byte === OPEN_BRACKET) {
        this.#state = "inside";
        start = position + 1;
      } else if (!isSpace(byte)) {
        const came = JSON.stringify(this.#mask.quote(pending.subarray(position), MAX_QUOTED_CHARACTERS));
        throw new SyntaxError(
          this.#state === "before" ? `expected a JSON array, not ${came}` : `${came} follows the end of the JSON array`,
        );
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    let elements: unknown[] = [];
    if (cut !== -1) {
      elements = this.#parse(start, cut);
      start = cut + 1;
    }
    if (this.#state !== "inside") start = end;
    this.#pending = pending.subarray(start);
    this.#position = position - start;
    return elements;
  }

  #parse(start: number, cut: number): unknown[] {
    if (cut - start > MAX_UNCHECKED_BYTES) checkStructure(this.#pending.subarray(start, cut));
    const elements = parseJson(`[${this.#pending.toString("utf8", start, cut)}]`, this.#mask) as unknown[];
    // `[]` is valid JSON, but here it means that an element is missing, unless the whole array is empty.
    if (elements.length === 0 && (this.#state === "inside" || this.#followsComma)) {
      throw new SyntaxError("an element of the JSON array is missing");
    }
    this.#followsComma = this.#state === "inside";
    return elements;
  }
}

/** The bytes between two elements: the end of an object, a comma, the start of the next object and its first key. */
interface Border {
  readonly bytes: Buffer;
  /** The index of the comma. */
  readonly comma: number;
}

/** @param cut - the index of the comma */
function borderAt(pending: Buffer, cut: number): Border | undefined {
  let before = cut - 1;
  while (isSpace(pending[before])) before--;
  let after = cut + 1;
  while (isSpace(pending[after])) after++;
  if (pending[before] !== CLOSE_BRACE || pending[after] !== OPEN_BRACE) return undefined;
  const keyStart = pending.indexOf(QUOTE, after);
  const keyEnd = keyStart === -1 ? -1 : pending.indexOf(QUOTE, keyStart + 1);
  if (keyEnd === -1) return undefined;
  return { bytes: Buffer.from(pending.subarray(before, keyEnd + 1)), comma: cut - before };
}
