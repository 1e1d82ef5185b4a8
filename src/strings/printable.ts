/**
 * DEL, the C1 controls, noncharacters, and the invisible characters that reorder or hide text (bidirectional overrides,
 * zero-width characters, fillers, variation selectors).
 */
const BEYOND_C0 =
  "\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164" +
  "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff";

/** U+1BCA0 and on format shorthand, U+1D173 and on music; U+E0000 and on are tags. */
const BEYOND_BMP = "\\ud82f[\\udca0-\\udca3]|\\ud834[\\udd73-\\udd7a]|\\udb40[\\udc00-\\udfff]";

/** Characters of server strings that would act on a terminal instead of showing, or not show at all. */
const UNPRINTABLE = new RegExp(`[\\u0000-\\u001f${BEYOND_C0}]|${BEYOND_BMP}`, "g");
/** Those of one code unit that JSON lets stand in a string as they are. */
export const UNPRINTABLE_IN_JSON = new RegExp(`[${BEYOND_C0}]`, "g");
const PLAIN_ASCII = /^[\u0020-\u007e]*$/;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The text with every character that could drive a terminal written as an escape, e.g. `\x1b` (nodetool-tasks, difference 2). */
export function printable(text: string): string {
  return PLAIN_ASCII.test(text) ? text : text.replace(UNPRINTABLE, escapeCharacter);
}

/** Longer than what a person reads of one message. */
const MAX_MESSAGE_LINE = 4000;

/** A message for a person, without the rest of lines that a server made endless. */
export function withoutEndlessLines(text: string): string {
  if (text.length <= MAX_MESSAGE_LINE) return text;
  return text
    .split("\n")
    .map((line) => (line.length <= MAX_MESSAGE_LINE ? line : `${line.slice(0, MAX_MESSAGE_LINE)}...`))
    .join("\n");
}

/** How many characters (code points) a text has: the width by which nodetool pads. */
export function characterCount(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** In another encoding, a byte of UTF-8 can be a control character: 0x9b of `ś` starts an escape sequence in Latin 1. */
export function ascii(value: string): string {
  return printable(value).replace(/[^\u0020-\u007e]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code <= 0xff
      ? `\\x${code.toString(16)}`
      : `\\u${code > 0xffff ? `{${code.toString(16)}}` : code.toString(16).padStart(4, "0")}`;
  });
}
