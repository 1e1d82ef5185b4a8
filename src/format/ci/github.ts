import { numberOf } from "../../strings/number-of.js";
import { printable } from "../../strings/printable.js";
import { duration } from "../text/duration.js";
import { type CiResult, isBad, OUTCOME_WORDS } from "./ci-result.js";

/** An annotation shows no more of a message. */
const LONGEST_MESSAGE = 4000;
const LONGEST_TITLE = 200;
/** Longest error in a cell of a table. */
const LONGEST_CELL = 300;
/** GitHub shows at most this many annotations of a kind per step. */
const MOST_ANNOTATIONS = 10;

const cut = (text: string, longest: number) => (text.length <= longest ? text : `${text.slice(0, longest)}...`);

const escapeData = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapeProperty = (text: string) => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

const printableLines = (text: string) => text.split("\n").map(printable).join("\n");

/** A workflow command of GitHub Actions, as one line. */
export function workflowCommand(name: string, message: string, title?: string): string {
  const property = title === undefined ? "" : ` title=${escapeProperty(printable(cut(title, LONGEST_TITLE)))}`;
  return `::${name}${property}::${escapeData(printableLines(cut(message, LONGEST_MESSAGE)))}`;
}

/** An error for each failure, and a warning for each remark on a success. */
export function annotations(results: readonly CiResult[]): string[] {
  const lines: string[] = [];
  const bad = results.filter(isBad);
  for (const result of bad.slice(0, MOST_ANNOTATIONS)) {
    lines.push(workflowCommand("error", result.details || result.message, titleOf(result)));
  }
  const notes = results.filter((result) => result.outcome === "done" && result.message !== "");
  for (const result of notes.slice(0, MOST_ANNOTATIONS)) {
    lines.push(workflowCommand("warning", result.message, titleOf(result)));
  }
  return lines;
}

const titleOf = ({ name, outcome }: CiResult) => `${name || "task"}: ${OUTCOME_WORDS[outcome]}`;

/** Text for a cell of a Markdown table, escaped: it adds no markup, line or cell. */
function cell(text: string): string {
  return printable(cut(text, LONGEST_CELL)).replace(
    /[\\`*_~[\]<>|#&]/g,
    (character) => ESCAPES.get(character) ?? `\\${character}`,
  );
}

const ESCAPES = new Map([
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
]);

/**
 * The results as a table in Markdown.
 * @param mostBytes the maximum size; results that do not fit are counted
 * @returns `undefined` if not even the header fits
 */
export function summaryTable(results: readonly CiResult[], mostBytes: number): string | undefined {
  const bad = results.filter(isBad).length;
  const count = numberOf(results.length, "task");
  const head = [
    `### ${bad === 0 ? "✅" : "❌"} tasks: ${count}, ${bad === 0 ? "all succeeded" : `${bad} did not succeed`}`,
    "",
    "| task | outcome | duration | id | |",
    "| --- | --- | --- | --- | --- |",
    "",
  ].join("\n");
  const last = (left: number) => (left === 0 ? "\n" : `\n... and ${left} more\n\n`);
  const room = mostBytes - Buffer.byteLength(head) - Buffer.byteLength(last(results.length));
  if (room < 0) return undefined;
  let text = "";
  let bytes = 0;
  let shown = 0;
  // Failures first.
  for (const result of [...results.filter(isBad), ...results.filter((one) => !isBad(one))]) {
    const { name, outcome, seconds, id, message } = result;
    const time = seconds === undefined ? "" : duration(seconds);
    const row = `| ${cell(name)} | ${OUTCOME_WORDS[outcome]} | ${time} | ${cell(id)} | ${cell(message)} |\n`;
    bytes += Buffer.byteLength(row);
    if (bytes > room) break;
    text += row;
    shown++;
  }
  return head + text + last(results.length - shown);
}
