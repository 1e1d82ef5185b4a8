import { UsageError } from "../usage-error.js";
import { boundedText } from "./bounded-text.js";
import type { Runtime } from "./runtime.js";

/**
 * What stands on stdin, as it comes.
 * @throws Interruption when the run is interrupted meanwhile
 */
export async function* stdinPieces({ stdin, interrupt }: Runtime): AsyncGenerator<Buffer> {
  interrupt.throwIfAborted();
  const stop = () => stdin.destroy(interrupt.reason);
  interrupt.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stdin) yield Buffer.from(chunk);
  } finally {
    interrupt.removeEventListener("abort", stop);
  }
}

/** More than the ids of two million tasks; `yes` never ends. */
const MOST_BYTES = 100_000_000;

/**
 * All that stands on stdin, as text; see {@link stdinPieces}.
 * @throws UsageError where it is too long
 */
export async function readStdin(runtime: Runtime): Promise<string> {
  try {
    return await boundedText(stdinPieces(runtime), MOST_BYTES);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`cannot read stdin: ${error.message}`);
    throw error;
  }
}
