import { UsageError } from "../usage-error.js";
import { readBounded } from "./read-bounded.js";
import type { Runtime } from "./runtime.js";

/**
 * Pieces of stdin as they arrive.
 * @throws Interruption if the run is interrupted
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
 * The whole of stdin as text; see {@link stdinPieces}.
 * @throws UsageError if it is too long
 */
export async function readStdin(runtime: Runtime): Promise<string> {
  try {
    return await readBounded(stdinPieces(runtime), MOST_BYTES);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`cannot read stdin: ${error.message}`);
    throw error;
  }
}
