import type { Context } from "../context.js";

/** Asks a question on the terminal; anything but yes is no. */
export async function ask(context: Context, question: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const dialogue = createInterface({ input: context.stdin, output: context.stderr.stream });
  // On a terminal, readline takes Ctrl-C for itself: it means no.
  const refused = new AbortController();
  dialogue.on("SIGINT", () => refused.abort());
  try {
    const signal = AbortSignal.any([refused.signal, context.interrupt]);
    return /^y(es)?$/i.test((await dialogue.question(question, { signal })).trim());
  } catch (error) {
    if (refused.signal.aborted) return false;
    throw error;
  } finally {
    dialogue.close();
  }
}
