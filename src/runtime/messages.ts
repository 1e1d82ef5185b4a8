import { EXIT, type ExitCode } from "../exit-codes.js";
import { inertLine, isGithubActions } from "../format/ci/github-log.js";
import { speaksUnicode } from "../format/terminal/terminal.js";
import { errorText } from "../strings/error-text.js";
import { ascii, withoutEndlessLines } from "../strings/printable.js";
import { wrapWords } from "../strings/wrap-words.js";
import type { Runtime } from "./runtime.js";
import { ClosedPipe } from "./sink.js";

/**
 * Writes a text whose reader may be gone. If the exit code is the answer, a closed pipe must not change it: `tasks wait ID | head -1` of
 * a failed task is not a success.
 */
export async function readOrNot(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  }
}

/**
 * Writes to stderr, and ignores errors: neither a closed pipe nor a full disk may end a wait.
 */
export async function printMessage({ stderr, env }: Runtime, text: string): Promise<void> {
  const bounded = withoutEndlessLines(text);
  const inert = isGithubActions(env) ? bounded.split("\n").map(inertLine).join("\n") : bounded;
  const shown = speaksUnicode(env) ? inert : inert.split("\n").map(ascii).join("\n");
  await stderr.write(`${stderr.isTerminal ? wrapWords(shown, stderr.columns) : shown}\n`).catch(() => {});
}

/**
 * Prints the result of finished work whose exit code is the answer. If it cannot be printed, that is reported, and it
 * is a failure only if everything else succeeded.
 * @throws what kept it from being printed
 */
export async function printResult(runtime: Runtime, printing: Promise<void>, exitCode: ExitCode): Promise<void> {
  try {
    await readOrNot(printing);
  } catch (error) {
    if (exitCode === EXIT.success) throw error;
    await printMessage(runtime, `error: ${errorText(error)}`);
  }
}
