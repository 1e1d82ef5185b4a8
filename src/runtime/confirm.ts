import { createInterface } from "node:readline/promises";
import { EXIT } from "../exit-codes.js";
import { Interruption, type Runtime } from "./runtime.js";

/**
 * Asks a yes/no question on the terminal; anything but yes is no.
 * @throws Interruption on Ctrl-C
 */
export async function confirm(runtime: Runtime, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(runtime, question));
}

/**
 * Asks a question on the terminal.
 * @returns the trimmed answer; empty at the end of the input
 * @throws Interruption on Ctrl-C
 */
export async function prompt(runtime: Runtime, question: string): Promise<string> {
  const dialogue = createInterface({ input: runtime.stdin, output: runtime.stderr.stream });
  // On a terminal, readline takes Ctrl-C for itself.
  const refused = new AbortController();
  dialogue.on("SIGINT", () => refused.abort());
  // Without this, the question would stay open after the end of the input (Ctrl-D).
  const ended = new Promise<string>((resolve) => dialogue.on("close", () => resolve("")));
  try {
    const signal = AbortSignal.any([refused.signal, runtime.interrupt]);
    const answer = await Promise.race([dialogue.question(question, { signal }), ended]);
    return answer.trim();
  } catch (error) {
    if (refused.signal.aborted) throw new Interruption("SIGINT", EXIT.interrupted);
    throw error;
  } finally {
    dialogue.close();
  }
}
