import type { Report } from "../reports/report.js";
import { jsonText } from "../text/json-text.js";
import { begun, type Pieces } from "../text/pieces.js";

/**
 * One JSON document, indented by two spaces: the row itself, or an array of all rows. For many nodes, an object with what the
 * report says about all rows, the rows, and the nodes' errors.
 */
export async function* json<T>(report: Report<T>): Pieces {
  const { key } = report;
  if (key === undefined) {
    yield* value(report, "");
    yield "\n";
    return;
  }
  const rows = await begun(value(report, "  "));
  yield "{\n";
  for (const [name, value] of Object.entries(report.about?.() ?? {})) {
    yield `  ${jsonText(name)}: ${indented(value, "  ")},\n`;
  }
  yield `  ${jsonText(key)}: `;
  yield* rows;
  yield `,\n  "errors": ${indented(report.errors?.() ?? [], "  ")}\n}\n`;
}

async function* value<T>(report: Report<T>, indent: string): AsyncGenerator<string> {
  if (report.shape === "one") {
    for await (const batch of report.rows) for (const row of batch) yield indented(report.record(row), indent);
    return;
  }
  let before = "[\n";
  for await (const batch of report.rows) {
    if (batch.length === 0) continue;
    // The brackets of each batch's array are cut off, so that the batches join into one array.
    const records = batch.map(report.record);
    yield before + (indent === "" ? jsonText(records, 2).slice(2, -2) : jsonText([records], 2).slice(6, -6));
    before = ",\n";
  }
  yield before === "[\n" ? "[]" : `\n${indent}]`;
}

function indented(value: unknown, indent: string): string {
  const text = jsonText(value, 2);
  return indent === "" ? text : text.replaceAll("\n", `\n${indent}`);
}
