/** How a task came out, for a CI system. */
export interface CiResult {
  /** Empty of work that has no task, or of which nobody knows it. */
  readonly id: string;
  /** What it is: `major compaction shop`. */
  readonly name: string;
  /** What is alike of several: a type of task. */
  readonly group: string;
  readonly outcome: CiOutcome;
  readonly seconds: number | undefined;
  /** What is wrong, in one line; of one that is done, what there is to know. */
  readonly message: string;
  /** What is wrong, in lines. */
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
