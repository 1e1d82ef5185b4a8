import { HttpStatusError, type TaskManagerError } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import { EXIT, type ExitCode } from "../exit-codes.js";

/** How the wait for one task came out. */
export type Outcome =
  /** The server said how the task ended. `note` is what a person should know beside it. */
  | {
      readonly kind: "done" | "failed" | "suspended";
      readonly id: string;
      readonly status: TaskStatus;
      readonly note?: string;
    }
  /** Its time ran out; `status` is the last that is known of the task. */
  | { readonly kind: "timeout"; readonly id: string; readonly status?: TaskStatus }
  | {
      readonly kind: "unknown";
      readonly id: string;
      readonly reason: string;
      /** Whether the server no longer knows the task (rest-api: 400). */
      readonly isGone: boolean;
      /** Whether the server never knew the task, as far as this run can tell: it may be on another node. */
      readonly mayBeElsewhere?: boolean;
      /** What the server answered, where that does not say how the task ended. */
      readonly status?: TaskStatus;
      /** Whether the answer was `{}`, which nodetool's own suite takes for an end (nodetool-tasks: wait). */
      readonly isEmptyAnswer?: boolean;
    };

/** An outcome that the server told. */
export type Ended = Extract<Outcome, { readonly note?: string }>;

export function hasEnded(outcome: Outcome): outcome is Ended {
  return outcome.kind !== "timeout" && outcome.kind !== "unknown";
}

const EXIT_CODES: Readonly<Record<Outcome["kind"], ExitCode>> = {
  done: EXIT.success,
  failed: EXIT.taskFailed,
  timeout: EXIT.waitTimeout,
  suspended: EXIT.outcomeUnknown,
  unknown: EXIT.outcomeUnknown,
};

/** nodetool-tasks: 0 only where the server said `done`. */
export const exitCodeOf = ({ kind }: Outcome): ExitCode => EXIT_CODES[kind];

/** Of a request that failed. */
export const exitCodeOfFailure = (error: TaskManagerError): ExitCode =>
  error instanceof HttpStatusError ? EXIT.httpStatus : EXIT.failure;

/** The one that counts, of two. */
export const worse = (one: ExitCode, other: ExitCode): ExitCode => (other > one ? other : one);

/** Of many: outcome unknown before timed out before failed before done. */
export function worstExitCode(outcomes: Iterable<Outcome>): ExitCode {
  let worst: ExitCode = EXIT.success;
  for (const outcome of outcomes) worst = worse(worst, exitCodeOf(outcome));
  return worst;
}
