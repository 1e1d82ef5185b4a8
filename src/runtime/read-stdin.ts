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

/** All that stands on stdin, as text; see {@link stdinPieces}. */
export async function readStdin(runtime: Runtime): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdinPieces(runtime)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
