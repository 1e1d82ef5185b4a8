import type { TaskManagerClient } from "../client/task-manager.js";
import { systemClock } from "../runtime/clock.js";
import { Deadline } from "../waiting/deadline.js";
import type { Outcome } from "../waiting/outcome.js";
import { waitForOne as waitUntil } from "../waiting/wait-for-one.js";

export interface WaitForTaskOptions {
  /** Limit for the wait, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** How long a failed connection is retried, in milliseconds. Default 60,000; 0 for never. */
  readonly retryForMs?: number;
  /** Ends the wait, which then throws a `RequestAbortedError` or the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Called once when a connection broke, with a message for the user. */
  readonly onTrouble?: (message: string) => void;
}

const RETRY_FOR_MS = 60_000;

/**
 * Waits until a task has ended, like `tasks wait`: failed connections are retried, and only the server's answer counts
 * as an end. An aborted tablet repair is told from a successful one if the server can.
 * @returns the outcome; `unknown` has the reason
 */
export function waitForTask(
  client: TaskManagerClient,
  taskId: string,
  options: WaitForTaskOptions = {},
): Promise<Outcome> {
  const { timeoutMs, retryForMs = RETRY_FOR_MS, signal, onTrouble } = options;
  return waitUntil(
    { id: taskId, client },
    {
      clock: systemClock,
      deadline: new Deadline(systemClock, timeoutMs),
      retryForMs,
      signal: signal ?? new AbortController().signal,
      onTrouble: (message) => onTrouble?.(message),
    },
  );
}
