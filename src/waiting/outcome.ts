import { HttpStatusError, type TaskManagerError } from "../client/errors.js";
import type { TaskStatus } from "../client/wire.js";
import { EXIT, type ExitCode, exitCodeOfState } from "../exit-codes.js";

/** The outcome of a wait for one task. */
export type Outcome =
  /** The server reported how the task ended. `note` is what the user should also know. */
  | {
      readonly kind: "done" | "failed" | "suspended";
      readonly id: string;
      readonly status: TaskStatus;
      readonly note?: string;
    }
  /** The timeout ran out; `status` is the last known status of the task. */
  | { readonly kind: "timeout"; readonly id: string; readonly status?: TaskStatus }
  | {
      readonly kind: "unknown";
      readonly id: string;
      readonly reason: string;
      /** Whether the server no longer knows the task (rest-api: 400). */
      readonly isGone: boolean;
      /** Whether the server never knew the task in this run: it may be on another node. */
      readonly mayBeElsewhere?: boolean;
      /** The server's answer, if it does not tell how the task ended. */
      readonly status?: TaskStatus;
      /** Whether the answer was `{}`, which nodetool's own suite accepts as an end (nodetool-tasks: wait). */
      readonly isEmptyAnswer?: boolean;
    };

/** An outcome reported by the server. */
export type Ended = Extract<Outcome, { readonly note?: string }>;

export function hasEnded(outcome: Outcome): outcome is Ended {
  return outcome.kind !== "timeout" && outcome.kind !== "unknown";
}

export const exitCodeOfOutcome = ({ kind }: Outcome): ExitCode =>
  kind === "timeout" ? EXIT.waitTimeout : exitCodeOfState(kind);

/** The outcome after a failed request. */
export const exitCodeOfFailure = (error: TaskManagerError): ExitCode =>
  error instanceof HttpStatusError ? EXIT.httpStatus : EXIT.failure;

/** The worse of two. */
export const worse = (one: ExitCode, other: ExitCode): ExitCode => (other > one ? other : one);

/** For several tasks: outcome unknown before timed out before failed before done. */
export function worstExitCode(outcomes: Iterable<Outcome>): ExitCode {
  let worst: ExitCode = EXIT.success;
  for (const outcome of outcomes) worst = worse(worst, exitCodeOfOutcome(outcome));
  return worst;
}
