import type { Clock } from "./clock.js";
import { WaitTimedOut } from "./errors.js";
import type { Task } from "./task.js";

export interface WaitOptions {
  /** 0 asks whether the task has finished; absent, there is no end to the patience. */
  readonly timeoutMs?: number | undefined;
  /** Gives up the waiting, leaving nothing behind. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves once the task has ended, however it ended and whether or not it is registered still (semantics 15).
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
