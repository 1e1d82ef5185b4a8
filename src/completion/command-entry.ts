import type { Command, Option } from "commander";

/** What completion knows of an option. */
export interface OptionEntry {
  /** Its long name, or its short one where it has no other: `--host`. */
  readonly name: string;
  /** Its short name, where it has a long one too. */
  readonly short?: string;
  readonly description: string;
  /** The name of the value that it takes; absent where it takes none. */
  readonly takes?: string;
  /** The values that it takes, where these are few and known. */
  readonly words?: readonly string[];
  /** Whether it is known, but never suggested. */
  readonly isHidden?: boolean;
}

export interface PositionalEntry {
  readonly name: string;
  readonly isVariadic: boolean;
  /** The values that it takes, where these are few and known. */
  readonly words?: readonly string[];
}

/** What completion knows of a command; the program itself is one. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionEntry[];
  readonly positionals: readonly PositionalEntry[];
  readonly commands: readonly CommandEntry[];
}

/** All that completion knows without asking a node. */
export interface CommandTable {
  readonly program: CommandEntry;
  readonly releases: readonly string[];
  readonly scenarios: readonly string[];
  /** Fields of the rows of lists, and of statuses. */
  readonly listFields: readonly string[];
  readonly statusFields: readonly string[];
}

/** Reads what commander knows of a command and those below it. */
export function entryOf(command: Command): CommandEntry {
  const help = command.createHelp();
  // The help option is made by commander and stands in no list.
  const options = [...command.options.filter(({ hidden }) => hidden), ...help.visibleOptions(command)];
  return {
    name: command.name(),
    summary: command.summary() || firstSentence(command.description()),
    options: options.map(optionEntry),
    positionals: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      isVariadic: argument.variadic,
      ...(argument.argChoices && { words: argument.argChoices }),
    })),
    commands: help.visibleCommands(command).map(entryOf),
  };
}

function optionEntry(option: Option): OptionEntry {
  const { long, short, flags, description, required, optional, hidden } = option;
  const words = option.argChoices ?? wordsOf(option.parseArg);
  return {
    name: long ?? short ?? flags,
    ...(long && short && { short }),
    description,
    ...((required || optional) && { takes: /[<[]([^>\]]+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1] ?? "value" }),
    ...(words && { words }),
    ...(hidden && { isHidden: true }),
  };
}

/** Those that `oneOf` takes. */
function wordsOf(parse: unknown): readonly string[] | undefined {
  const { words } = (parse ?? {}) as { words?: readonly string[] };
  return words;
}

const firstSentence = (text: string) => (/^.*?(?=\.(\s|$))/s.exec(text)?.[0] ?? text).replaceAll("\n", " ");
