import type { Cluster, NodeFailure } from "../client/cluster.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printable } from "../format/printable.js";

/** Who answered knows no such task or module; but a node that did not answer may. */
export class PartialRefusal extends Error {
  override readonly name = "PartialRefusal";

  constructor(refusal: Error, { failures }: Cluster) {
    super([refusal.message, ...failures.map(warningOf)].join("\n"), { cause: refusal });
  }
}

const warningOf = ({ node, reason }: NodeFailure) =>
  `warning: nothing from node ${printable(node)}: ${printable(reason)}`;

/**
 * Says on stderr which nodes did not answer, so that a part is never taken for the whole.
 * @returns the exit code of a partial answer, or of success where every node answered
 */
export async function partialOutcome(context: Context, cluster: Cluster): Promise<ExitCode> {
  const { failures } = cluster;
  for (const failure of failures) await context.stderr.write(`${warningOf(failure)}\n`);
  return failures.length === 0 ? EXIT.success : EXIT.partial;
}
