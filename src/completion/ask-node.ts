import { durationMs } from "../cli/option-values.js";
import { buildProgram } from "../cli/program.js";
import type { Commands } from "../cli/registry.js";
import { createRegistry } from "../cli/registry.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { openConnection } from "../nodes/connection.js";
import { type Runtime, withDeadline } from "../runtime/runtime.js";

/** How long a node may take, in seconds or with a unit: a person waits for it. */
const TIMEOUT_VARIABLE = "TASKS_COMPLETION_TIMEOUT";
const DEFAULT_TIMEOUT = "300ms";
const MAX_BYTES = 16 * 1024 ** 2;

export type Question<T> = (client: TaskManagerClient, call: CallOptions) => Promise<T>;

const NO_COMMANDS: Commands = {
  summaries: new Map(),
  load: () => Promise.reject(new Error("completion runs no command")),
};

/**
 * Asks the node that the options typed so far, the environment and the context name. One node only, and not through a proxy
 * command: nothing may run before the user says so.
 * @returns nothing where it does not answer in time, or where what was typed names no node
 */
export async function askNode<T>(
  runtime: Runtime,
  words: readonly string[],
  question: Question<T>,
): Promise<T | undefined> {
  const { command: root } = buildProgram(runtime, NO_COMMANDS);
  let answer: T | undefined;
  root.action(async () => {
    const options = await createRegistry(runtime, root, NO_COMMANDS, () => {}).connectionOptions();
    if (options.proxyCommand !== undefined) return;
    const one = { ...options, urls: options.urls.slice(0, 1), allNodes: false, maxResponseBytes: MAX_BYTES };
    const { nodes, close } = await openConnection(runtime, one);
    const limited = withDeadline(runtime, durationMs(runtime.env[TIMEOUT_VARIABLE] || DEFAULT_TIMEOUT));
    try {
      answer = await question(nodes.contact, { ...nodes.call, signal: limited.runtime.interrupt });
    } finally {
      limited.end();
      await close();
    }
  });
  // Whatever is no option of the program is an option or a word of a command.
  root.allowUnknownOption().allowExcessArguments();
  try {
    await root.parseAsync(words, { from: "user" });
  } catch {
    // Nothing to suggest is the answer.
  }
  return answer;
}
