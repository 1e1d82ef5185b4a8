import { nodeTable } from "../format/reports/record-table.js";
import type { Report } from "../format/reports/report.js";
import type { Output } from "../runtime/output.js";
import type { JsonRecord } from "../tasks/record.js";
import type { NodeAnswer, Nodes, Question } from "./nodes.js";

/** How to print the answers of every node. */
interface EachNode<T> {
  readonly question: Question<T>;
  /** The column for the answers, with many nodes. */
  readonly field: string;
  /** The text of an answer, with many nodes. */
  cells(answer: T): readonly unknown[];
  /** The report for the answer of a single node; `undefined` to print nothing. */
  alone(answer: T): Report | undefined;
}

/** Sends the same request to every node, and prints the answers as rows; for a single node, just its answer. */
export async function printEachNode<T>(nodes: Nodes, output: Output, each: EachNode<T>): Promise<void> {
  const answers = nodes.each(each.question);
  if (nodes.isMany) {
    await output.print(nodeTable(each.field, rowsOf(answers, each), nodes));
    return;
  }
  for await (const { value } of answers) {
    const report = each.alone(value);
    if (report !== undefined) await output.print(report);
  }
}

async function* rowsOf<T>(
  answers: AsyncIterable<NodeAnswer<T>>,
  { field, cells }: EachNode<T>,
): AsyncGenerator<JsonRecord[]> {
  for await (const { node, value } of answers) yield cells(value).map((cell) => ({ node, [field]: cell }));
}
