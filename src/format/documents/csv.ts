import { fieldOf } from "../../tasks/record.js";
import type { Report } from "../reports/report.js";
import { jsonText } from "../text/json-text.js";
import type { TableOptions } from "../text/padded-table.js";
import type { Pieces } from "../text/pieces.js";

const LINE_END = "\r\n";
const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f";
const MUST_BE_QUOTED = new RegExp(`[",${CONTROLS}]`);

/** RFC 4180: a header, then one line per row, as rows arrive. */
export async function* csv<T>(report: Report<T>, { header }: TableOptions): Pieces {
  const { fields } = report;
  if (header) yield csvLine(fields, (title) => title);
  for await (const batch of report.rows) {
    let piece = "";
    for (const row of batch) {
      const record = report.record(row);
      piece += csvLine(fields, (field) => fieldOf(record, field));
    }
    if (piece !== "") yield piece;
  }
}

function csvLine(fields: readonly string[], read: (field: string) => unknown): string {
  let line = "";
  for (let index = 0; index < fields.length; index++) {
    if (index > 0) line += ",";
    line += cell(read(fields[index] as string));
  }
  // A line with a single empty value would be an empty line, which readers skip.
  return line === "" ? `""${LINE_END}` : line + LINE_END;
}

/** `null` is empty; arrays and objects are JSON. */
function cell(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  // Most tasks of a tree have no children.
  if (Array.isArray(value) && value.length === 0) return "[]";
  return quoted(jsonText(value));
}

/** Control characters are kept, so that a reader gets exactly what the server sent. */
function quoted(text: string): string {
  return MUST_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
