import { run } from "./cli.js";
import { processContext } from "./context.js";
import type { ExitCode } from "./exit-codes.js";

/** The entry of the bundled program. */
export function main(argv: readonly string[]): Promise<ExitCode> {
  return run(argv, processContext());
}
