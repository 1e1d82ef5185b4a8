import type { Command, CommanderError } from "commander";
import { nearest } from "../strings/nearest.js";
import { UsageError } from "../usage-error.js";

/** Makes a command throw {@link UsageError} in nodetool's words (nodetool-tasks: Phrases) instead of exiting. */
export function strict(command: Command): Command {
  return command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command);
  });
}

function usageError(error: CommanderError, command: Command): UsageError {
  if (error.code === "commander.help" && command.args.length < 2) return new UsageError(overview(command));
  const [first = "", ...suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion.length === 0 ? `\nTry '${fullName(command)} --help'.` : `\n${suggestion.join("\n")}`;
  return new UsageError(phraseOf(error.code, first, command) + hint);
}

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
    case "commander.help":
      // commander calls this for `start help lst` as if there were no subcommand at all.
      return unknownCommand(command, command.args[1] ?? "");
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
      return message;
  }
}

/** The error for a command that does not exist, with the one that was probably meant. */
export function unknownCommand(parent: Command, name: string): string {
  const near = nearest(
    name,
    parent.commands.map((each) => each.name()),
  );
  return `unrecognized operation argument: '${name}'${near === undefined ? "" : `\n(Did you mean ${near}?)`}`;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
