/** A word of a command line that is being typed. */
export interface TypedWord {
  /** As the shell would pass it on; what it would evaluate is left as it is. */
  readonly text: string;
  /** The quote that is still open at its end. */
  readonly quote: "" | "'" | '"';
}

const BLANK = /[ \t\n]/;

/** Splits a line as bash does, and evaluates nothing. The last word is the one that is being typed: empty after a blank. */
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
      // Within double quotes, a backslash before anything else stands for itself.
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
 * What bash has to put in the place of `replaced` (the end of what was typed), so that the word becomes `value`, which begins
 * with it: what was typed stays, and the rest is added.
 * @returns nothing where the rest cannot be written within the quote that is open
 */
export function replacement(value: string, { text, quote }: TypedWord, replaced: string): string | undefined {
  const rest = value.slice(text.length);
  if (quote === "") return replaced + rest.replace(/[^\w@%+=:,./-]/gu, "\\$&");
  return (quote === "'" ? /'/ : /[$`"\\!]/).test(rest) ? undefined : replaced + rest;
}
