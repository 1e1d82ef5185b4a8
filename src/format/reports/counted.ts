import type { Batches, Report } from "./report.js";

/** How many rows there are, in their place; for many nodes beside the errors of those that did not answer. */
export function countRows(report: Report): Report<number> {
  const { rows, errors } = report;
  return {
    rows: counted(rows),
    shape: "one",
    fields: ["count"],
    record: (count) => (report.key === undefined ? { count } : { count, errors: errors?.() ?? [] }),
    async *plain(batches) {
      for await (const batch of batches) for (const count of batch) yield `${count}\n`;
    },
  };
}

async function* counted(batches: Batches<unknown>): AsyncGenerator<[number]> {
  let count = 0;
  for await (const batch of batches) count += batch.length;
  yield [count];
}
