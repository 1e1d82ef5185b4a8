import type { Pieces, Report } from "./report.js";

/** One JSON document, indented by two spaces: the row itself, or an array of all rows. */
export async function* json<T>(report: Report<T>): Pieces {
  if (report.shape === "one") {
    for await (const batch of report.rows) {
      for (const row of batch) yield `${JSON.stringify(report.record(row), null, 2)}\n`;
    }
    return;
  }
  let before = "[\n";
  for await (const batch of report.rows) {
    if (batch.length === 0) continue;
    yield before + JSON.stringify(batch.map(report.record), null, 2).slice(2, -2);
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
