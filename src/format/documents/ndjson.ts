import type { Report } from "../reports/report.js";
import { escapeControls, jsonText } from "../text/json-text.js";
import type { Pieces } from "../text/pieces.js";

/** A JSON document a line for each row, as the rows come; errors of nodes, if there are any, are one last line. */
export async function* ndjson<T>(report: Report<T>): Pieces {
  for await (const batch of report.rows) {
    let piece = "";
    for (const row of batch) piece += `${JSON.stringify(report.record(row))}\n`;
    // Once for all rows of the batch: a search of a long text costs less than many of short ones.
    if (piece !== "") yield escapeControls(piece);
  }
  const errors = report.errors?.() ?? [];
  if (errors.length > 0) yield `${jsonText({ errors })}\n`;
}
