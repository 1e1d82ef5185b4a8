// What both completion and commands need stands in the entry.
import "./cli/nodetool-spellings.js";
import "./strings/printable.js";
import "./vocabulary.js";
import { run } from "./cli/run.js";
import { COMMANDS } from "./commands.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { processRuntime } from "./runtime/runtime.js";

/** The entry of the bundled program: runs a command line, and leaves its exit code to the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const runtime = processRuntime();
  let exitCode: ExitCode = EXIT.failure;
  // Set at the end: commander reads it, and Node would end with 0 where nothing is left that could bring the run to its end.
  process.once("exit", () => {
    process.exitCode = exitCode;
  });
  if (argv[0] === "__complete") {
    const { commandTable, complete } = await import("./shell-completion.js");
    await complete(argv.slice(1), runtime, await commandTable());
    exitCode = EXIT.success;
    // A look-up of a name that takes long would keep the shell waiting.
    process.exit();
  }
  exitCode = await run(argv, runtime, COMMANDS);
  // An interrupted command does not wait for a reader that reads nothing: `tasks list | less`, then Ctrl-C.
  if (exitCode > 128) process.exit();
}
