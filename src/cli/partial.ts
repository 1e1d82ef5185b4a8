import { type HttpStatusError, isRefusal } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Nodes, UnansweredNode } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { tell } from "../waiting/tell.js";

const warningOf = ({ node, reason }: UnansweredNode): string =>
  `warning: nothing from node ${printable(node)}: ${printable(reason)}`;

/** Nodes that are named one by one; of more, how many they are. */
const MAX_NAMED = 10;

function warnings(unanswered: readonly UnansweredNode[], leftOut: Iterable<string> = []): string[] {
  const lines = unanswered.slice(0, MAX_NAMED).map(warningOf);
  const more = unanswered.length - lines.length;
  if (more > 0) lines.push(`warning: nothing from ${more} more nodes`);
  for (const text of leftOut) lines.push(`warning: ${printable(text)}`);
  return lines;
}

/** Who answered knows no such task or module; but a node that did not answer may. */
export class PartialRefusal extends Error {
  override readonly name = "PartialRefusal";

  constructor(refusal: HttpStatusError, unanswered: readonly UnansweredNode[]) {
    super([printable(refusal.message), ...warnings(unanswered)].join("\n"), { cause: refusal });
  }
}

/** Nobody answered where an answer of every node was needed. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** What a run failed with, as it is to be said where some nodes did not answer. */
export function asPartial(error: unknown, { everUnanswered }: Nodes): unknown {
  return everUnanswered.length > 0 && isRefusal(error) ? new PartialRefusal(error, everUnanswered) : error;
}

/**
 * Says on stderr which nodes did not answer in a run, and what else was left out.
 * @returns its exit code: success of a part is another one
 */
export async function exitCodeOfPart(
  runtime: Runtime,
  {
    everUnanswered,
    leftOut,
  }: { readonly everUnanswered: readonly UnansweredNode[]; readonly leftOut: Iterable<string> },
  exitCode: ExitCode,
): Promise<ExitCode> {
  const lines = warnings(everUnanswered, leftOut);
  if (lines.length === 0) return exitCode;
  for (const line of lines) await tell(runtime, line);
  return exitCode === EXIT.success ? EXIT.partial : exitCode;
}
