import { printable } from "../../strings/printable.js";
import { fieldOf } from "../../tasks/record.js";
import type { Report } from "../reports/report.js";
import type { Pieces } from "../text/pieces.js";
import type { WriterOptions } from "./writer.js";

/** Fields that name a row, the most telling first. */
const NAMING_FIELDS = ["task_id", "id", "module", "name", "option", "check", "lane", "node"];

/** What a server names, and another command takes as an argument: one word, and no option. */
const ONE_WORD = /^[^-\s\p{C}][^\s\p{C}]*$/u;
const ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const NO_OPTION = /^(?!-)/;

/** What a name must look like, by the last part of its field: a server's string must not become an option of the next command. */
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
 * Only what names each row, one a line, as arguments for another program. Where fields were asked for and none of them names
 * a row, the first one stands for it. A name that another command could take for something else is left out, and reported.
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

/** Of several values each has a line; what is absent has none. */
function namesIn(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return [typeof value === "object" ? JSON.stringify(value) : String(value)];
}
