import { printable } from "../../strings/printable.js";
import { fieldOf } from "../../tasks/record.js";
import type { Report } from "../reports/report.js";
import type { Pieces } from "../text/pieces.js";
import type { WriterOptions } from "./writer.js";

/** Fields that can name a row, the best first. */
const NAMING_FIELDS = ["task_id", "id", "module", "name", "option", "check", "lane", "node"];

const IDS = new Set(["id", "task_id", "parent_id"]);
const WORDS = new Set(["module", "node", "entity_node", "keyspace", "table"]);
const ENDS_A_WORD = "\\s\\p{C}";

/**
 * What a name must look like, by the last part of its field, so that a server's string cannot be an option of the next command,
 * or more than one argument.
 */
function formOf(field: string): RegExp {
  if (IDS.has(field)) return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
  // Not a literal: V8 would load tables of Unicode for it in each run that only reads this file.
  if (WORDS.has(field)) return new RegExp(`^[^-${ENDS_A_WORD}][^${ENDS_A_WORD}]*$`, "u");
  return /^(?!-)/;
}

/**
 * Only the name of each row, one per line, as arguments for another program. If fields were requested and none of them is a name,
 * the first one is used. A name that another command could misread is left out and reported.
 */
export async function* names<T>(report: Report<T>, { leaveOut }: WriterOptions): Pieces {
  const { fields } = report;
  const naming = NAMING_FIELDS.find((field) => fields.includes(field)) ?? fields[0] ?? "";
  const form = formOf(naming.slice(naming.lastIndexOf(".") + 1));
  for await (const batch of report.rows) {
    let piece = "";
    for (const row of batch) {
      for (const name of namesIn(fieldOf(report.record(row), naming))) {
        if (form.test(name)) piece += `${printable(name)}\n`;
        else leaveOut(name);
      }
    }
    if (piece !== "") yield piece;
  }
}

/** An array gives one line per value, and a missing value none. */
function namesIn(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return [typeof value === "object" ? JSON.stringify(value) : String(value)];
}
