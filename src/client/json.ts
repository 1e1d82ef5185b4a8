import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./json-bytes.js";
import type { SecretMask } from "./secret-mask.js";
import { MAX_DEPTH } from "./wire.js";

/** More than any answer of the API has. `JSON.parse` needs up to a hundred bytes for each. */
const MAX_VALUES = 2_000_000;

/**
 * Checks JSON before it is parsed: 60 MB of brackets would become gigabytes of arrays.
 * @throws SyntaxError if it is nested too deep or has too many values
 */
export function checkStructure(json: Uint8Array): void {
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let position = 0; position < json.length; position++) {
    const byte = json[position];
    if (inString) {
      if (byte === BACKSLASH) position++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA) values++;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      values++;
      depth++;
      if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested more than ${MAX_DEPTH} levels deep`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  if (values > MAX_VALUES) throw new SyntaxError(`it has more than ${MAX_VALUES} values in one`);
}

/** In a longer text, a fault is not located. */
const MAX_SEARCHED_CHARACTERS = 64 * 1024;

/**
 * Masks secrets in JSON, and parses it. The message of V8 quotes ten characters on both sides of a fault, which could be half of a
 * secret. So the quoted characters come from the masked text, or are left out.
 * @throws SyntaxError
 */
export function parseJson(json: string, mask: SecretMask): unknown {
  try {
    return JSON.parse(mask.cleanData(json));
  } catch (error) {
    const reason = (error as Error).message;
    throw new SyntaxError(mask.isEmpty ? reason : reasonWithout(json, reason, mask));
  }
}

function reasonWithout(json: string, reason: string, mask: SecretMask): string {
  if (json.length <= MAX_SEARCHED_CHARACTERS) {
    try {
      JSON.parse(mask.cleanCutOff(json));
    } catch (error) {
      return (error as Error).message;
    }
  }
  return reason.replace(/^(Unexpected token '.').*$/su, "$1");
}
