import { HttpStatusError } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Interruption } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { NoAnswerError, PartialRefusal } from "./partial.js";

/** One message for a person; server text in it cannot drive the terminal or begin a line, and no stack trace is in it. */
export function messageOf(error: unknown): string {
  // The hint of a usage error has a line of its own, and so has each node that did not answer.
  if (error instanceof UsageError || error instanceof PartialRefusal) {
    return error.message.split("\n").map(printable).join("\n");
  }
  return printable(error instanceof Error ? error.message : String(error));
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof PartialRefusal || error instanceof NoAnswerError) return EXIT.partial;
  if (error instanceof HttpStatusError) return EXIT.httpStatus;
  if (error instanceof Interruption) return error.exitCode;
  return EXIT.failure;
}
