import type { Runtime } from "./runtime.js";

/**
 * All that stands on stdin, as text.
 * @throws Interruption when the run is interrupted meanwhile
 */
export async function readStdin({ stdin, interrupt }: Runtime): Promise<string> {
  interrupt.throwIfAborted();
  const stop = () => stdin.destroy(interrupt.reason);
  interrupt.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    interrupt.removeEventListener("abort", stop);
  }
}
