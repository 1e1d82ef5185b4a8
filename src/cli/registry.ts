import type { Command, OptionValues } from "commander";
import type { ExitCode } from "../exit-codes.js";
import type { ConnectionNeeds } from "../nodes/connection.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import type { ConnectionOptions } from "./connection-options.js";

/** Options that every command has beside its own. */
export interface GlobalOptions {
  readonly output: Output;
}

/**
 * One run of a command against the nodes that the user asked for. What it returns becomes the exit code; nothing is success.
 * Who did not answer is for its caller to say.
 */
export type Run<O> = (runtime: Runtime, nodes: Nodes, options: O & GlobalOptions) => Promise<ExitCode | undefined>;

/**
 * Turns what commander parsed into the options of a run: named options, positionals one by one, and the values of a variadic
 * positional.
 */
export type Read<O> = (
  parsed: OptionValues,
  positionals: readonly (string | undefined)[],
  variadic: readonly string[],
) => O;

/** What a command file registers itself with. */
export interface Registry {
  /** The program, with the options that every command has. */
  readonly root: Command;
  /** Adds a subcommand, below another command where one is given. */
  command(name: string, under?: Command): Command;
  /** What the options, the environment and the chosen context say about the nodes. */
  connectionOptions(): Promise<ConnectionOptions>;
  /**
   * Makes commander's action of a run function: `read` turns what commander parsed into the run's options, then the
   * connection is opened, the run done, and the connection closed.
   */
  action<O>(
    run: Run<O>,
    read: Read<O>,
    connections?: (options: O) => ConnectionNeeds,
  ): (...args: unknown[]) => Promise<void>;
  /** As `action`, for a command that asks no node. */
  localAction<O>(
    run: (runtime: Runtime, options: O & Pick<GlobalOptions, "output">) => Promise<ExitCode | undefined>,
    read: Read<O | Promise<O>>,
  ): (...args: unknown[]) => Promise<void>;
}
