import { escapedXml } from "../../strings/escaped-xml.js";
import { printable } from "../../strings/printable.js";
import { type CiResult, OUTCOME_WORDS } from "./ci-result.js";

export interface JunitSuite {
  readonly name: string;
  readonly startedMs: number;
  readonly seconds: number;
  readonly results: readonly CiResult[];
}

/** Characters that XML 1.0 cannot express, including unpaired surrogates. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for an element or attribute. Control characters are escaped visibly, as everywhere. */
function xml(text: string): string {
  const lines = text.split("\n").map(printable).join("\n");
  return escapedXml(lines.replace(NO_XML, ""));
}

/** A line feed in an attribute would be read as a space. */
const attribute = (text: string) => xml(text).replaceAll("\n", "&#10;");

/** The outcomes of waits in the JUnit XML that CI systems read: each task is a test. */
export function* junitXml({ name, startedMs, seconds, results }: JunitSuite): Generator<string> {
  const count = (...outcomes: string[]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const counts = `tests="${results.length}" failures="${count("failed")}" errors="${count("timeout", "suspended", "unknown")}" skipped="${count("skipped")}" time="${seconds.toFixed(3)}"`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="${attribute(name)}" ${counts}>\n`;
  yield `  <testsuite name="${attribute(name)}" ${counts} timestamp="${new Date(startedMs).toISOString().slice(0, 19)}">\n`;
  for (const result of results) yield testCase(result);
  yield "  </testsuite>\n</testsuites>\n";
}

function testCase(result: CiResult): string {
  const { id, name, group, outcome, seconds = 0, message } = result;
  const shown = [name || "task", id].filter(Boolean).join(" ");
  const head = `    <testcase name="${attribute(shown)}" classname="${attribute(group || "task")}" time="${seconds.toFixed(3)}"`;
  switch (outcome) {
    case "done":
      return message === ""
        ? `${head}/>\n`
        : `${head}>\n      <system-out>${xml(message)}</system-out>\n    </testcase>\n`;
    case "skipped":
      return `${head}>\n      <skipped/>\n    </testcase>\n`;
    case "failed":
      return `${head}>\n${problem("failure", result)}    </testcase>\n`;
    default:
      return `${head}>\n${problem("error", result)}    </testcase>\n`;
  }
}

function problem(element: "failure" | "error", { outcome, message, details }: CiResult): string {
  const words = message || OUTCOME_WORDS[outcome];
  return `      <${element} message="${attribute(words)}" type="${outcome}">${xml(details || words)}</${element}>\n`;
}
