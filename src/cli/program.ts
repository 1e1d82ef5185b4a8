import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Runtime } from "../runtime/runtime.js";
import { strict, unknownCommand } from "./commander-errors.js";
import { addConnectionOptions } from "./connection-options.js";
import { addOutputOptions } from "./output-options.js";
import { type Commands, createRegistry } from "./registry.js";

/** The command that a command line names; it may not exist. */
export function namedCommand({ options }: Command, argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    if (!word.startsWith("-")) return word;
    if (options.some(({ short, long, required }) => required && (word === short || word === long))) index++;
  }
  return undefined;
}

const EXAMPLES = `
Examples:
  tasks list compaction                  list the compactions of the node at localhost
  tasks list repair -h 10.0.0.1 --json   list the repairs of another node as JSON
  tasks tree <id>                        show a task and its parts
  tasks wait <id> && echo done           wait for a task; the exit code says how it ended
  tasks --mock list compaction           try it without a database`;

export interface Program {
  readonly command: Command;
  /** The exit code of the command that ran; success if none did. */
  exitCode(): ExitCode;
  /** The help or version text, if commander created one instead of running a command. */
  help(): string;
}

/**
 * The commander program: the global options and the commands, each with only its summary until it runs.
 * @param argv the command line; if it names a command, the program has only that one, otherwise all
 */
export function buildProgram(runtime: Runtime, commands: Commands, argv: readonly string[] = []): Program {
  const { summaries, load } = commands;
  let exitCode: ExitCode = EXIT.success;
  let help = "";
  const root = strict(new Command("tasks"))
    .description(
      "Show, wait for, start and stop tasks of ScyllaDB's task manager: a drop-in replacement for `nodetool tasks`.",
    )
    .usage("[options] <command>")
    .version(packageJson.version, "--version", "show the version")
    .helpOption("--help", "show help (-h is --host, as in nodetool)")
    .helpCommand("help [command]", "show help for a command")
    // Subcommands inherit the above. The program's own help command must load the command first.
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => {},
      getOutHelpWidth: () => runtime.stdout.columns,
      getOutHasColors: () => false,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", EXAMPLES);
  addConnectionOptions(root);
  addOutputOptions(root);

  const complete = async (command: Command) => {
    const { register } = await load(command.name());
    register(
      createRegistry(runtime, root, commands, (code) => {
        exitCode = code;
      }),
    );
  };
  const named = namedCommand(root, argv) ?? "";
  for (const [name, summary] of summaries) {
    if (name === named || !summaries.has(named)) strict(root.command(name)).summary(summary);
  }
  root.hook("preSubcommand", async (_root, command) => {
    if (summaries.has(command.name())) await complete(command);
  });
  strict(root.command("help"))
    .summary("show help for a command")
    .description("Show help for a command: `tasks help start repair`.")
    .argument("[command...]")
    .action(async (names: readonly string[]) => {
      let command = root;
      for (const name of names) {
        const named = command.commands.find((each) => each.name() === name);
        if (named === undefined) throw unknownCommand(command, name);
        if (command === root && summaries.has(name)) await complete(named);
        command = named;
      }
      command.help();
    });
  return { command: root, exitCode: () => exitCode, help: () => help };
}
