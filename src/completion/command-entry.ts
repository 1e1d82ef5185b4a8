import type { Command, Option } from "commander";

/** What completion knows about an option. */
export interface OptionEntry {
  /** Its long name, or its short one if it has no other: `--host`. */
  readonly name: string;
  /** Its short name, if it also has a long one. */
  readonly short?: string;
  readonly description: string;
  /** The name of its value; absent if it takes none. */
  readonly takes?: string;
  /** All possible values, if there are only a few. */
  readonly words?: readonly string[];
  /** Whether it is accepted but never suggested. */
  readonly isHidden?: boolean;
}

interface PositionalEntry {
  readonly name: string;
  readonly isVariadic: boolean;
  /** All possible values, if there are only a few. */
  readonly words?: readonly string[];
}

/** What completion knows about a command; the program itself is one. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionEntry[];
  readonly positionals: readonly PositionalEntry[];
  readonly commands: readonly CommandEntry[];
}

/** Everything that completion knows without querying a node. */
export interface CommandTable {
  readonly program: CommandEntry;
  readonly releases: readonly string[];
  readonly scenarios: readonly string[];
  /** The fields of rows in lists, and of statuses. */
  readonly listFields: readonly string[];
  readonly statusFields: readonly string[];
}

/** Reads from commander what it knows about a command and its subcommands. */
export function entryOf(command: Command): CommandEntry {
  const help = command.createHelp();
  // commander adds the help option without listing it in `options`.
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

/** The words of `oneOf`. */
function wordsOf(parse: unknown): readonly string[] | undefined {
  const { words } = (parse ?? {}) as { words?: readonly string[] };
  return words;
}

const firstSentence = (text: string) => (/^.*?(?=\.(\s|$))/s.exec(text)?.[0] ?? text).replaceAll("\n", " ");
