import { isRefusal, isRequestFailure, isWaitTimeout, TaskManagerError } from "../client/errors.js";
import type { Clock } from "../runtime/clock.js";
import { judgeAnswer } from "../waiting/judge-answer.js";
import { hasEnded } from "../waiting/outcome.js";
import type { NodeWatch } from "./node-watch.js";
import type { Register, WatchedTask } from "./register.js";

/** How long one wait request may take before it is sent again: shorter than the timeout of most proxies. */
const WAIT_SECONDS = 45;
const GRACE_MS = 10_000;

/** Long polls that wait for the ends of tasks, so that each end is known at once. Their number is limited. */
export class EndWaits {
  readonly #waiting = new Set<Promise<void>>();

  constructor(
    private readonly most: number,
    private readonly register: Register,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits for the end of a task, if there is room for one more. */
  offer(task: WatchedTask, watch: NodeWatch): void {
    if (task.hasEnded || task.isAwaited || task.isNoticed) return;
    if (this.#waiting.size >= this.most || !watch.canWait || watch.lostMs !== undefined) return;
    task.isAwaited = true;
    const wait = this.#wait(task, watch).finally(() => {
      task.isAwaited = false;
      this.#waiting.delete(wait);
    });
    this.#waiting.add(wait);
  }

  /** Resolves once all requests have stopped after the signal. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #wait(task: WatchedTask, watch: NodeWatch): Promise<void> {
    const { id } = task;
    const sentMs = this.clock.now();
    try {
      const status = await this.#answer(task, watch);
      if (status === undefined) return;
      const nowMs = this.clock.now();
      const outcome = await judgeAnswer(id, status, watch.client, watch.call);
      if (!hasEnded(outcome)) return;
      const requestedMs = this.clock.now();
      if (task.parts !== undefined && watch.keepsTrees) {
        const tree = await watch.client.taskStatusRecursive(id, watch.call).catch(passed);
        if (tree !== undefined) this.register.seeParts(task, tree, { requestedMs, nowMs }, task.lookedMs);
      }
      // The task may have ended before the request was sent, and then the answer came at once. If a later list showed it running,
      // it had not.
      this.register.end(task, outcome.status, nowMs, task.seenMs > sentMs ? 0 : nowMs - task.seenMs);
    } catch (error) {
      if (!(error instanceof TaskManagerError)) throw error;
      // The next list shows what happened to it.
    }
  }

  /** The answer to a wait; `undefined` if the task was seen to end in the meantime, or no longer exists. */
  async #answer(task: WatchedTask, watch: NodeWatch) {
    while (!task.hasEnded && watch.lostMs === undefined) {
      try {
        return await watch.client.waitTask(task.id, {
          timeoutSeconds: WAIT_SECONDS,
          timeoutMs: WAIT_SECONDS * 1000 + GRACE_MS,
          signal: this.signal,
        });
      } catch (error) {
        if (isRefusal(error)) {
          task.isNoticed = true;
          return undefined;
        }
        if (!isWaitTimeout(error)) throw error;
      }
    }
    return undefined;
  }
}

/** Parts of a task that was just seen to end may be gone. */
function passed(error: unknown): undefined {
  if (isRequestFailure(error)) return undefined;
  throw error;
}
