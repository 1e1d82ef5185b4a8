import type { Runtime } from "../runtime/runtime.js";
import { replacement, splitLine, type TypedWord } from "./bash-words.js";
import type { CommandTable } from "./command-entry.js";
import { expectedAt } from "./expected.js";
import type { Live } from "./live.js";
import { type Suggestion, suggestionsAt } from "./suggestions.js";

/**
 * Answers a shell that completes a word. The first line is `words` or `files`, and each further line is a suggestion.
 * @param args the name of the shell; then for bash: the line up to the cursor, the text to replace, the kind of completion and the
 * width of the terminal; for other shells: the words after the program's name, the last one up to the cursor
 */
export async function complete(args: readonly string[], runtime: Runtime, table: CommandTable): Promise<void> {
  const [shell, ...rest] = args;
  const silent: Runtime = Object.create(runtime, {
    stderr: { value: { isTerminal: false, columns: 80, rows: 24, write: async () => {} } },
  });
  const answer =
    shell === "bash" ? await forBash(silent, table, rest) : await withDescriptions(silent, table, shell, rest);
  await runtime.stdout.write(answer);
}

async function prompt(runtime: Runtime, table: CommandTable, words: readonly string[], current: string) {
  const { typed, expected } = expectedAt(table.program, words, current);
  // An option without its value yet says nothing about the node.
  const complete = expected.kind === "value" && expected.before === "" ? words.slice(0, -1) : words;
  return await suggestionsAt(table, { typed, expected }, current, liveOf(runtime, complete));
}

/** The code that queries nodes is loaded with the first query. */
function liveOf(runtime: Runtime, words: readonly string[]): Live {
  const load = async () => (await import("./live-answers.js")).liveAnswers(runtime, words);
  return {
    contexts: async () => await (await load()).contexts(),
    modules: async () => await (await load()).modules(),
    keyspaces: async () => await (await load()).keyspaces(),
    tables: async (keyspace) => await (await load()).tables(keyspace),
    tasks: async (module) => await (await load()).tasks(module),
    valuesOfTasks: async (field, module) => await (await load()).valuesOfTasks(field, module),
    nodes: async () => await (await load()).nodes(),
    hostIds: async () => await (await load()).hostIds(),
  };
}

async function withDescriptions(
  runtime: Runtime,
  table: CommandTable,
  shell: string | undefined,
  args: readonly string[],
): Promise<string> {
  // fish passes the word with its quotes. A word without quotes is not changed by this.
  const current = shell === "fish" ? splitLine(args.at(-1) ?? "").at(-1)?.text : args.at(-1);
  const { files, list } = await prompt(runtime, table, args.slice(0, -1), current ?? "");
  const lines = list.map(({ value, description }) => (description ? `${value}\t${description}` : value));
  return [files ? "files" : "words", ...lines, ""].join("\n");
}

/** bash's COMP_TYPE values for listing completions instead of inserting one: `?`, `!` and `@`. */
const LISTING = new Set(["63", "33", "64"]);

async function forBash(runtime: Runtime, table: CommandTable, args: readonly string[]): Promise<string> {
  const [line = "", replaced = "", completionType = "", width = ""] = args;
  const typed = splitLine(line);
  const words = typed.map(({ text }) => text);
  // Variable assignments may come before the program's name.
  const first = words.findIndex((word) => !/^\w+=/.test(word)) + 1;
  const current = typed.at(-1) as TypedWord;
  const { files, list } = await prompt(runtime, table, words.slice(first, -1), current.text);
  const lines: Suggestion[] = [];
  for (const { value, description } of list) {
    const shown = replacement(value, current, replaced);
    if (shown !== undefined) lines.push({ value: shown, description });
  }
  const isListing = LISTING.has(completionType) && lines.length > 1;
  return [
    files ? "files" : "words",
    ...(isListing ? described(lines, Number(width) || 80) : lines.map(({ value }) => value)),
    "",
  ].join("\n");
}

/** Suggestions with their descriptions, one per line and cut to the width. */
function described(list: readonly Suggestion[], width: number): string[] {
  const longest = list.reduce((most, { value }) => Math.max(most, value.length), 0);
  return list.map(({ value, description }) =>
    description === undefined ? value : `${value.padEnd(longest)}  (${description})`.slice(0, width - 1),
  );
}
