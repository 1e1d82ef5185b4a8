/** How a task ended, for a CI system. */
export interface CiResult {
  /** Empty if there is no task, or its id is not known. */
  readonly id: string;
  /** A description: `major compaction shop`. */
  readonly name: string;
  /** What several have in common: the type of task. */
  readonly group: string;
  readonly outcome: CiOutcome;
  readonly seconds: number | undefined;
  /** What went wrong, in one line; for a success, a remark. */
  readonly message: string;
  /** What went wrong, in several lines. */
  readonly details: string;
}

export type CiOutcome = "done" | "failed" | "timeout" | "suspended" | "unknown" | "skipped";

export const OUTCOME_WORDS: Readonly<Record<CiOutcome, string>> = {
  done: "done",
  failed: "failed",
  timeout: "timed out",
  suspended: "suspended",
  unknown: "outcome unknown",
  skipped: "not started",
};

export const isBad = ({ outcome }: CiResult): boolean => outcome !== "done" && outcome !== "skipped";
