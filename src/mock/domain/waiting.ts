import type { Clock } from "./clock.js";
import { WaitTimedOut } from "./errors.js";
import type { Task } from "./task.js";

export interface WaitOptions {
  /** In milliseconds; 0 only checks whether the task has ended. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the wait. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves once the task has ended, done or failed, and even if it is unregistered by then (semantics 15).
 * @throws {WaitTimedOut}
 * @throws the signal's reason
 */
export function waitUntilFinished(task: Task, clock: Clock, options: WaitOptions = {}): Promise<void> {
  const { timeoutMs, signal } = options;
  if (task.isFinished) return Promise.resolve();
  if (timeoutMs === 0) return Promise.reject(new WaitTimedOut());
  return new Promise((resolve, reject) => {
    const leave = () => {
      stopWaiting();
      timeout?.cancel();
      signal?.removeEventListener("abort", giveUp);
    };
    const giveUp = () => {
      leave();
      reject(signal?.reason);
    };
    const stopWaiting = task.whenFinished(() => {
      leave();
      resolve();
    });
    const timeout =
      timeoutMs === undefined
        ? undefined
        : clock.schedule(
            clock.nowMs() + timeoutMs,
            () => {
              leave();
              reject(new WaitTimedOut());
            },
            undefined,
          );
    if (signal?.aborted) giveUp();
    else signal?.addEventListener("abort", giveUp, { once: true });
  });
}
