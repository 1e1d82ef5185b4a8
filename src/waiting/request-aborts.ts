import { isRequestFailure, notAbortableReason } from "../client/errors.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { notAbortableText } from "./not-abortable.js";
import { exitCodeOfFailure, worse } from "./outcome.js";
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
