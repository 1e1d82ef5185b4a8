import type { Command, CommanderError } from "commander";
import { nearest } from "../strings/nearest.js";
import { UsageError } from "../usage-error.js";

/** Makes a command throw {@link UsageError} in nodetool's words (nodetool-tasks: Phrases) instead of exiting. */
export function strict(command: Command): Command {
  return command.exitOverride((error) => {
    throw error.exitCode === 0 ? (helpOfNothing(error, command) ?? error) : usageError(error, command);
  });
}

/** `tasks lst --help`: commander shows the help of `tasks`, as if nothing were wrong. */
function helpOfNothing({ code }: CommanderError, command: Command): UsageError | undefined {
  const [name = "-"] = command.args;
  const isHelp = code === "commander.helpDisplayed" && command.commands.length > 0;
  return isHelp && !name.startsWith("-") && name !== "help" ? unknownCommand(command, name) : undefined;
}

function usageError(error: CommanderError, command: Command): UsageError {
  if (error.code === "commander.help" && command.args.length < 2) return new UsageError(overview(command));
  // commander calls this for `start help lst` as if there were no subcommand at all.
  if (error.code === "commander.help") return unknownCommand(command, command.args[1] ?? "");
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  // commander also suggests what has only some letters in common: for --wait, --at. A typing error keeps the first letter.
  const isLike = suggestion?.includes(/'--?\w/.exec(first)?.[0].slice(1) ?? "");
  const hint = isLike ? `\n${suggestion}` : helpHint(command);
  return new UsageError(phraseOf(error.code, first, command) + hint);
}

const helpHint = (command: Command): string => `\nTry '${fullName(command)} --help'.`;

/** For a command that needs a subcommand and was called without one: what it is, its subcommands, and how to begin. */
function overview(command: Command): string {
  const name = fullName(command);
  const commands = command.commands.map((each) => [each.name(), each.summary() || each.description()] as const);
  const width = Math.max(...commands.map(([each]) => each.length));
  const lines = commands.map(([each, summary]) => `  ${each.padEnd(width)}  ${summary}`);
  return [
    "unrecognized operation argument: a command is missing",
    "",
    command.description(),
    "",
    "Commands:",
    ...lines,
    ...(command.parent === null ? ["", "Examples:", "  tasks list compaction", "  tasks --mock list compaction"] : []),
    "",
    `Try '${name} --help'.`,
  ].join("\n");
}

function phraseOf(code: string, message: string, command: Command): string {
  const quoted = /'(.*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.unknownCommand":
      return `unrecognized operation argument: '${quoted}'`;
    case "commander.unknownOption":
      return `unrecognised option '${quoted}'`;
    case "commander.excessArguments": {
      const [positional] = command.registeredArguments;
      return positional === undefined
        ? `too many arguments: '${command.name()}' takes none`
        : `option '--${positional.name()}' cannot be specified more than once`;
    }
    default:
      return message
        .replace("Allowed choices are", "It takes one of")
        .replace(
          /^command-argument value ('.*') is invalid for argument '(.*)'\./s,
          "argument $1 for <$2> is invalid.",
        );
  }
}

/** The error for a command that does not exist, with the one that was probably meant. */
export function unknownCommand(parent: Command, name: string): UsageError {
  const near = nearest(
    name,
    parent.commands.map((each) => each.name()),
  );
  const hint = near === undefined ? helpHint(parent) : `\n(Did you mean ${near}?)`;
  return new UsageError(`unrecognized operation argument: '${name}'${hint}`);
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
