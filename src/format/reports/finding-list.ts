import { printable } from "../../strings/printable.js";
import { batchOf, collectRows, type Report } from "./report.js";

/** What one check of `doctor` found. */
interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  /** What to do about it; empty where nothing needs to be done. */
  readonly advice: string;
}

/** Findings of `doctor`: a line each, and what to do about it below. */
export function findingList(findings: readonly Finding[]): Report<Finding> {
  return {
    rows: batchOf(...findings),
    shape: "many",
    fields: ["check", "result", "detail", "advice"],
    record: (finding) => finding,
    async *table(batches) {
      for (const { check, result, detail, advice } of await collectRows(batches)) {
        yield `${result.padEnd(5)} ${check.padEnd(8)} ${printable(detail)}\n`;
        if (advice !== "") yield `${" ".repeat(15)}-> ${printable(advice)}\n`;
      }
    },
  };
}
