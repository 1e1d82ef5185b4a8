import type { TaskStatus } from "../client/wire.js";
import { readEarlierRuns, timeLeftColumn, timeLeftMark } from "../history/estimate.js";
import { existingDefaultJournal } from "../journal/journal-directory.js";
import type { Runtime } from "../runtime/runtime.js";
import { FINISHED_STATES } from "../vocabulary.js";
import type { SeenTask } from "./tasks-seen.js";

/** The time that a running task has left, estimated from earlier runs. */
interface TimeLeft {
  /** A range, with its source. */
  readonly text: string;
  /** For a small window: only the range, with a mark that shows it is an estimate. */
  readonly mark: string;
  /** At the upper end of the usual range. */
  readonly secondsLeft: number;
}

/** Estimates the time left from earlier runs of similar tasks; `undefined` if too few are known. */
export type TimeLeftOf = (task: SeenTask, nowMs: number) => TimeLeft | undefined;

/**
 * Reads earlier runs from a journal, once.
 * @param named the journal that the user named; `undefined`: the default one
 * @throws UsageError, JournalError if the journal exists, or was named, and cannot be read
 */
export async function readTimeLeft(
  { env, clock }: Runtime,
  named: string | undefined,
  signal: AbortSignal,
): Promise<TimeLeftOf | undefined> {
  const journal = named ?? (await existingDefaultJournal(env));
  if (journal === undefined) return undefined;
  const earlierRuns = await readEarlierRuns(journal, { nowMs: clock.now(), signal });
  return (task, nowMs) => {
    const { state, startMs } = task;
    if (startMs === undefined || FINISHED_STATES.has(state)) return undefined;
    const earlier = earlierRuns(identityOf(task));
    if (earlier === undefined) return undefined;
    const elapsedMs = nowMs - startMs;
    return {
      text: timeLeftColumn(earlier, elapsedMs),
      mark: timeLeftMark(earlier, elapsedMs),
      secondsLeft: Math.max(0, earlier.highMs - elapsedMs) / 1000,
    };
  };
}

/** A status, if there is one, has more than a list. */
const identityOf = ({ stats, status }: SeenTask): TaskStatus =>
  status ?? { type: stats.type, keyspace: stats.keyspace, table: stats.table };
