import { nodeTable } from "../format/reports/record-table.js";
import type { Report } from "../format/reports/report.js";
import type { Output } from "../runtime/output.js";
import type { JsonRecord } from "../tasks/record.js";
import type { NodeAnswer, Nodes, Question } from "./nodes.js";

/** What is printed of the answers of every node. */
interface EachNode<T> {
  readonly question: Question<T>;
  /** The column of the answers, where there are many nodes. */
  readonly field: string;
  /** The cells that an answer becomes, where there are many nodes. */
  cells(answer: T): readonly unknown[];
  /** The report of the answer of one node; `undefined` where nothing is to be said. */
  alone(answer: T): Report | undefined;
}

/** Asks every node the same, and prints what they answered as a row each; of one node, its answer alone. */
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
