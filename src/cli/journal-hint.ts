import { isRefusal } from "../client/errors.js";
import { existingDefaultJournal } from "../journal/journal-directory.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { UnknownBeginningError, UsageError } from "../usage-error.js";
import { ErrorWithHint } from "./failure.js";

/** Servers forget finished tasks: one that the server does not know may be in a journal. */
export async function withJournalHint(error: unknown, { env }: Runtime, nodes: Nodes): Promise<unknown> {
  if (nodes.timesSeen !== undefined || nodes.everUnanswered.length > 0) return error;
  if (!isRefusal(error) && !(error instanceof UnknownBeginningError)) return error;
  const journal = await existingDefaultJournal(env);
  const hint =
    journal === undefined
      ? "Servers forget finished tasks. If they are in a journal of `tasks record`, give --from DIR"
      : `Servers forget finished tasks. They may be in the journal: --from ${journal}`;
  return error instanceof UnknownBeginningError
    ? new UsageError(`${error.message}\n${hint}`)
    : new ErrorWithHint(error, hint);
}
