import { run } from "../../src/cli/run.js";
import type { Runtime } from "../../src/runtime/runtime.js";
import type { Sink } from "../../src/runtime/sink.js";

export interface CaseRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command line in this process, on a clock whose sleeps take no time: a wait that tries again for a minute does so at
 * once.
 */
export async function runCase(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CaseRun> {
  const written = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof written) =>
    ({
      isTerminal: false,
      columns: 80,
      rows: 24,
      write: async (text: string) => {
        written[name] += text;
      },
    }) as Sink;
  let sleptMs = 0;
  const runtime = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env: { TASKS_CONFIG: "/nonexistent", ...env },
    clock: {
      now: () => Date.now() + sleptMs,
      monotonic: () => performance.now() + sleptMs,
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        sleptMs += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    interrupt: new AbortController().signal,
  } as unknown as Runtime;
  const code = await run(args, runtime);
  return { code, ...written };
}
