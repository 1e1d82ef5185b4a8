import { Command, type CommanderError, type OptionValues } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { registerAbort } from "./commands/abort.js";
import { registerContext } from "./commands/context.js";
import { registerDoctor } from "./commands/doctor.js";
import { registerDrain } from "./commands/drain.js";
import { registerExplain } from "./commands/explain.js";
import { registerList } from "./commands/list.js";
import { registerMock } from "./commands/mock.js";
import { registerModules } from "./commands/modules.js";
import type { Registry } from "./commands/registry.js";
import { registerStart } from "./commands/start.js";
import { registerStatus } from "./commands/status.js";
import { registerTree } from "./commands/tree.js";
import { registerTtl, registerUserTtl } from "./commands/ttl.js";
import { registerWait } from "./commands/wait.js";
import { applyContext } from "./config/apply.js";
import { addConnectionOptions, connectionOptions } from "./connection-options.js";
import type { Context } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { createOutput } from "./output.js";
import { addOutputOptions, outputOptions } from "./output-options.js";
import { UsageError } from "./usage-error.js";

/** By the names of the commands, in the order of the help. */
const REGISTRATIONS: Readonly<Record<string, (registry: Registry) => void>> = {
  modules: registerModules,
  list: registerList,
  status: registerStatus,
  tree: registerTree,
  explain: registerExplain,
  start: registerStart,
  wait: registerWait,
  abort: registerAbort,
  ttl: registerTtl,
  "user-ttl": registerUserTtl,
  drain: registerDrain,
  doctor: registerDoctor,
  context: registerContext,
  mock: registerMock,
};

/**
 * The commands that an argument names, or else all. Making all of them takes as long as a fifth of Node's own start, and a run
 * needs one; help and a typing error need all.
 */
function neededRegistrations(argv: readonly string[]): ((registry: Registry) => void)[] {
  if (argv.includes("--version")) return [];
  const named = argv.filter((argument) => Object.hasOwn(REGISTRATIONS, argument));
  const isHelp = argv.includes("help") || argv[0] === "--help";
  return named.length === 0 || isHelp
    ? Object.values(REGISTRATIONS)
    : [...new Set(named)].map((name) => REGISTRATIONS[name] as (registry: Registry) => void);
}

const EXAMPLES = `
Examples:
  tasks list compaction                  the compactions of the node at localhost
  tasks list repair -h 10.0.0.1 --json   the repairs of another node, for programs
  tasks tree <id>                        a task and its parts
  tasks wait <id> && echo done           wait; the exit code tells how it ended
  tasks --mock list compaction           try it without a database`;

export interface Program {
  readonly command: Command;
  /** What the command that ran said; success before any did. */
  exitCode(): ExitCode;
  /** The help or version text that commander made instead of running a command. */
  help(): string;
}

/**
 * The commander program: the global options, and what each command file registers.
 * @param argv the arguments that it will be given
 */
export function buildProgram(context: Context, argv: readonly string[]): Program {
  let exitCode: ExitCode = EXIT.success;
  let help = "";
  const root = strict(new Command("tasks"))
    .description("See, await and stop the tasks of ScyllaDB's task manager: a drop-in for `nodetool tasks`.")
    .usage("[options] <command>")
    .version(packageJson.version, "--version", "show the version")
    .helpOption("--help", "show help (-h is --host, as in nodetool)")
    .helpCommand("help [command]", "show help for a command")
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => {},
    })
    .addHelpText("after", EXAMPLES);
  addConnectionOptions(root);
  addOutputOptions(root);

  const registry: Registry = {
    root,
    command: (name, under = root) =>
      strict(under.command(name)).addHelpText("after", "\nOptions that every command takes: tasks --help"),
    connectionOptions: async () => {
      const { token } = await applyContext(root, context.env);
      return connectionOptions(root, context.env.TASKS_TOKEN ?? token);
    },
    action:
      (runCommand, read, connectionNeeds) =>
      async (...args) => {
        const connection = await registry.connectionOptions();
        const { parsed, positionals, variadic } = parsedArguments(args);
        const options = read(parsed, positionals, variadic);
        const output = createOutput(context, outputOptions(root, parsed));
        const { openConnection } = await import("./connection.js");
        const { client, cluster, close } = await openConnection(context, connection, connectionNeeds?.(options));
        try {
          exitCode = (await runCommand(context, client, { ...options, output, cluster })) ?? EXIT.success;
        } finally {
          await close();
        }
      },
    localAction:
      (runCommand, read) =>
      async (...args) => {
        const { parsed, positionals, variadic } = parsedArguments(args);
        const output = createOutput(context, outputOptions(root, parsed));
        exitCode = (await runCommand(context, { ...read(parsed, positionals, variadic), output })) ?? EXIT.success;
      },
  };
  for (const register of neededRegistrations(argv)) register(registry);
  return { command: root, exitCode: () => exitCode, help: () => help };
}

/** commander calls an action with the positionals (a variadic one as an array), the command's own options, and the command. */
function parsedArguments(args: unknown[]): {
  parsed: OptionValues;
  positionals: (string | undefined)[];
  variadic: string[];
} {
  const values = args.slice(0, -2) as (string | string[] | undefined)[];
  return {
    parsed: (args.at(-1) as Command).optsWithGlobals(),
    positionals: values.filter((value): value is string | undefined => !Array.isArray(value)),
    variadic: values.find((value) => Array.isArray(value)) ?? [],
  };
}

/** Makes a command throw {@link UsageError} in nodetool's words (nodetool-tasks: Phrases) where commander would exit. */
function strict(command: Command): Command {
  return command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command);
  });
}

function usageError(error: CommanderError, command: Command): UsageError {
  const [first = "", ...suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion.length === 0 ? `\nTry '${fullName(command)} --help'.` : `\n${suggestion.join("\n")}`;
  return new UsageError(phraseOf(error.code, first, command) + hint);
}

function phraseOf(code: string, message: string, command: Command): string {
  const quoted = /'(.*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.help":
      return "unrecognized operation argument: a command is missing";
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

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
