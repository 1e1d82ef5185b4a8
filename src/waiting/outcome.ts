import type { TaskStatus } from "../client/wire.js";
import { EXIT, type ExitCode } from "../exit-codes.js";

/** How the wait for one task came out. */
export type Outcome =
  | { readonly kind: "ended"; readonly id: string; readonly status: TaskStatus }
  | { readonly kind: "timeout"; readonly id: string }
  /** Nobody can say how the task ended; `reason` says why, `isGone` whether the server no longer knows it (rest-api: 400). */
  | { readonly kind: "unknown"; readonly id: string; readonly reason: string; readonly isGone: boolean };

/**
 * nodetool-tasks: an answer of 200 means that the task has ended; `suspended` is neither done nor failed, and an absent
 * state counts as done.
 */
export function exitCodeOf(outcome: Outcome): ExitCode {
  if (outcome.kind === "timeout") return EXIT.waitTimeout;
  if (outcome.kind === "unknown") return EXIT.outcomeUnknown;
  if (outcome.status.state === "failed") return EXIT.taskFailed;
  return outcome.status.state === "suspended" ? EXIT.outcomeUnknown : EXIT.success;
}

/** Of many: outcome unknown before timed out before failed before done. */
export function gravest(outcomes: readonly Outcome[]): ExitCode {
  const codes = new Set(outcomes.map(exitCodeOf));
  return [EXIT.outcomeUnknown, EXIT.waitTimeout, EXIT.taskFailed].find((code) => codes.has(code)) ?? EXIT.success;
}
