import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage } from "../runtime/messages.js";
import { Interruption, type Runtime } from "../runtime/runtime.js";
import { ClosedPipe } from "../runtime/sink.js";
import { errorText } from "../strings/error-text.js";
import { exitCodeOfError, reasonOf } from "./failure.js";
import { normaliseArgv } from "./nodetool-spellings.js";
import { buildProgram, namedCommand } from "./program.js";
import type { Commands, SayFailure } from "./registry.js";
import { withWatchIntervals } from "./watch-interval.js";

/** The full {@link run}, for everything except the plainest command lines. */
export async function runCommandLine(argv: readonly string[], runtime: Runtime, commands: Commands): Promise<ExitCode> {
  const arguments_ = withWatchIntervals(normaliseArgv(argv));
  const program = buildProgram(runtime, commands, arguments_);
  try {
    try {
      await program.command.parseAsync(arguments_, { from: "user" });
    } catch (error) {
      // Help and version are not failures: commander throws to end the run.
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
      await runtime.stdout.write(program.help());
    }
    return program.exitCode();
  } catch (error) {
    const name = namedCommand(program.command, arguments_) ?? "";
    // A file that cannot be loaded is what went wrong already.
    const file = commands.summaries.has(name) ? await commands.load(name).catch(() => undefined) : undefined;
    return await failed(error, runtime, file?.sayFailure);
  }
}

/**
 * Reports an error, and returns its exit code.
 * @param say reports it in the command's own way, if it has one
 */
export async function failed(error: unknown, runtime: Runtime, say?: SayFailure): Promise<ExitCode> {
  if (error instanceof ClosedPipe) return EXIT.success;
  const cause = reasonOf(error, runtime);
  // A user who interrupts a command needs no message.
  if (cause instanceof Interruption) return cause.exitCode;
  if (say !== undefined) return await say(runtime, cause);
  await printMessage(runtime, `error: ${errorText(cause)}`);
  return exitCodeOfError(cause);
}
