import type { Cluster } from "../client/cluster.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { failureLine } from "../failure.js";

/**
 * Says on stderr which nodes did not answer, so that a part is never taken for the whole.
 * @returns the exit code of a partial answer, or of success where every node answered
 */
export async function partialOutcome(context: Context, { failures }: Pick<Cluster, "failures">): Promise<ExitCode> {
  for (const failure of failures) await context.stderr.write(`${failureLine(failure)}\n`);
  return failures.length === 0 ? EXIT.success : EXIT.partial;
}
