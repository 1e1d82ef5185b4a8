import type { Report } from "../reports/report.js";
import { jsonText } from "../text/json-text.js";
import { begun, type Pieces } from "../text/pieces.js";

/**
 * One YAML 1.2 document with the same value as the JSON one, written as rows arrive. It does not use the YAML library, which takes
 * ten times as long for 100,000 rows; tests check that the library reads back the same values.
 */
export async function* yaml<T>(report: Report<T>): Pieces {
  const { key } = report;
  if (key === undefined) {
    yield* rowsOf(report, "");
    return;
  }
  const rows = await begun(rowsOf(report, "  "));
  for (const [name, value] of Object.entries(report.about?.() ?? {})) yield `${scalar(name)}:${after(value, "")}\n`;
  yield `${scalar(key)}:`;
  yield* rows;
  yield `errors:${after(report.errors?.() ?? [], "")}\n`;
}

/** The rows at the top level or, indented, below a key. */
async function* rowsOf<T>({ rows, shape, record }: Report<T>, indent: string): AsyncGenerator<string> {
  let empty = true;
  for await (const batch of rows) {
    let piece = "";
    for (const row of batch) {
      const value = record(row);
      if (shape === "many") piece += `${empty && indent !== "" ? "\n" : ""}${item(value, indent)}\n`;
      else piece += `${indent === "" ? lines(value, "") : after(value, "")}\n`;
      empty = false;
    }
    if (piece !== "") yield piece;
  }
  if (empty && shape === "many") yield indent === "" ? "[]\n" : " []\n";
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

/** As in JSON, undefined values are left out. */
const entriesOf = (value: object) => Object.entries(value).filter(([, entry]) => entry !== undefined);

const isEmpty = (value: object) => (Array.isArray(value) ? value : entriesOf(value)).length === 0;

/** A value on lines of its own, each indented. */
function lines(value: unknown, indent: string): string {
  if (!isContainer(value) || isEmpty(value)) return indent + scalar(value);
  if (Array.isArray(value)) return value.map((element) => item(element, indent)).join("\n");
  return entriesOf(value)
    .map(([key, entry]) => `${indent}${keyText(key, indent)}:${after(entry, indent)}`)
    .join("\n");
}

/** An element of a sequence: its first line follows the dash. */
function item(value: unknown, indent: string): string {
  return `${indent}- ${lines(value, `${indent}  `).slice(indent.length + 2)}`;
}

/** A value after a key and its colon. */
function after(value: unknown, indent: string): string {
  return isContainer(value) && !isEmpty(value) ? `\n${lines(value, `${indent}  `)}` : ` ${scalar(value)}`;
}

/** YAML 1.2, 7.4.2: a key on the same line as its value has at most 1024 characters. */
function keyText(key: string, indent: string): string {
  const text = scalar(key);
  return text.length <= 1024 ? text : `? ${text}\n${indent}`;
}

/** Words that a reader, perhaps of YAML 1.1, could take for something other than a string. */
const RESERVED_WORD = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
const PLAIN_WORDS = /^[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Plain if no parser can misread it, otherwise quoted as in JSON, which is valid YAML. */
function scalar(value: unknown): string {
  if (typeof value === "string" && (PLAIN_WORDS.test(value) ? !RESERVED_WORD.test(value) : UUID.test(value))) {
    return value;
  }
  return jsonText(value);
}
