import type { Report } from "../reports/report.js";
import { escapeControls, jsonText } from "../text/json-text.js";
import type { Pieces } from "../text/pieces.js";

/** One JSON document per row and line, as rows arrive. Errors of nodes, if any, are the last line. */
export async function* ndjson<T>(report: Report<T>): Pieces {
  for await (const batch of report.rows) {
    let piece = "";
    for (const row of batch) piece += `${JSON.stringify(report.record(row))}\n`;
    // Escaped once per batch: searching one long text is faster than many short ones.
    if (piece !== "") yield escapeControls(piece);
  }
  const errors = report.errors?.() ?? [];
  if (errors.length > 0) yield `${jsonText({ errors })}\n`;
}
