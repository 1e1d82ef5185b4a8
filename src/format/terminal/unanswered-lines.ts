import { cutCells } from "./cell-width.js";
import type { ViewOptions } from "./view-options.js";

/** Nodes that are named one by one; of more, how many they are. */
const MAX_NAMED = 3;

/** What stands above a view that is drawn again and again: who did not answer this time. */
export function unansweredLines(
  errors: readonly { readonly node: string; readonly reason: string }[],
  { style, columns }: ViewOptions,
): string {
  const lines = errors.slice(0, MAX_NAMED).map(({ node, reason }) => `no answer from node ${node}: ${reason}`);
  if (errors.length > lines.length) lines.push(`no answer from ${errors.length - lines.length} more nodes`);
  const { ellipsis } = style.glyphs;
  return lines.map((line) => `${style.paint("error", cutCells(style.text(line), columns, ellipsis))}\n`).join("");
}

/** What stands above a view that is kept up to date: when it was made, and what is missing of it; nothing where neither is given. */
export function watchLines(
  {
    isLast,
    headline,
    missing = [],
  }: { readonly isLast: boolean; readonly headline?: string; readonly missing?: readonly string[] },
  { style, columns }: ViewOptions,
): string {
  const { ellipsis } = style.glyphs;
  const cut = (text: string) => cutCells(style.text(text), columns, ellipsis);
  const first = headline === undefined ? "" : `${style.paint("quiet", cut(headline))}\n`;
  if (isLast) return first;
  return (
    first +
    missing
      .slice(0, MAX_NAMED)
      .map((text) => `${style.paint("error", cut(text))}\n`)
      .join("")
  );
}
