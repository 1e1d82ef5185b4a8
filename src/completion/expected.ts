import { normaliseArgv } from "../cli/nodetool-spellings.js";
import type { CommandEntry, OptionEntry } from "./command-entry.js";

/** What was typed before the word that is being completed. */
export interface Typed {
  /** The command and its parents; the program first. */
  readonly path: readonly CommandEntry[];
  readonly positionals: readonly string[];
  /** The given options and their values, by long name; if an option is repeated, the last. */
  readonly values: ReadonlyMap<string, string>;
}

/** What is expected at the cursor. */
export type Expected =
  | { readonly kind: "command" }
  | { readonly kind: "option" }
  /** The value of an option; `before` is the part of the word before the value (`--output=`). */
  | { readonly kind: "value"; readonly option: OptionEntry; readonly before: string }
  /** A positional; without a name if the command takes no more. */
  | { readonly kind: "positional"; readonly name: string | undefined; readonly words: readonly string[] | undefined };

/**
 * Finds what is expected at the cursor.
 * @param words the words before the cursor's, without the program
 * @param current the cursor's word, up to the cursor
 */
export function expectedAt(
  program: CommandEntry,
  words: readonly string[],
  current: string,
): { readonly typed: Typed; readonly expected: Expected } {
  const path = [program];
  const positionals: string[] = [];
  const values = new Map<string, string>();
  let awaiting: OptionEntry | undefined;
  let mayBeOption = true;
  for (const word of normaliseArgv(words)) {
    if (awaiting !== undefined) {
      values.set(awaiting.name, word);
      awaiting = undefined;
    } else if (!mayBeOption || !/^-./.test(word)) {
      const command = positionals.length === 0 ? lastOf(path).commands.find(({ name }) => name === word) : undefined;
      if (command === undefined) positionals.push(word);
      else path.push(command);
    } else if (word === "--") mayBeOption = false;
    else {
      const [name, value] = nameAndValue(word);
      const option = optionNamed(path, name);
      if (option?.takes === undefined) continue;
      if (value === undefined) awaiting = option;
      else values.set(option.name, value);
    }
  }
  const typed = { path, positionals, values };
  if (awaiting !== undefined) return { typed, expected: { kind: "value", option: awaiting, before: "" } };
  if (mayBeOption && current.startsWith("-")) {
    const [name, value] = nameAndValue(current);
    const option = value === undefined ? undefined : optionNamed(path, name);
    if (option?.takes === undefined) return { typed, expected: { kind: "option" } };
    return {
      typed,
      expected: { kind: "value", option, before: current.slice(0, current.length - (value ?? "").length) },
    };
  }
  const command = lastOf(path);
  if (command.commands.length > 0 && positionals.length === 0) return { typed, expected: { kind: "command" } };
  const positional =
    command.positionals[positionals.length] ?? command.positionals.findLast(({ isVariadic }) => isVariadic);
  return { typed, expected: { kind: "positional", name: positional?.name, words: positional?.words } };
}

const lastOf = (path: readonly CommandEntry[]) => path.at(-1) as CommandEntry;

/** Splits `--output=json`, `-hHOST`. */
function nameAndValue(word: string): readonly [string, string | undefined] {
  if (!word.startsWith("--")) return [word.slice(0, 2), word.length > 2 ? word.slice(2) : undefined];
  const equals = word.indexOf("=");
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function optionNamed(path: readonly CommandEntry[], name: string): OptionEntry | undefined {
  return path.flatMap(({ options }) => options).find((option) => option.name === name || option.short === name);
}
