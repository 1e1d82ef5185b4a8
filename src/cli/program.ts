import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Runtime } from "../runtime/runtime.js";
import { addConnectionOptions } from "./connection-options.js";
import { addOutputOptions } from "./output-options.js";
import type { createRegistry, Registry } from "./registry.js";
import { strict } from "./usage-errors.js";

/** Adds a command to the program. */
export type Registration = (registry: Registry) => void;

/** The commands of the program: see `commands/commands.ts`. */
export interface Commands {
  /** What each does in a few words, by its name, in the order of the help. */
  readonly summaries: ReadonlyMap<string, string>;
  /** What runs them: a part of the program that help, versions and typing errors do without. */
  load(): Promise<{
    readonly REGISTRATIONS: Readonly<Record<string, Registration>>;
    readonly createRegistry: typeof createRegistry;
  }>;
}

/** Adds each command that an argument names, and of the others what help and suggestions need. */
async function addCommands(
  root: Command,
  { summaries, load }: Commands,
  argv: readonly string[],
  open: (create: typeof createRegistry) => Registry,
): Promise<void> {
  const named = new Set(argv.filter((argument) => summaries.has(argument)));
  const loaded = named.size === 0 ? undefined : await load();
  const registry = loaded && open(loaded.createRegistry);
  for (const [name, summary] of summaries) {
    if (registry !== undefined && named.has(name)) loaded?.REGISTRATIONS[name]?.(registry);
    else root.command(name);
    root.commands.at(-1)?.summary(summary);
  }
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
  /** What the command that ran said; success before any did. */
  exitCode(): ExitCode;
  /** The help or version text that commander made instead of running a command. */
  help(): string;
}

/**
 * The commander program: the global options, and what each command file registers.
 * @param argv the arguments that it will be given
 */
export async function buildProgram(runtime: Runtime, commands: Commands, argv: readonly string[]): Promise<Program> {
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

  await addCommands(root, commands, argv, (create) =>
    create(runtime, root, (code) => {
      exitCode = code;
    }),
  );
  return { command: root, exitCode: () => exitCode, help: () => help };
}
