import { cutCells } from "./cell-width.js";
import type { ViewOptions } from "./view-options.js";

/** Maximum of nodes that are named; if there are more, they are counted. */
const MAX_NAMED = 3;

/** Lines above a view that is refreshed: which nodes did not answer this time. */
export function unansweredLines(
  errors: readonly { readonly node: string; readonly reason: string }[],
  { style, columns }: ViewOptions,
): string {
  const lines = errors.slice(0, MAX_NAMED).map(({ node, reason }) => `no answer from node ${node}: ${reason}`);
  if (errors.length > lines.length) lines.push(`no answer from ${errors.length - lines.length} more nodes`);
  const { ellipsis } = style.glyphs;
  return lines.map((line) => `${style.paint("error", cutCells(style.text(line), columns, ellipsis))}\n`).join("");
}

/** Lines above a view that is refreshed: when it was made and what is missing; none if neither is given. */
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
