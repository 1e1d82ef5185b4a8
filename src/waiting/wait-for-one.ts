import {
  HttpStatusError,
  isRefusal,
  isRequestFailure,
  isWaitTimeout,
  PROXY_COMMAND_FAILED,
  RequestTimeoutError,
  type TaskManagerError,
  UnreachableError,
} from "../client/errors.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import type { Clock } from "../runtime/clock.js";
import type { Deadline } from "./deadline.js";
import { judgeAnswer } from "./judge-answer.js";
import type { Outcome } from "./outcome.js";

/** A task and the node that knows it. */
export interface WaitTarget {
  readonly id: string;
  readonly client: TaskManagerClient;
  /** Whether the node has already answered in this run. Default false. */
  readonly reached?: boolean;
  /** Waits for the end if more than the task tells of it, such as the call that started it. */
  wait?(options: WaitForOneOptions): Promise<Outcome>;
}

export interface WaitForOneOptions {
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** How long a failed connection is retried, in milliseconds; 0 for never. */
  readonly retryForMs: number;
  readonly signal: AbortSignal;
  /** Called once when a connection broke. */
  onTrouble(message: string): void;
}

/** Added to the deadline before the client itself gives up, so that the server's 408 comes first. */
const GRACE_MS = 1000;
/** More than a server takes to say that it does not know the task. */
const HELD_MS = 5000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3000;

/**
 * Waits until a task has ended: one long poll, repeated while the connection to the node is broken.
 *
 * A node that was never reached in this run is not retried, so that a wrong port fails at once. After that, a broken
 * connection, a proxy's 502, 503 or 504, a node that restarts, or an RPC that found a connection closed (catalogue: a
 * node is down) is retried for `retryForMs`. This time restarts only when a short request has shown that the node
 * answers, so that a proxy that cuts off long polls does no harm.
 * @throws RequestAbortedError, or the clock's AbortError, when the signal aborts
 */
export async function waitForOne(target: WaitTarget, options: WaitForOneOptions): Promise<Outcome> {
  const { id, client } = target;
  const { clock, deadline, retryForMs, signal, onTrouble } = options;
  const unknown = (reason: string, isGone = false) => ({ kind: "unknown", id, reason, isGone }) as const;
  const judge = (status: TaskStatus) => judgeAnswer(id, status, client, { signal, timeoutMs: LOOK_TIMEOUT_MS });
  let reached = target.reached === true;
  let brokenSinceMs: number | undefined;
  let pauseMs = FIRST_PAUSE_MS / 2;
  let hasReported = false;
  for (;;) {
    const startedMs = clock.monotonic();
    try {
      if (brokenSinceMs !== undefined) {
        const answer = await shortWait(target, deadline, signal);
        if (answer !== undefined) return await judge(answer);
        brokenSinceMs = undefined;
        if (deadline.hasPassed) return { kind: "timeout", id };
      }
      const limits = deadline.isFinite
        ? { timeoutSeconds: Math.ceil(deadline.remainingMs / 1000), timeoutMs: deadline.remainingMs + GRACE_MS }
        : {};
      return await judge(await client.waitTask(id, { ...limits, signal }));
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      if (isWaitTimeout(error) || (error instanceof RequestTimeoutError && deadline.hasPassed)) {
        return { kind: "timeout", id };
      }
      if (isRefusal(error)) {
        // If the task does not exist, the server says so at once: a poll that was held open had found it.
        const wasThere = reached || clock.monotonic() - startedMs >= HELD_MS;
        return wasThere ? unknown(lostTask(id), true) : { ...unknown(error.message, true), mayBeElsewhere: true };
      }
      reached ||= mayHaveArrived(error);
      // A long poll may have been open for hours before it broke: what counts is when it broke.
      brokenSinceMs ??= clock.monotonic();
      if (!reached || !isPassing(error)) return unknown(error.message);
      const leftMs = brokenSinceMs + retryForMs - clock.monotonic();
      if (leftMs <= 0) {
        const patience = retryForMs === 0 ? "" : ` (retried for ${retryForMs / 1000} s, see --retry-for)`;
        return unknown(`${error.message}${patience}`);
      }
      if (deadline.hasPassed) return { kind: "timeout", id };
      if (!hasReported) onTrouble(`${error.message}; retrying for up to ${retryForMs / 1000} s`);
      hasReported = true;
      // After a poll that was open for a while, the pause is short again.
      pauseMs =
        clock.monotonic() - startedMs > LONGEST_PAUSE_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await clock.sleep(Math.min(pauseMs, leftMs, deadline.remainingMs), signal);
    }
  }
}

const mayHaveArrived = (error: TaskManagerError) =>
  !(error instanceof UnreachableError) || (error.maybeSent && error.code !== PROXY_COMMAND_FAILED);

/** Limit for a short request. */
const LOOK_TIMEOUT_MS = 10_000;

/**
 * Whether the node answers again and still knows the task; its status if it has ended. A silent server does not exceed
 * the deadline. rest-api: a timeout of 0 is always answered with 408, one of 1 s works as intended.
 */
async function shortWait(
  { id, client }: WaitTarget,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<TaskStatus | undefined> {
  const timeoutMs = Math.min(LOOK_TIMEOUT_MS, deadline.remainingMs + GRACE_MS);
  try {
    return await client.waitTask(id, { timeoutSeconds: 1, timeoutMs, signal });
  } catch (error) {
    if (isWaitTimeout(error)) return undefined;
    throw error;
  }
}

/** Whether retrying may help. */
function isPassing(error: TaskManagerError): boolean {
  if (error instanceof UnreachableError) return !error.isPermanent;
  if (error instanceof RequestTimeoutError) return true;
  if (!(error instanceof HttpStatusError)) return false;
  // A 408 that is not the server's comes from a proxy that cut off the poll.
  return (
    [408, 502, 503, 504].includes(error.status) ||
    (error.status === 500 && /\bclosed_error\b/.test(error.serverMessage))
  );
}

function lostTask(id: string): string {
  return (
    `task ${id} is no longer known: it ended and was forgotten before its outcome could be read, or its node restarted, ` +
    "so the outcome is unknown. To keep finished tasks longer: tasks user-ttl --set 3600 " +
    "(tasks ttl --set 3600 for those that the server started itself)"
  );
}
