import { wrapCells } from "./cell-width.js";
import type { Style } from "./style.js";
import type { ViewOptions } from "./view-options.js";

/** Text in which `±` is replaced if the terminal cannot show it. */
export const withinShown = (text: string, style: Style): string =>
  style.text(style.text("±") === "±" ? text : text.replaceAll("±", "+/-"));

/** Sentences above a table. The first is its title. */
export function* sentenceLines(
  sentences: readonly string[],
  { style, columns, wide }: Pick<ViewOptions, "style" | "columns" | "wide">,
): Generator<string> {
  for (const [index, sentence] of sentences.entries()) {
    const text = withinShown(sentence, style);
    for (const line of wide ? [text] : wrapCells(text, columns)) {
      yield `${index === 0 ? style.paint("title", line) : line}\n`;
    }
  }
}
