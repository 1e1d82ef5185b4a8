import { printable } from "../../strings/printable.js";
import { fieldOf } from "../../tasks/record.js";
import type { Report } from "../reports/report.js";
import type { Pieces } from "../text/pieces.js";
import type { WriterOptions } from "./writer.js";

/** Fields that can name a row, the best first. */
const NAMING_FIELDS = ["task_id", "id", "module", "name", "option", "check", "lane", "node"];

/** A name that is safe as an argument of another command: one word, and not an option. */
const ONE_WORD = /^[^-\s\p{C}][^\s\p{C}]*$/u;
const ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const NO_OPTION = /^(?!-)/;

/** What a name must look like, by the last part of its field, so that a server's string cannot be an option of the next command. */
const FORMS: Readonly<Record<string, RegExp>> = {
  id: ID,
  task_id: ID,
  parent_id: ID,
  module: ONE_WORD,
  node: ONE_WORD,
  entity_node: ONE_WORD,
  keyspace: ONE_WORD,
  table: ONE_WORD,
};

/**
 * Only the name of each row, one per line, as arguments for another program. If fields were requested and none of them is a name,
 * the first one is used. A name that another command could misread is left out and reported.
 */
export async function* names<T>(report: Report<T>, { leaveOut }: WriterOptions): Pieces {
  const { fields } = report;
  const naming = NAMING_FIELDS.find((field) => fields.includes(field)) ?? fields[0] ?? "";
  const lastPart = naming.slice(naming.lastIndexOf(".") + 1);
  const form = Object.hasOwn(FORMS, lastPart) ? (FORMS[lastPart] as RegExp) : NO_OPTION;
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
