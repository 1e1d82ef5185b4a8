import { cellWidth, wrapCells } from "./cell-width.js";
import type { ViewOptions } from "./view-options.js";

/** A name with its value, as printable lines. */
export interface LabelledValue {
  readonly name: string;
  readonly lines: readonly string[];
  readonly paint?: (line: string) => string;
}

export interface Group {
  readonly title: string;
  readonly entries: readonly LabelledValue[];
}

/** An id takes 36 cells and must never be broken: if it does not fit beside the name, values go below. */
const ID_CELLS = 36;
const INDENT = "  ";

/** Groups of names and values, aligned. Long values go below their name. Empty groups are left out. */
export function labelledGroups(groups: readonly Group[], options: ViewOptions): string {
  const { style, columns, wide } = options;
  const shown = groups.filter(({ entries }) => entries.length > 0);
  let nameCells = 0;
  for (const { entries } of shown) {
    for (const { name } of entries) nameCells = Math.max(nameCells, cellWidth(name));
  }
  const besideCells = columns - nameCells - 2 * INDENT.length;
  const isStacked = besideCells < ID_CELLS;
  const stackedCells = columns - 2 * INDENT.length;
  const room = wide ? Number.MAX_SAFE_INTEGER : isStacked ? stackedCells : besideCells;
  return shown
    .map(({ title, entries }) => {
      const cells = entries.map(({ name, lines, paint = (line: string) => line }): [string, string[]] => {
        const label = INDENT + style.paint("quiet", name);
        const values = lines.flatMap((line) => wrapCells(line, room)).map(paint);
        if (isStacked) return [label, values.map((value) => INDENT + INDENT + value)];
        return [label + " ".repeat(nameCells - cellWidth(name) + INDENT.length), values];
      });
      const text = isStacked ? stacked(cells) : beside(cells, nameCells + 2 * INDENT.length);
      return `${style.paint("title", title)}\n${text}\n`;
    })
    .join("\n");
}

function stacked(cells: readonly [string, string[]][]): string {
  return cells.flatMap(([label, values]) => [label, ...values.map((value) => value.trimEnd())]).join("\n");
}

function beside(cells: readonly [string, string[]][], labelCells: number): string {
  const margin = " ".repeat(labelCells);
  return cells
    .flatMap(([label, values]) => values.map((value, line) => ((line === 0 ? label : margin) + value).trimEnd()))
    .join("\n");
}

/** A field in one line; nothing if the field is empty. */
export function entry({ style }: ViewOptions, name: string, value: unknown): LabelledValue[] {
  if (value === undefined || value === null || value === "") return [];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return [{ name: style.text(name), lines: [style.text(text)] }];
}
