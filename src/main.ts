import { run } from "./cli/run.js";
import { EXIT } from "./exit-codes.js";
import { processRuntime } from "./runtime/runtime.js";

/** The entry of the bundled program: runs a command line, and ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const runtime = processRuntime();
  // Node would end with 0 where nothing is left that could bring the run to its end.
  process.exitCode = EXIT.failure;
  const exitCode = await run(argv, runtime);
  process.exitCode = exitCode;
  // To take the process apart costs a twentieth of its start. Whoever interrupts it waits for no reader either.
  if (exitCode > 128 || (runtime.stdout.isFlushed && runtime.stderr.isFlushed)) process.exit();
}
