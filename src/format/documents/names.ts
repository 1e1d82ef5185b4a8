import { printable } from "../../strings/printable.js";
import { fieldOf } from "../../tasks/record.js";
import type { Report } from "../reports/report.js";
import type { Pieces } from "../text/pieces.js";

/** Fields that name a row, the most telling first. */
const NAMING_FIELDS = ["task_id", "id", "module", "name", "option", "check", "node"];

/**
 * Only what names each row, one a line, as arguments for another program. Where fields were picked and none of them names
 * a row, the first one stands for it.
 */
export async function* names<T>(report: Report<T>): Pieces {
  const { fields } = report;
  const naming = NAMING_FIELDS.find((field) => fields.includes(field)) ?? fields[0] ?? "";
  for await (const batch of report.rows) {
    let piece = "";
    for (const row of batch) for (const name of namesIn(fieldOf(report.record(row), naming))) piece += `${name}\n`;
    if (piece !== "") yield piece;
  }
}

/** Of several values each has a line; what is absent has none. */
function namesIn(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return [printable(typeof value === "string" ? value : JSON.stringify(value))];
}
