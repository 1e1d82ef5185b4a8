import type { Commands } from "../cli/registry.js";
import { run } from "../cli/run.js";
import type { Runtime } from "../runtime/runtime.js";
import type { Sink } from "../runtime/sink.js";
import { bounded, boundedText } from "./bounded.js";

/** The result of a command. */
export interface CallOutcome {
  readonly exitCode: number;
  /** Its JSON output; absent if there is none. */
  readonly data?: unknown;
  /** Its messages, one line each. */
  readonly messages: readonly string[];
}

/** Maximum size of an answer, in characters. */
const MAX_OUTPUT = 4_000_000;
const MAX_MESSAGES = 20;

/** Runs a command as a user would, and captures its output. */
export async function callCommand(
  runtime: Runtime,
  commands: Commands,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CallOutcome> {
  const stdout = keeping();
  const stderr = keeping();
  const own: Runtime = Object.create(runtime, {
    stdin: { value: (async function* () {})() },
    stdout: { value: stdout.sink },
    stderr: { value: stderr.sink },
    interrupt: { value: AbortSignal.any([runtime.interrupt, signal]) },
  });
  const exitCode = await run(args, own, commands);
  const messages = stderr
    .text()
    .split("\n")
    .filter((line) => line !== "");
  if (stdout.isFull()) messages.push("the answer is too large: narrow the query");
  const data = stdout.isFull() ? undefined : parsed(stdout.text());
  return {
    exitCode,
    ...(data !== undefined && { data: bounded(data) }),
    messages: messages.slice(0, MAX_MESSAGES).map(boundedText),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keeping() {
  let kept = "";
  let isFull = false;
  const sink: Omit<Sink, "stream"> = {
    isTerminal: false,
    columns: 80,
    rows: 24,
    write: async (text) => {
      isFull ||= kept.length + text.length > MAX_OUTPUT;
      if (!isFull) kept += text;
    },
  };
  return { sink: sink as Sink, text: () => kept, isFull: () => isFull };
}
