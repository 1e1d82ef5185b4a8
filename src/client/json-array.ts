/**
 * Cuts a JSON array that arrives in chunks into its elements, so that a list of a million tasks needs the memory of one.
 * Only the cutting is done here: each element goes through `JSON.parse`, which stays the judge of what JSON is.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** No task is this large; without a limit, a server whose answer never ends would fill the memory. */
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Elements are handed on in arrays of the elements that one chunk completed: one turn of the event loop for many. */
export async function* readJsonArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown[]> {
  let pending: Buffer = Buffer.alloc(0);
  // Where the scan stands in `pending`, and the start of the element it is in.
  let position = 0;
  let depth = 0;
  let inString = false;
  let state: "before" | "inside" | "after" = "before";
  let expectElement = false;

  for await (const chunk of chunks) {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    pending = pending.length === 0 ? view : Buffer.concat([pending, view]);
    const elements: unknown[] = [];
    let elementStart = 0;
    const end = pending.length;
    while (position < end) {
      if (inString) {
        // Within a string only a quote matters; jumping to it is far faster than looking at each byte.
        const quote = pending.indexOf(QUOTE, position);
        if (quote === -1) {
          position = end;
          break;
        }
        let backslashes = 0;
        while (pending[quote - 1 - backslashes] === BACKSLASH) backslashes++;
        if (backslashes % 2 === 0) inString = false;
        position = quote + 1;
        continue;
      }
      const byte = pending[position] as number;
      if (state !== "inside") {
        if (state === "before" && byte === OPEN_BRACKET) {
          state = "inside";
          elementStart = position + 1;
        } else if (!isSpace(byte)) {
          throw new SyntaxError(
            state === "before" ? "a JSON array should start here" : "something follows the end of the JSON array",
          );
        }
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (depth > 0) {
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
      } else if (byte === COMMA || byte === CLOSE_BRACKET) {
        const text = pending.toString("utf8", elementStart, position);
        elementStart = position + 1;
        const empty = byte === CLOSE_BRACKET && !expectElement && text.trim() === "";
        if (!empty) elements.push(JSON.parse(text));
        expectElement = byte === COMMA;
        if (byte === CLOSE_BRACKET) state = "after";
      }
      position++;
    }
    if (end - elementStart > MAX_ELEMENT_BYTES)
      throw new SyntaxError("one element of the JSON array has no end in sight");
    const keepFrom = state === "inside" ? elementStart : end;
    pending = pending.subarray(keepFrom);
    position = end - keepFrom;
    if (elements.length > 0) yield elements;
  }
  if (state === "before") throw new SyntaxError("the answer is empty");
  if (state === "inside") throw new SyntaxError("the answer ends in the middle of the JSON array");
}
