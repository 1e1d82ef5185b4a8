import type { TaskStatus } from "../../client/wire.js";
import { type TreeNode, taskForest } from "../../tasks/forest.js";
import type { JsonRecord } from "../../tasks/record.js";
import { collectRows, type Report } from "../reports/report.js";
import { jsonText } from "../text/json-text.js";
import { PIECE_CHARACTERS, type Pieces } from "../text/pieces.js";

/** Deeper levels are not indented further: with a tree 50,000 deep, the size would grow with the square. */
const DEEPEST_INDENT = 20;

/**
 * One JSON document of trees: each task as in the flat document, with its children as objects in `children`. Written step by step,
 * because `JSON.stringify` cannot recurse as deep as a tree may be.
 */
export async function* nestedJson(report: Report<TaskStatus>, recordOf: (status: TaskStatus) => JsonRecord): Pieces {
  const { key, rows } = report;
  const roots = taskForest(await collectRows(rows));
  if (key === undefined) {
    yield* nodesText(roots, 0, recordOf);
    yield "\n";
    return;
  }
  yield `{\n  ${jsonText(key)}: `;
  yield* nodesText(roots, 1, recordOf);
  const errors = jsonText(report.errors?.() ?? [], 2).replaceAll("\n", "\n  ");
  yield `,\n  "errors": ${errors}\n}\n`;
}

function* nodesText(
  roots: readonly TreeNode[],
  level: number,
  recordOf: (status: TaskStatus) => JsonRecord,
): Generator<string> {
  if (roots.length === 0) {
    yield "[]";
    return;
  }
  const stack: { siblings: readonly TreeNode[]; next: number }[] = [{ siblings: roots, next: 0 }];
  let text = "[";
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const depth = level + 2 * stack.length - 1;
    const node = top.siblings[top.next];
    if (node === undefined) {
      stack.pop();
      text += stack.length === 0 ? `${lineStart(depth - 1)}]` : `${lineStart(depth - 1)}]${lineStart(depth - 2)}}`;
      continue;
    }
    text += (top.next === 0 ? "" : ",") + lineStart(depth);
    top.next++;
    const object = jsonText({ ...recordOf(node.status), children: [] }, 2).replaceAll("\n", lineStart(depth));
    if (node.children.length === 0) text += object;
    else {
      // The closing bracket comes after the children.
      text += object.slice(0, object.lastIndexOf("[") + 1);
      stack.push({ siblings: node.children, next: 0 });
    }
    if (text.length >= PIECE_CHARACTERS) {
      yield text;
      text = "";
    }
  }
  yield text;
}

function lineStart(depth: number): string {
  return `\n${"  ".repeat(Math.min(depth, DEEPEST_INDENT))}`;
}
