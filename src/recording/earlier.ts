import { journalSegments } from "../journal/journal-directory.js";
import { readJournal } from "../journal/read-journal.js";
import { timeOfLine } from "../journal/read-line.js";
import type { EarlierTask } from "./register.js";

/** What a journal says of the time before this recorder. */
export interface Earlier {
  /** Of its last line; `undefined` where there is none. */
  readonly lastMs: number | undefined;
  readonly tasks: Map<string, EarlierTask>;
}

/** Reads the last segment of a journal: it names all tasks that were there, so that it is enough. */
export async function readEarlier(directory: string): Promise<Earlier> {
  const tasks = new Map<string, EarlierTask>();
  let lastMs: number | undefined;
  const last = (await journalSegments(directory)).at(-1);
  if (last === undefined) return { lastMs, tasks };
  for await (const lines of readJournal(last.path, { leftOut: new Set() })) {
    for (const line of lines) {
      lastMs = timeOfLine(line.at);
      if ("id" in line) tasks.set(line.id, { seenMs: lastMs, hasEnded: line.event === "task_ended" });
    }
  }
  return { lastMs, tasks };
}
