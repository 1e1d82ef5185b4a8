import type { Runtime } from "../runtime/runtime.js";
import { ClosedPipe } from "../runtime/sink.js";

/**
 * Lets a text be written for which nobody may be left to read it. Where the exit code is the answer, a reader that went away
 * must not change it: `tasks wait ID | head -1` of a failed task is no success.
 */
export async function readOrNot(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  }
}

/**
 * Says something on stderr, whether anybody reads it or not: a reader that went away, or a disk that is full, ends neither a wait nor
 * what else goes on.
 */
export async function tell({ stderr }: Runtime, text: string): Promise<void> {
  await stderr.write(`${text}\n`).catch(() => {});
}
