import { isRefusal, isRequestFailure, isWaitTimeout, TaskManagerError } from "../client/errors.js";
import type { Clock } from "../runtime/clock.js";
import { judgeAnswer } from "../waiting/judge-answer.js";
import { hasEnded } from "../waiting/outcome.js";
import type { NodeWatch } from "./node-watch.js";
import type { Register, WatchedTask } from "./register.js";

/** For how long a request waits until it is asked anew: shorter than most proxies on the way are patient. */
const WAIT_SECONDS = 45;
const GRACE_MS = 10_000;

/** Requests that wait for the end of tasks, so that it is known to the moment. At most so many at once. */
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

  /** Resolves once all have given up, after the signal. */
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
      const askedMs = this.clock.now();
      if (task.parts !== undefined && watch.keepsTrees) {
        const tree = await watch.client.taskStatusRecursive(id, watch.call).catch(passed);
        if (tree !== undefined) this.register.seeParts(task, tree, { askedMs, nowMs }, task.lookedMs);
      }
      // It may have ended before it was waited for: then the answer came at once. It did not if a list showed it running after that.
      this.register.end(task, outcome.status, nowMs, task.seenMs > sentMs ? 0 : nowMs - task.seenMs);
    } catch (error) {
      if (!(error instanceof TaskManagerError)) throw error;
      // The next list tells what has become of it.
    }
  }

  /** The answer to a wait; none where the task has been seen to end meanwhile, or is not there any more. */
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

/** Of a task that was just seen to end its parts may be gone. */
function passed(error: unknown): undefined {
  if (isRequestFailure(error)) return undefined;
  throw error;
}
