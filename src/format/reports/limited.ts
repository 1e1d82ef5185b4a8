import type { Batches, Report } from "./report.js";

/** The first rows; what comes after them is not even asked for. */
export function limitRows<T>(report: Report<T>, limit: number): Report<T> {
  return { ...report, rows: firstRows(report.rows, limit) };
}

async function* firstRows<T>(batches: Batches<T>, limit: number): AsyncGenerator<readonly T[]> {
  let missing = limit;
  if (missing === 0) return;
  for await (const batch of batches) {
    yield batch.length > missing ? batch.slice(0, missing) : batch;
    missing -= batch.length;
    if (missing <= 0) return;
  }
}
