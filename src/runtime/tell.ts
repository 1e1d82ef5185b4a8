import { EXIT, type ExitCode } from "../exit-codes.js";
import { speaksUnicode } from "../format/terminal/terminal.js";
import { errorText } from "../strings/error-text.js";
import { ascii, withoutEndlessLines } from "../strings/printable.js";
import { wrapWords } from "../strings/wrap-words.js";
import type { Runtime } from "./runtime.js";
import { ClosedPipe } from "./sink.js";

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
export async function tell({ stderr, env }: Runtime, text: string): Promise<void> {
  const bounded = withoutEndlessLines(text);
  const shown = speaksUnicode(env) ? bounded : bounded.split("\n").map(ascii).join("\n");
  await stderr.write(`${stderr.isTerminal ? wrapWords(shown, stderr.columns) : shown}\n`).catch(() => {});
}

/**
 * Prints the result of what has been done already, where the exit code is the answer: that it could not be printed is said, and is
 * a failure of its own only where all else went well.
 * @throws what kept it from being printed
 */
export async function printResult(runtime: Runtime, printing: Promise<void>, exitCode: ExitCode): Promise<void> {
  try {
    await readOrNot(printing);
  } catch (error) {
    if (exitCode === EXIT.success) throw error;
    await tell(runtime, `error: ${errorText(error)}`);
  }
}
