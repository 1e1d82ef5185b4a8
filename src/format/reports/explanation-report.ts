import { printable } from "../../strings/printable.js";
import type { Explanation, Failure } from "../../tasks/explanation.js";
import { failureDuration, failureTitle, stepText, summaryText } from "../text/explanation-text.js";
import { loadViews } from "./load-views.js";
import { batch, collectRows, type Report } from "./report.js";

export const FAILURE_FIELDS = [
  "id",
  "type",
  "kind",
  "scope",
  "error",
  "node",
  "shard",
  "keyspace",
  "table",
  "entity",
  "start_time",
  "end_time",
  "path",
];

/** The report of `tasks explain`: documents have the summary and the failures, rows only the failures. */
export function explanationReport(explanation: Explanation): Report<Failure> {
  const { root, taskCount, failedCount, failures } = explanation;
  const summary = summaryText(explanation);
  return {
    rows: batch(failures),
    shape: "many",
    fields: FAILURE_FIELDS,
    key: "failures",
    about: () => ({
      id: root?.id ?? null,
      state: root?.state ?? null,
      summary,
      task_count: taskCount,
      failed_count: failedCount,
    }),
    record: (failure) => failure,
    async *table(batches) {
      yield `${printable(summary)}\n`;
      let number = 0;
      for await (const batch of batches) for (const failure of batch) yield `\n${failureText(failure, ++number)}`;
    },
    async *view(batches, options) {
      const { explanationView } = await loadViews();
      yield* explanationView(summary, await collectRows(batches), options);
    },
  };
}

function failureText(failure: Failure, number: number): string {
  const { id, error, node, path, start_time, end_time } = failure;
  const lines = [
    ["id", id],
    ["error", error],
    ["node", node],
    ["path", path.map(stepText).join(" > ")],
    ["start_time", start_time],
    ["end_time", end_time],
    ["duration", failureDuration(failure)],
  ].filter(([, value]) => value !== null && value !== "");
  const text = lines.map(([name, value]) => `   ${name}: ${printable(value as string)}\n`).join("");
  return `${number}. ${printable(failureTitle(failure))}\n${text}`;
}
