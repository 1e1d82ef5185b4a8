import { isRefusal } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { UnknownBeginningError } from "../usage-error.js";
import { PartialRefusal, partialResultWarnings } from "./failure.js";

/** The error of a run, in a form that takes into account nodes that did not answer. */
export function asPartialRefusal(error: unknown, { everUnanswered }: Nodes): unknown {
  if (everUnanswered.length === 0) return error;
  // A node that did not answer may know what the others do not know.
  const isUnknown = isRefusal(error) || error instanceof UnknownBeginningError;
  return isUnknown ? new PartialRefusal(error, everUnanswered) : error;
}

/**
 * Prints on stderr which nodes did not answer, and what else was left out.
 * @returns the exit code of the run: an incomplete success has its own
 */
export async function reportPartialResult(
  runtime: Runtime,
  { everUnanswered, leftOut }: Pick<Nodes, "everUnanswered"> & { readonly leftOut: Iterable<string> },
  exitCode: ExitCode,
): Promise<ExitCode> {
  const lines = partialResultWarnings(everUnanswered, leftOut);
  if (lines.length === 0) return exitCode;
  for (const line of lines) await printMessage(runtime, line);
  return exitCode === EXIT.success ? EXIT.partial : exitCode;
}
