import { journalSegments } from "../journal/journal-directory.js";
import { JournalError, readJournal } from "../journal/read-journal.js";
import { timeOfLine } from "../journal/read-line.js";
import { isFinished } from "../vocabulary.js";
import type { EarlierTask } from "./register.js";

/** What an existing journal says about the time before this recorder started. */
export interface Earlier {
  /** When its last line was written; `undefined` if it has none. */
  readonly lastMs: number | undefined;
  readonly tasks: Map<string, EarlierTask>;
}

/** How far back the journal is read: longer than most servers keep finished tasks. */
const READ_BACK_MS = 4 * 3_600_000;

/**
 * Reads the end of a journal: the tasks that were there, and those whose end is recorded. A task that ended before that, and that
 * its server still keeps, is recorded a second time.
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
        // The task had ended when it was first seen. Its task_ended line, which should follow, was cut off.
        if (line.event === "task_seen" && isFinished(line.task)) continue;
        if ("id" in line) tasks.set(line.id, { seenMs: lastMs, hasEnded: line.event === "task_ended" });
      }
    }
  } catch (error) {
    // A journal that cannot be read does not stop the recorder. It is left as it is.
    if (!(error instanceof JournalError)) throw error;
  }
  return { lastMs, tasks };
}
