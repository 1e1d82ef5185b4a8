import { UsageError } from "../usage-error.js";
import { printable } from "./printable.js";

/** What an error says, for a person; server text in it cannot drive the terminal or begin a line, and no stack trace is in it. */
export function errorText(error: unknown): string {
  return linesOf(error).map(printable).join("\n");
}

/** What the system says of a file: Node's message without the call and the path, which the message around it has. */
export const systemReason = (error: unknown): string => (error as Error).message.replace(/, \w+( '.*)?$/s, "");

/** A usage error has a hint below it; others that have lines of their own say so. */
function linesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  if (error instanceof UsageError) return error.message.split("\n");
  return (error as { readonly lines?: readonly string[] }).lines ?? [error.message];
}
