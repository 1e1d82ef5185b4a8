import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage } from "../runtime/messages.js";
import { Interruption, type Runtime } from "../runtime/runtime.js";
import { ClosedPipe } from "../runtime/sink.js";
import { errorText } from "../strings/error-text.js";
import { exitCodeOf, reasonOf } from "./failure.js";
import { normaliseArgv } from "./nodetool-spellings.js";
import { buildProgram, namedCommand } from "./program.js";
import type { Commands, SayFailure } from "./registry.js";
import { withWatchIntervals } from "./watch-interval.js";

/** What {@link run} does with all but the plainest command lines. */
export async function runCommandLine(argv: readonly string[], runtime: Runtime, commands: Commands): Promise<ExitCode> {
  const arguments_ = withWatchIntervals(normaliseArgv(argv));
  const program = buildProgram(runtime, commands, arguments_);
  try {
    try {
      await program.command.parseAsync(arguments_, { from: "user" });
    } catch (error) {
      // Help and version are no failures: commander throws to end the run.
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
      await runtime.stdout.write(program.help());
    }
    return program.exitCode();
  } catch (error) {
    const say = await commands.failure?.(namedCommand(program.command, arguments_) ?? "");
    return await failed(error, runtime, say);
  }
}

/**
 * Says what went wrong, and gives its exit code.
 * @param say in the words of the command, where it has its own
 */
export async function failed(error: unknown, runtime: Runtime, say?: SayFailure): Promise<ExitCode> {
  if (error instanceof ClosedPipe) return EXIT.success;
  const cause = reasonOf(error, runtime);
  // A user who interrupts a command knows it.
  if (cause instanceof Interruption) return cause.exitCode;
  if (say !== undefined) return await say(runtime, cause);
  await printMessage(runtime, `error: ${errorText(cause)}`);
  return exitCodeOf(cause);
}
