import { Command, type CommanderError, type OptionValues } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { applyContext } from "../config/apply.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Runtime } from "../runtime/runtime.js";
import { nearest } from "../strings/nearest.js";
import { UsageError } from "../usage-error.js";
import { addConnectionOptions, connectionOptions } from "./connection-options.js";
import { addOutputOptions, outputOptions } from "./output-options.js";
import { asPartial, exitCodeOfPart } from "./partial.js";
import type { Registry } from "./registry.js";

type Registration = (registry: Registry) => void;

/**
 * The commands in the order of the help. Reading the file of a command takes as long as a tenth of Node's own start, and a run
 * needs one; help and a typing error need no more than names and summaries.
 */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Registration> }>> = {
  modules: {
    summary: "list the modules of the task manager",
    load: async () => (await import("../commands/modules.js")).registerModules,
  },
  list: {
    summary: "list the tasks of a module",
    load: async () => (await import("../commands/list.js")).registerList,
  },
  status: {
    summary: "show the status of a task",
    load: async () => (await import("../commands/status.js")).registerStatus,
  },
  tree: {
    summary: "show a task and its descendants, or those of all tasks",
    load: async () => (await import("../commands/tree.js")).registerTree,
  },
  explain: {
    summary: "say why a task failed",
    load: async () => (await import("../commands/explain.js")).registerExplain,
  },
  start: {
    summary: "start a compaction, cleanup, scrub, ...",
    load: async () => (await import("../commands/start.js")).registerStart,
  },
  wait: {
    summary: "wait until tasks have ended",
    load: async () => (await import("../commands/wait.js")).registerWait,
  },
  abort: {
    summary: "ask tasks to stop",
    load: async () => (await import("../commands/abort.js")).registerAbort,
  },
  ttl: {
    summary: "show or set for how long finished tasks are kept",
    load: async () => (await import("../commands/ttl.js")).registerTtl,
  },
  "user-ttl": {
    summary: "show or set for how long finished tasks that a user started are kept",
    load: async () => (await import("../commands/ttl.js")).registerUserTtl,
  },
  drain: {
    summary: "make the server forget finished tasks",
    load: async () => (await import("../commands/drain.js")).registerDrain,
  },
  idle: {
    summary: "check that nothing runs which a restart would harm",
    load: async () => (await import("../commands/idle.js")).registerIdle,
  },
  doctor: {
    summary: "check the way to the node, and what it can do",
    load: async () => (await import("../commands/doctor.js")).registerDoctor,
  },
  context: {
    summary: "show and choose named sets of options",
    load: async () => (await import("../commands/context.js")).registerContext,
  },
  mock: {
    summary: "serve a mock of the task manager",
    load: async () => (await import("../commands/mock.js")).registerMock,
  },
};

/** Adds each command that an argument names, and of the others what help and suggestions need. */
async function registerCommands(registry: Registry, argv: readonly string[]): Promise<void> {
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    if (argv.includes(name)) (await load())(registry);
    else registry.root.command(name);
    registry.root.commands.at(-1)?.summary(summary);
  }
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
export async function buildProgram(runtime: Runtime, argv: readonly string[]): Promise<Program> {
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
      // commander would open the stream to ask it.
      getOutHelpWidth: () => runtime.stdout.columns,
      getOutHasColors: () => false,
    })
    .addHelpText("after", EXAMPLES);
  addConnectionOptions(root);
  addOutputOptions(root);

  const registry: Registry = {
    root,
    command: (name, under = root) =>
      strict(under.command(name)).addHelpText("after", "\nOptions that every command takes: tasks --help"),
    connectionOptions: async () => {
      const { token } = await applyContext(root, runtime.env);
      const { TASKS_TOKEN } = runtime.env;
      if (TASKS_TOKEN) return connectionOptions(root, { text: TASKS_TOKEN, source: "env" });
      return connectionOptions(root, token === undefined ? undefined : { text: token, source: "context" });
    },
    action:
      (runCommand, read, connectionNeeds) =>
      async (...args) => {
        const connection = await registry.connectionOptions();
        const { parsed, positionals, variadic } = parsedArguments(args);
        const options = read(parsed, positionals, variadic);
        const printing = outputOptions(root, parsed);
        const [{ createOutput }, { openConnection }] = await Promise.all([
          import("../runtime/output.js"),
          import("../nodes/connection.js"),
        ]);
        const output = createOutput(runtime, printing);
        const { nodes, close } = await openConnection(runtime, connection, connectionNeeds?.(options));
        try {
          exitCode = (await runCommand(runtime, nodes, { ...options, output })) ?? EXIT.success;
        } catch (error) {
          throw asPartial(error, nodes);
        } finally {
          await close();
        }
        for (const text of output.leftOut) nodes.leftOut.add(text);
        exitCode = await exitCodeOfPart(runtime, nodes, exitCode);
      },
    localAction:
      (runCommand, read) =>
      async (...args) => {
        const { parsed, positionals, variadic } = parsedArguments(args);
        const options = await read(parsed, positionals, variadic);
        // Read anew: where the options asked for a context, it may say how to print.
        const printing = outputOptions(root, parsedArguments(args).parsed);
        const { createOutput } = await import("../runtime/output.js");
        const output = createOutput(runtime, printing);
        exitCode = (await runCommand(runtime, { ...options, output })) ?? EXIT.success;
        exitCode = await exitCodeOfPart(runtime, { everUnanswered: [], leftOut: output.leftOut }, exitCode);
      },
  };
  await registerCommands(registry, argv);
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
    case "commander.help": {
      // commander answers `help lst` as it answers no command at all.
      const [, asked] = command.args;
      if (asked === undefined) return "unrecognized operation argument: a command is missing";
      const near = nearest(asked, Object.keys(COMMANDS));
      return `unrecognized operation argument: '${asked}'${near === undefined ? "" : `\n(Did you mean ${near}?)`}`;
    }
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
