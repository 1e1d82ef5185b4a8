import type { Runtime } from "../runtime/runtime.js";
import { replacement, splitLine, type TypedWord } from "./bash-words.js";
import type { CommandTable } from "./command-entry.js";
import type { Live } from "./live.js";
import { placeOf } from "./place.js";
import { type Suggestion, suggestionsAt } from "./suggestions.js";

/**
 * Answers a shell that completes a word: a first line `words` or `files`, then a line for each suggestion.
 * @param args the name of the shell; for bash the line up to the cursor, what it replaces, how it completes and the width of the
 *   terminal; for others the words after the program's, the last one up to the cursor
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
  const { typed, place } = placeOf(table.program, words, current);
  // An option that waits for its value says nothing yet.
  const complete = place.kind === "value" && place.before === "" ? words.slice(0, -1) : words;
  return await suggestionsAt(table, { typed, place }, current, liveOf(runtime, complete));
}

/** What speaks with nodes is loaded with the first question. */
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
  // fish hands the word over with its quotes; of a word without quotes this changes nothing.
  const current = shell === "fish" ? splitLine(args.at(-1) ?? "").at(-1)?.text : args.at(-1);
  const { files, list } = await prompt(runtime, table, args.slice(0, -1), current ?? "");
  const lines = list.map(({ value, description }) => (description ? `${value}\t${description}` : value));
  return [files ? "files" : "words", ...lines, ""].join("\n");
}

/** bash's numbers for the ways in which it only shows what there is (COMP_TYPE): `?`, `!` and `@`. */
const LISTING = new Set(["63", "33", "64"]);

async function forBash(runtime: Runtime, table: CommandTable, args: readonly string[]): Promise<string> {
  const [line = "", replaced = "", way = "", width = ""] = args;
  const typed = splitLine(line);
  const words = typed.map(({ text }) => text);
  // The program comes first, after variables for it.
  const first = words.findIndex((word) => !/^\w+=/.test(word)) + 1;
  const current = typed.at(-1) as TypedWord;
  const { files, list } = await prompt(runtime, table, words.slice(first, -1), current.text);
  const lines: Suggestion[] = [];
  for (const { value, description } of list) {
    const shown = replacement(value, current, replaced);
    if (shown !== undefined) lines.push({ value: shown, description });
  }
  const isListing = LISTING.has(way) && lines.length > 1;
  return [
    files ? "files" : "words",
    ...(isListing ? described(lines, Number(width) || 80) : lines.map(({ value }) => value)),
    "",
  ].join("\n");
}

/** Suggestions with their descriptions, in lines that fit. */
function described(list: readonly Suggestion[], width: number): string[] {
  const longest = list.reduce((most, { value }) => Math.max(most, value.length), 0);
  return list.map(({ value, description }) =>
    description === undefined ? value : `${value.padEnd(longest)}  (${description})`.slice(0, width - 1),
  );
}
