import type { Command, OptionValues } from "commander";
import { applyContext } from "../config/apply.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { type ConnectionNeeds, openConnection } from "../nodes/connection.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import { createOutput, type Output } from "../runtime/output.js";
import { type Runtime, withClock } from "../runtime/runtime.js";
import { ClosedPipe } from "../runtime/sink.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { strict } from "./commander-errors.js";
import { connectionOptions } from "./connection-options.js";
import { withHint } from "./failure.js";
import { outputOptions } from "./output-options.js";
import { asPartialRefusal, reportPartialResult } from "./partial-result.js";
import { withinDeadline } from "./within-deadline.js";

/** Options that every command has besides its own. */
export interface GlobalOptions {
  readonly output: Output;
}

/**
 * Runs a command on the nodes that the user asked for. It returns the exit code; `undefined` means success. The caller reports
 * nodes that did not answer.
 */
export type Run<O> = (runtime: Runtime, nodes: Nodes, options: O & GlobalOptions) => Promise<ExitCode | undefined>;

/**
 * Turns what commander parsed into the options of a run: named options, single positionals, and the values of a variadic
 * positional.
 */
export type Read<O> = (
  parsed: OptionValues,
  positionals: readonly (string | undefined)[],
  variadic: readonly string[],
) => O;

/** What a command file uses to register its command. */
export interface Registry {
  /** The program, with the global options. */
  readonly root: Command;
  /** All commands of the program, for a command that runs others. */
  readonly commands: Commands;
  /** The command with this name, to add its description, options and action; `under`: as a subcommand of that one. */
  command(name: string, under?: Command): Command;
  /** Where the nodes are, according to the options, the environment and the chosen context. */
  connectionOptions(): Promise<ConnectionOptions>;
  /**
   * Turns a run function into commander's action: `read` creates the options of the run from what commander parsed, then the
   * connection is opened, the command runs, and the connection is closed.
   * @param meaning what it means for the command if a node did not answer, or the run failed
   */
  action<O>(
    run: Run<O>,
    read: Read<O>,
    connections?: (options: O) => ConnectionNeeds,
    meaning?: (error: Error, runtime: Runtime, options: O) => Promise<Error>,
  ): (...args: unknown[]) => Promise<void>;
  /** As `action`, for a command that queries no nodes. */
  localAction<O>(
    run: (runtime: Runtime, options: O & Pick<GlobalOptions, "output">) => Promise<ExitCode | undefined>,
    read: Read<O | Promise<O>>,
  ): (...args: unknown[]) => Promise<void>;
}

/** Adds a command to the program. */
export type Registration = (registry: Registry) => void;

/** How a command reports errors, also wrong arguments. @returns the exit code */
export type SayFailure = (runtime: Runtime, error: unknown) => Promise<ExitCode>;

/** What a file in `commands/` exports. */
export interface CommandFile {
  readonly register: Registration;
  /** Default: a message on stderr. */
  readonly sayFailure?: SayFailure;
}

/** The commands of the program: see `commands.ts`. */
export interface Commands {
  /** What each command does, in a few words, by name, in the order of the help. */
  readonly summaries: ReadonlyMap<string, string>;
  /** Loads the file of one of them. */
  load(name: string): Promise<CommandFile>;
}

/**
 * Creates the registry for a program.
 * @param finish called with the exit code of the command that ran
 */
export function createRegistry(
  runtime: Runtime,
  root: Command,
  commands: Commands,
  finish: (exitCode: ExitCode) => void,
): Registry {
  const registry: Registry = {
    root,
    commands,
    command: (name, under = root) => {
      const command = under.commands.find((each) => each.name() === name) ?? strict(under.command(name));
      return command.addHelpText("after", "\nGlobal options: tasks --help");
    },
    connectionOptions: async () => {
      const { name, token } = await applyContext(root, runtime.env);
      // So that the user notices if it is the wrong cluster.
      if (name !== undefined && runtime.stderr.isTerminal) await printMessage(runtime, `context: ${printable(name)}`);
      const { TASKS_TOKEN } = runtime.env;
      if (TASKS_TOKEN) return connectionOptions(root, { text: TASKS_TOKEN, source: "env" });
      return connectionOptions(root, token === undefined ? undefined : { text: token, source: "context" });
    },
    action:
      (runCommand, read, connectionNeeds, meaning) =>
      async (...args) => {
        const connection = await registry.connectionOptions();
        const { parsed, positionals, variadic } = parsedArguments(args);
        const options = read(parsed, positionals, variadic);
        const printing = outputOptions(root, parsed);
        const needs = connectionNeeds?.(options) ?? {};
        const body = async (limited: Runtime) => {
          const { nodes, close, clock } = await openConnection(limited, connection, needs);
          const running = clock === undefined ? limited : withClock(limited, clock);
          const output = createOutput(running, printing);
          let exitCode: ExitCode;
          try {
            exitCode = (await runCommand(running, nodes, { ...options, output })) ?? EXIT.success;
          } catch (error) {
            throw withHint(asPartialRefusal(error, nodes), nodes);
          } finally {
            await close();
          }
          for (const text of output.leftOut) nodes.leftOut.add(text);
          finish(await reportPartialResult(limited, nodes, exitCode));
        };
        try {
          await withinDeadline(runtime, needs.isWait ? undefined : connection.deadlineMs, body);
        } catch (error) {
          if (meaning === undefined || !isOfNodes(error, runtime)) throw error;
          throw await meaning(error, runtime, options);
        }
      },
    localAction:
      (runCommand, read) =>
      async (...args) => {
        const { parsed, positionals, variadic } = parsedArguments(args);
        const options = await read(parsed, positionals, variadic);
        // Read again, because `read` may have applied a context that sets output options.
        const printing = outputOptions(root, parsedArguments(args).parsed);
        const output = createOutput(runtime, printing);
        const exitCode = (await runCommand(runtime, { ...options, output })) ?? EXIT.success;
        finish(await reportPartialResult(runtime, { everUnanswered: [], leftOut: output.leftOut }, exitCode));
      },
  };
  return registry;
}

/** Neither a wrong argument, nor an interrupt by the user. */
const isOfNodes = (error: unknown, { interrupt }: Runtime): error is Error =>
  error instanceof Error && !(error instanceof UsageError) && !(error instanceof ClosedPipe) && !interrupt.aborted;

/** commander calls an action with the positionals (a variadic one as an array), the command's own options, and the command. */
export function parsedArguments(args: unknown[]): {
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
