import { HttpStatusError, RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import type { Clock } from "../runtime/runtime.js";
import type { WaitTarget } from "./wait-for-task.js";

/**
 * Looks at an unfinished task again and again, for as long as the signal lets it. On a seed-generation server `task_status`
 * destroys a finished task (rest-api: Two generations), so the task is first asked for by `wait_task` with timeout 0, whose
 * 408 says that it is unfinished; a finished one is left to the wait. Never throws: progress is a comfort, and the wait tells
 * what is wrong.
 */
export async function watchProgress(
  { id, client }: WaitTarget,
  terms: { readonly clock: Clock; readonly intervalMs: number; readonly signal: AbortSignal },
  onStatus: (status: TaskStatus) => void,
): Promise<void> {
  const { clock, intervalMs, signal } = terms;
  const call = { signal, timeoutMs: Math.max(intervalMs, 5000) };
  while (!signal.aborted) {
    try {
      await client.waitTask(id, { ...call, timeoutSeconds: 0 });
      return;
    } catch (error) {
      if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) return;
      if (error instanceof HttpStatusError && error.status === 408) {
        const status = await client.taskStatus(id, call).catch(() => undefined);
        if (status !== undefined && !signal.aborted) onStatus(status);
      }
    }
    await clock.sleep(intervalMs, signal).catch(() => {});
  }
}
