/** A word of a command line that is being typed. */
export interface TypedWord {
  /** As the shell would pass it on, but without expansions. */
  readonly text: string;
  /** The quote that is still open at the end of the word. */
  readonly quote: "" | "'" | '"';
}

const BLANK = /[ \t\n]/;

/**
 * Splits a line as bash does, without evaluating anything. The last word is the one that is being typed; after a blank it is empty.
 */
export function splitLine(line: string): TypedWord[] {
  const words: TypedWord[] = [];
  let [text, quote] = ["", "" as TypedWord["quote"]];
  let hasBegun = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index] as string;
    if (quote === "" && BLANK.test(character)) {
      if (hasBegun) words.push({ text, quote });
      [text, hasBegun] = ["", false];
      continue;
    }
    hasBegun = true;
    const next = line[index + 1];
    if (character === "\\" && quote !== "'" && next !== undefined) {
      // Within double quotes, a backslash before any other character is literal.
      const isEscape = quote === "" || /[$`"\\]/.test(next);
      text += isEscape ? next : character + next;
      index++;
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else text += character;
  }
  words.push({ text, quote });
  return words;
}

/**
 * What bash has to insert in place of `replaced` (the end of the typed text), so that the word becomes `value`, which begins with
 * it: the typed text stays, and the rest is added.
 * @returns `undefined` if the rest cannot be written within the open quote
 */
export function replacement(value: string, { text, quote }: TypedWord, replaced: string): string | undefined {
  const rest = value.slice(text.length);
  if (quote === "") return replaced + rest.replace(/[^\w@%+=:,./-]/gu, "\\$&");
  return (quote === "'" ? /'/ : /[$`"\\!]/).test(rest) ? undefined : replaced + rest;
}
