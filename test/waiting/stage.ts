import {
  type ErrorBody,
  HttpStatusError,
  RequestAbortedError,
  type RequestDescription,
  UnreachableError,
} from "../../src/client/errors.js";
import type { TaskManagerClient, WaitOptions } from "../../src/client/task-manager.js";
import type { TaskStatus } from "../../src/client/wire.js";
import type { Clock } from "../../src/runtime/clock.js";

export const REQUEST: RequestDescription = {
  method: "GET",
  origin: "http://node:10000",
  path: "/task_manager/wait_task/x",
};

/** A clock that stands still but for sleeping, which takes no time. */
export function stageClock(startMs = 0): Clock & { elapsedMs: number; readonly sleeps: number[] } {
  const clock = {
    elapsedMs: startMs,
    sleeps: [] as number[],
    now: () => clock.elapsedMs,
    monotonic: () => clock.elapsedMs,
    async sleep(ms: number, signal?: AbortSignal) {
      if (signal?.aborted) throw new RequestAbortedError(REQUEST, signal.reason);
      clock.sleeps.push(ms);
      clock.elapsedMs += ms;
    },
  };
  return clock;
}

/** A clock whose time passes only when a test says so. */
export function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let elapsedMs = 0;
  const sleepers = new Map<() => void, number>();
  // What was woken goes on, and goes to sleep again, before more time passes: each of its steps is a turn of the loop.
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => elapsedMs,
    monotonic: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const wake = () => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        };
        const giveUp = () => {
          sleepers.delete(wake);
          reject(signal?.reason);
        };
        if (signal?.aborted) return giveUp();
        signal?.addEventListener("abort", giveUp, { once: true });
        sleepers.set(wake, elapsedMs + ms);
      }),
    async advance(ms) {
      await settle();
      const untilMs = elapsedMs + ms;
      for (;;) {
        const next = [...sleepers].sort(([, a], [, b]) => a - b)[0];
        if (next === undefined || next[1] > untilMs) break;
        sleepers.delete(next[0]);
        elapsedMs = next[1];
        next[0]();
        await settle();
      }
      elapsedMs = untilMs;
    },
  };
}

/** What the stage's server says to one question. */
export type Turn = TaskStatus | Error;

export const status = (code: number, message = "", body?: ErrorBody): Error =>
  new HttpStatusError(REQUEST, code, "", message, body);
/** How a node says that it knows no such task. */
export const notFound = (): Error => status(400, "task with id x not found");
export const broken = (): Error => new UnreachableError(REQUEST, "the connection broke", "ECONNRESET", true);
export const refused = (): Error => new UnreachableError(REQUEST, "refused", "ECONNREFUSED", false);
export const badCertificate = (): Error => new UnreachableError(REQUEST, "expired", "CERT_HAS_EXPIRED", false);

/**
 * A client whose waits are answered in turn, the last answer for ever; each long poll takes `pollMs` of the clock.
 */
export function stageClient(turns: readonly Turn[], clock: { elapsedMs: number }, pollMs = 0) {
  const asked: (number | undefined)[] = [];
  /** For how long the client would have waited for each answer. */
  const limitsMs: (number | undefined)[] = [];
  const client = {
    async waitTask(_id: string, { timeoutSeconds, timeoutMs, signal }: WaitOptions): Promise<TaskStatus> {
      if (signal?.aborted) throw new RequestAbortedError(REQUEST, signal.reason);
      const turn = turns[Math.min(asked.length, turns.length - 1)] as Turn;
      asked.push(timeoutSeconds);
      limitsMs.push(timeoutMs);
      if (timeoutSeconds !== 1) clock.elapsedMs += pollMs;
      if (turn instanceof Error) throw turn;
      return turn;
    },
  };
  return { client: client as unknown as TaskManagerClient, asked, limitsMs };
}
