import { durationMs } from "../cli/option-values.js";
import { buildProgram } from "../cli/program.js";
import type { Commands } from "../cli/registry.js";
import { createRegistry } from "../cli/registry.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { openConnection } from "../nodes/connection.js";
import { type Runtime, withDeadline } from "../runtime/runtime.js";

/** How long a node may take, in seconds or with a unit. It must be short, as a person is waiting. */
const TIMEOUT_VARIABLE = "TASKS_COMPLETION_TIMEOUT";
const DEFAULT_TIMEOUT = "300ms";
const MAX_BYTES = 16 * 1024 ** 2;

type NodeQuery<T> = (client: TaskManagerClient, call: CallOptions) => Promise<T>;

const NO_COMMANDS: Commands = {
  summaries: new Map(),
  load: () => Promise.reject(new Error("completion runs no command")),
};

/**
 * Queries the node that the typed options, the environment and the context name. Only one node, and not through a proxy command:
 * nothing may run before the user presses Enter.
 * @returns `undefined` if the node does not answer in time, or the options name no node
 */
export async function queryNode<T>(
  runtime: Runtime,
  words: readonly string[],
  question: NodeQuery<T>,
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
  // Anything that is not a global option is an option or argument of a command.
  root.allowUnknownOption().allowExcessArguments();
  try {
    await root.parseAsync(words, { from: "user" });
  } catch {
    // Then there is nothing to suggest.
  }
  return answer;
}
