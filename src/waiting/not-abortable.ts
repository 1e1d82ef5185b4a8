import { type NotAbortableReason, notAbortableReason } from "../client/errors.js";
import { printable } from "../strings/printable.js";

/** The reasons why a task cannot be aborted now (semantics 24). */
const WHY: Readonly<Record<Exclude<NotAbortableReason, "never">, string>> = {
  running: "it is already running, and only queued operations can be stopped",
  joining: "joining or replacing a node cannot be stopped",
  "not-queued": "it has ended, or is not queued",
};

/**
 * Why a task could not be aborted, as a message; `undefined` if the abort failed for another reason. For tasks that are
 * never abortable, the text is nodetool's (nodetool-tasks: abort).
 */
export function notAbortableText(taskId: string, error: unknown): string | undefined {
  const reason = notAbortableReason(error);
  if (reason === undefined) return undefined;
  const task = `Task with id ${printable(taskId)}`;
  return reason === "never" ? `${task} is not abortable` : `${task} cannot be aborted now, because ${WHY[reason]}`;
}
