import Table from "cli-table3";
import type { Pieces } from "../text/pieces.js";
import { wrapCells } from "./cell-width.js";
import type { Role } from "./style.js";
import type { ViewOptions } from "./view-options.js";

/** The result of one check of `doctor`. */
export interface FindingRow {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  /** What to do about it; empty if there is nothing to do. */
  readonly advice: string;
}

const LOOKS: Readonly<Record<string, { readonly state: string; readonly role: Role }>> = {
  ok: { state: "done", role: "state:done" },
  note: { state: "created", role: "quiet" },
  wrong: { state: "failed", role: "state:failed" },
};
const FIRST_COLUMNS_CELLS = 19;
/** A detail may quote a server, and cli-table3 is slow with long cells. */
const MOST_OF_A_DETAIL = 2000;

const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"])
    .map((name) => [name, name === "middle" ? "  " : ""]),
);

/**
 * Findings as a table: one row per check, with the advice below the finding. There are only as many rows as checks, so cli-table3,
 * which is slow with many rows, can be used.
 */
export async function* findingsView(findings: readonly FindingRow[], options: ViewOptions): Pieces {
  const { style, columns, wide } = options;
  const room = wide ? Number.MAX_SAFE_INTEGER : Math.max(columns - FIRST_COLUMNS_CELLS, 20);
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  for (const { check, result, detail, advice } of findings) {
    const { state, role } = LOOKS[result] ?? { state: "", role: "quiet" };
    const found = wrapCells(style.text(detail.slice(0, MOST_OF_A_DETAIL)), room);
    const next = advice === "" ? [] : wrapCells(`${style.glyphs.arrow} ${style.text(advice)}`, room);
    table.push([
      style.paint(role, `${style.stateGlyph(state)} ${result}`),
      check,
      [...found, ...next.map((line) => style.paint("title", line))].join("\n"),
    ]);
  }
  yield `${table.toString().replace(/ +$/gm, "")}\n`;
}
