import { journalSegments } from "../journal/journal-directory.js";
import { JournalError, readJournal } from "../journal/read-journal.js";
import { timeOfLine } from "../journal/read-line.js";
import { isFinished } from "../vocabulary.js";
import type { EarlierTask } from "./register.js";

/** What a journal says of the time before this recorder. */
export interface Earlier {
  /** Of its last line; `undefined` where there is none. */
  readonly lastMs: number | undefined;
  readonly tasks: Map<string, EarlierTask>;
}

/** Longer than most servers keep what has ended. */
const READ_BACK_MS = 4 * 3_600_000;

/**
 * Reads the end of a journal: what was there, and what was told to have ended. What ended longer ago, and is kept by its server still, is
 * told once more.
 */
export async function readEarlier(directory: string, nowMs: number): Promise<Earlier> {
  const tasks = new Map<string, EarlierTask>();
  let lastMs: number | undefined;
  if ((await journalSegments(directory)).length === 0) return { lastMs, tasks };
  const batches = readJournal(directory, { leftOut: new Set(), sinceMs: nowMs - READ_BACK_MS, skip: ["task_changed"] });
  try {
    for await (const lines of batches) {
      for (const line of lines) {
        lastMs = timeOfLine(line.at);
        // One that had ended when it was first seen: its end was cut off.
        if (line.event === "task_seen" && isFinished(line.task)) continue;
        if ("id" in line) tasks.set(line.id, { seenMs: lastMs, hasEnded: line.event === "task_ended" });
      }
    }
  } catch (error) {
    // What nobody can read is no reason not to record: it is left as it is.
    if (!(error instanceof JournalError)) throw error;
  }
  return { lastMs, tasks };
}
