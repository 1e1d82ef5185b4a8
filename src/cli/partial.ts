import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Cluster } from "../nodes/cluster.js";
import type { Runtime } from "../runtime/runtime.js";
import { failureLine } from "./failure.js";

/**
 * Says on stderr which nodes did not answer, so that a part is never taken for the whole.
 * @returns the exit code of a partial answer, or of success where every node answered
 */
export async function partialOutcome(runtime: Runtime, { failures }: Pick<Cluster, "failures">): Promise<ExitCode> {
  for (const failure of failures) await runtime.stderr.write(`${failureLine(failure)}\n`);
  return failures.length === 0 ? EXIT.success : EXIT.partial;
}
