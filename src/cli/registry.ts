import type { Command, OptionValues } from "commander";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { ExitCode } from "../exit-codes.js";
import type { Cluster } from "../nodes/cluster.js";
import type { ConnectionNeeds } from "../nodes/connection.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import type { ConnectionOptions } from "./connection-options.js";

/** Options that every command has beside its own. */
export interface GlobalOptions {
  readonly output: Output;
  /** The nodes, where the user asked for more than one; the client then is the first of them. */
  readonly cluster: Cluster | undefined;
}

/** One run of a command against one node. What it returns becomes the exit code; nothing is success. */
export type Run<O> = (
  runtime: Runtime,
  client: TaskManagerClient,
  options: O & GlobalOptions,
) => Promise<ExitCode | undefined>;

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
