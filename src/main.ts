import { run } from "./cli.js";
import { processContext } from "./context.js";
import { EXIT } from "./exit-codes.js";

/** The entry of the bundled program: runs a command line, and ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const context = processContext();
  // Node would end with 0 where nothing is left that could bring the run to its end.
  process.exitCode = EXIT.failure;
  const exitCode = await run(argv, context);
  process.exitCode = exitCode;
  // To take the process apart costs a twentieth of its start. Whoever interrupts it waits for no reader either.
  if (exitCode > 128 || (context.stdout.isFlushed && context.stderr.isFlushed)) process.exit();
}
