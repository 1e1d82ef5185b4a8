import { HttpStatusError, isRefusal, RequestAbortedError } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Nodes, UnansweredNode } from "../nodes/nodes.js";
import { Interruption, type Runtime } from "../runtime/runtime.js";
import { nearest } from "../strings/nearest.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { MAY_BE_ELSEWHERE, MODULE_NAMES } from "../vocabulary.js";

const warningOf = ({ node, reason }: UnansweredNode): string =>
  `warning: no answer from node ${printable(node)}: ${printable(reason)}`;

/** Maximum of nodes that are named; if there are more, they are counted. */
const MAX_NAMED = 10;

/** Warnings about an incomplete answer: which nodes did not answer, and what was left out. */
export function partialResultWarnings(unanswered: readonly UnansweredNode[], leftOut: Iterable<string> = []): string[] {
  const lines = unanswered.slice(0, MAX_NAMED).map(warningOf);
  const more = unanswered.length - lines.length;
  if (more > 0) lines.push(`warning: no answer from ${more} more nodes`);
  for (const text of leftOut) lines.push(`warning: ${printable(text)}`);
  return lines;
}

/** The nodes that answered do not know the task, module or prefix; a node that did not answer may know it. */
export class PartialRefusal extends Error {
  override readonly name = "PartialRefusal";

  /** The refusal, and the warnings about nodes. */
  readonly lines: readonly string[];

  constructor(refusal: Error, unanswered: readonly UnansweredNode[]) {
    super(refusal.message, { cause: refusal });
    this.lines = [refusal.message, ...partialResultWarnings(unanswered)];
  }
}

/** No node answered, and all answers were needed. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** An error, with advice on a line of its own. */
export class ErrorWithHint extends Error {
  override readonly name = "ErrorWithHint";
  readonly lines: readonly string[];

  constructor(cause: Error, hint: string) {
    super(cause.message, { cause });
    this.lines = [cause.message, hint];
  }
}

/** Something prevented a wait from finding out how its tasks ended (nodetool-tasks: 125). */
export class OutcomeUnknownError extends Error {
  override readonly name = "OutcomeUnknownError";
  readonly lines: readonly string[] | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.lines = (cause as { readonly lines?: readonly string[] }).lines;
  }
}

/** @returns the error, with a hint if it may be misleading */
export function withHint(error: unknown, { isMany }: Pick<Nodes, "isMany">): unknown {
  if (!isRefusal(error)) return error;
  const [, call, subject = ""] = /\/task_manager\/(\w+)\/([^?/]+)/.exec(error.request.path) ?? [];
  if (call === "list_module_tasks" || call === "drain") {
    const near = nearest(decodeURIComponent(subject), MODULE_NAMES);
    return near === undefined ? error : new ErrorWithHint(error, `(Did you mean ${near}?)`);
  }
  const isOfTask = call !== undefined && /^(task_status|task_status_recursive|wait_task|abort_task)$/.test(call);
  return isOfTask && !isMany ? new ErrorWithHint(error, MAY_BE_ELSEWHERE) : error;
}

/** Why a run ended; if it was aborted, the reason for that. */
export function reasonOf(error: unknown, { interrupt }: Pick<Runtime, "interrupt">): unknown {
  const isAbort = error instanceof RequestAbortedError || (error instanceof Error && error.name === "AbortError");
  return isAbort && interrupt.aborted ? interrupt.reason : error;
}

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof OutcomeUnknownError) return EXIT.outcomeUnknown;
  if (error instanceof ErrorWithHint) return exitCodeOfError(error.cause);
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof PartialRefusal || error instanceof NoAnswerError) return EXIT.partial;
  if (error instanceof HttpStatusError) return EXIT.httpStatus;
  if (error instanceof Interruption) return error.exitCode;
  return EXIT.failure;
}
