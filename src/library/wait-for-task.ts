import type { TaskManagerClient } from "../client/task-manager.js";
import { systemClock } from "../runtime/clock.js";
import { Deadline } from "../waiting/deadline.js";
import type { Outcome } from "../waiting/outcome.js";
import { waitForTask as waitUntil } from "../waiting/wait-for-task.js";

export interface WaitForTaskOptions {
  /** Default: for as long as the task takes. */
  readonly timeoutMs?: number;
  /** For how long a connection that broke is tried again. Default 60,000; 0 for not at all. */
  readonly retryForMs?: number;
  /** Ends the wait: it then throws a `RequestAbortedError`, or what the signal's reason is. */
  readonly signal?: AbortSignal;
  /** Told once when a connection broke, in a sentence for a person. */
  readonly onTrouble?: (message: string) => void;
}

const RETRY_FOR_MS = 60_000;

/**
 * Waits until a task has ended, as `tasks wait` does: a connection that breaks is made again, and only what the server said counts
 * as an end. An aborted repair of tablets is distinguished from one that succeeded if the server can.
 * @returns how it came out; of what went wrong on the way, `unknown` says why
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
