import { isRequestFailure, notAbortableReason, TaskManagerError } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { Deadline } from "./deadline.js";
import { notAbortableText } from "./not-abortable.js";
import { exitCodeOfFailure, worse } from "./outcome.js";
import { type Say, sayFirst } from "./say-first.js";
import { MAX_WAITS, waitForAll } from "./wait-for-all.js";
import type { WaitTarget } from "./wait-for-one.js";

export interface AbortOptions {
  readonly output: Output;
  /** Whether a task that cannot be aborted is a failure. */
  readonly strict: boolean;
  /** Whether the caller waits for them: then success means that each has ended. */
  readonly wait: boolean;
}

/**
 * Asks several tasks to stop. If that fails for one, the others are still asked.
 * @returns the tasks that were asked, and the worst exit code
 * @throws the error family if there is only one task
 */
export async function requestAborts(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  { output, strict, wait }: AbortOptions,
): Promise<{ readonly requested: readonly WaitTarget[]; readonly exitCode: ExitCode }> {
  const requested: WaitTarget[] = [];
  let exitCode: ExitCode = EXIT.success;
  for (const target of targets) {
    const { id, client } = target;
    try {
      await client.abortTask(id, { signal: runtime.interrupt });
      requested.push({ ...target, reached: true });
    } catch (error) {
      const refusal = notAbortableText(id, error);
      if (!isRequestFailure(error) || (targets.length === 1 && refusal === undefined)) throw error;
      // nodetool-tasks: a 403 is reported on stdout and is no failure, every other status is one.
      const isNever = notAbortableReason(error) === "never";
      if (refusal !== undefined && isNever) await readOrNot(output.remark(refusal));
      else await printMessage(runtime, `error: ${refusal ?? errorText(error)}`);
      const asRefused = strict || wait ? EXIT.usage : isNever ? EXIT.success : exitCodeOfFailure(error);
      exitCode = worse(exitCode, refusal === undefined ? exitCodeOfFailure(error) : asRefused);
    }
  }
  return { requested, exitCode };
}

/** Aborts tasks that timed out, and waits until those that could be aborted have ended. */
export async function abortLate(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  retryForMs: number,
  say: Say,
): Promise<void> {
  const requested = await Promise.all(targets.map((target) => requestAbort(target, runtime.interrupt, say)));
  await waitForEnds(
    runtime,
    targets.filter((_, index) => requested[index]),
    retryForMs,
    say,
  );
}

/** @returns whether the abort was accepted, so that the end can be waited for */
async function requestAbort({ id, client }: WaitTarget, signal: AbortSignal, say: Say): Promise<boolean> {
  try {
    await client.abortTask(id, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof TaskManagerError) || signal.aborted) throw error;
    const refusal = notAbortableText(id, error);
    await say(`warning: ${refusal ?? `task ${printable(id)} could not be aborted: ${errorText(error)}`}`);
    return false;
  }
}

/**
 * Waits until aborted tasks have ended, with whatever outcome; a task that its server no longer knows has ended.
 * @returns whether all are known to have ended
 */
export async function waitForEnds(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  retryForMs: number,
  say: Say,
): Promise<boolean> {
  const outcomes = await waitForAll(targets, {
    clock: runtime.clock,
    signal: runtime.interrupt,
    retryForMs,
    deadline: new Deadline(runtime.clock, undefined),
    until: "all",
    maxConnections: MAX_WAITS,
    onTrouble: (message) => void say(`warning: ${errorText(message)}`),
    onOutcome: () => {},
  });
  const messages = outcomes.flatMap((outcome) =>
    outcome.kind === "unknown" && !outcome.isGone
      ? [`error: cannot tell whether task ${printable(outcome.id)} has ended: ${errorText(outcome.reason)}`]
      : [],
  );
  await sayFirst(messages, say);
  return messages.length === 0;
}
