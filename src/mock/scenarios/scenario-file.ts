import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import { type Document, isAlias, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { checkScenario, type Flaw, pathText } from "./check.js";
import type { Scenario } from "./scenario.js";

/**
 * Reads a scenario from a YAML or JSON file.
 * @throws RangeError that names file, line and field
 */
export async function readScenarioFile(path: string): Promise<Scenario> {
  return parseScenario(await contentOf(path), path);
}

/**
 * Reads a scenario from the text of a file.
 * @param path - names the scenario if it has no name, and is part of error messages
 * @throws RangeError that names file, line and field
 */
export function parseScenario(text: string, path: string): Scenario {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true, uniqueKeys: false });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${path}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new RangeError(`${at(broken.pos[0])}: ${inWords(broken.message)}`);
  checkKeys(document, at);
  checkAliases(document, at);
  const checked = checkScenario(plainValue(document, path), basename(path, extname(path)));
  if ("value" in checked) return checked.value;
  const flaws = checked.flaws
    .map((flaw) => ({ flaw, offset: offsetOf(document, flaw) }))
    .sort((a, b) => a.offset - b.offset);
  const [first] = flaws;
  if (first === undefined) throw new RangeError(`${path}: not a scenario`);
  const field = first.flaw.path.length === 0 ? "" : `${pathText(first.flaw.path)}: `;
  const others = flaws.length === 1 ? "" : ` (and ${flaws.length - 1} more)`;
  throw new RangeError(`${at(first.offset)}: ${field}${first.flaw.reason}${others}`);
}

/** More than any scenario needs; a device file would never end. */
const MOST_MEGABYTES = 10;

async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > MOST_MEGABYTES * 1_000_000) throw new Error(`it is larger than ${MOST_MEGABYTES} MB`);
    kept.push(piece);
  }
  return Buffer.concat(kept).toString("utf8");
}

async function contentOf(path: string): Promise<string> {
  try {
    const handle = await open(path);
    try {
      return await textOf(handle.createReadStream({ autoClose: false }));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : (error as Error).message;
    throw new RangeError(`cannot read scenario ${path}: ${reason}`);
  }
}

/** The parser's own check compares each key with every other, which takes minutes for ten thousands of keys. */
function checkKeys(document: Document, at: (offset: number) => string): void {
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === "<<") continue;
        if (seen.has(key.value)) throw new RangeError(`${at(startOf(key) ?? 0)}: Map keys must be unique`);
        seen.add(key.value);
      }
    },
  });
}

/**
 * Refuses aliases of an undefined anchor and of their own parent, which the parser accepts.
 * @param at - gives file, line and column of an offset
 */
function checkAliases(document: Document, at: (offset: number) => string): void {
  const anchored = new Map<string, unknown>();
  visit(document, (_, node, ancestors) => {
    if (isAlias(node)) {
      const target = anchored.get(node.source);
      const where = at(startOf(node) ?? 0);
      if (target === undefined)
        throw new RangeError(`${where}: alias of an anchor that is not defined before it: ${node.source}`);
      if (ancestors.some((ancestor) => ancestor === target))
        throw new RangeError(`${where}: alias of its own parent: ${node.source}`);
    } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      anchored.set(node.anchor, node);
    }
  });
}

function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw new RangeError(`${path}: ${inWords((error as Error).message)}`);
  }
}

/** Errors of the parser itself, caused by files that are made to exhaust it, in plain words. */
function inWords(message: string): string {
  if (/call stack/.test(message)) return "nested too deeply";
  if (/alias count/.test(message)) return "too many aliases: they stand for far more than the file holds";
  return message;
}

/** The offset of a flaw in the text: of the value, of the unknown key, or of the object that lacks a key. */
function offsetOf(document: Document, flaw: Flaw): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of flaw.path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) break;
    const isLast = depth === flaw.path.length - 1;
    const pair = isMap(node) ? node.items.find(({ key }) => (isScalar(key) ? key.value : key) === step) : undefined;
    const next = pair === undefined ? node.get(step, true) : pair.value;
    const target = isLast && flaw.isUnknownField ? pair?.key : next;
    offset = startOf(target) ?? startOf(pair?.key) ?? offset;
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
