import { printable } from "../../strings/printable.js";
import type { FindingRow } from "../terminal/findings-view.js";
import { loadViews } from "./load-views.js";
import { batch, collectRows, type Report } from "./report.js";

/** The findings of `doctor`: one line each, with the advice below it. */
export function findingList(findings: readonly FindingRow[]): Report<FindingRow> {
  return {
    rows: batch(findings),
    shape: "many",
    fields: ["check", "result", "detail", "advice"],
    record: (finding) => finding,
    async *table(batches) {
      for (const { check, result, detail, advice } of await collectRows(batches)) {
        yield `${result.padEnd(5)} ${check.padEnd(8)} ${printable(detail)}\n`;
        if (advice !== "") yield `${" ".repeat(15)}-> ${printable(advice)}\n`;
      }
    },
    async *view(batches, options) {
      const { findingsView } = await loadViews();
      yield* findingsView(await collectRows(batches), options);
    },
  };
}
