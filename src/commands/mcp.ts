import type { Registry } from "../cli/registry.js";
import { sameNodesWords } from "../cli/same-nodes-command.js";
import { serve } from "../mcp/serve.js";
import type { Permission } from "../mcp/tools.js";
import { loadMock } from "../nodes/load-mock.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";

export function register(registry: Registry): void {
  registry
    .command("mcp")
    .description(
      "Serve tasks to an AI assistant over the Model Context Protocol, on stdin and stdout.\n" +
        "By default, its tools only read.",
    )
    .option("--allow-writes", "allow tools that start operations on tables")
    .option(
      "--allow-destructive",
      "allow tools that abort tasks, make a server forget tasks, and set how long they are kept",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  tasks mcp --context production\n  tasks --mock mcp --allow-writes --allow-destructive",
    )
    .action(
      registry.localAction(
        (runtime, options: McpOptions) => runMcp(runtime, registry, options),
        ({ allowWrites, allowDestructive }) => ({
          permissions: new Set<Permission>([
            "read",
            ...(allowWrites === true ? (["writes"] as const) : []),
            ...(allowDestructive === true ? (["destructive"] as const) : []),
          ]),
        }),
      ),
    );
}

interface McpOptions {
  readonly permissions: ReadonlySet<Permission>;
}

async function runMcp(runtime: Runtime, registry: Registry, { permissions }: McpOptions): Promise<undefined> {
  const { root, commands } = registry;
  const connection = await registry.connectionOptions();
  if (connection.from === "-")
    throw new UsageError("option '--from -' cannot be used with mcp: stdin is used for the protocol");
  const leftOut = new Set<string>();
  // One mock for all calls: what one starts, another waits for.
  const mock = connection.mock ? await (await loadMock()).startMock(connection.mockOptions, leftOut) : undefined;
  const nodeArgs =
    mock === undefined
      ? sameNodesWords(root)
      : [`--url=${mock.urls[0]}`, connection.allNodes ? "--all-nodes" : "--no-all-nodes"];
  try {
    await serve(runtime, commands, { nodeArgs, permissions });
  } finally {
    await mock?.stop();
    for (const text of leftOut) await printMessage(runtime, `warning: ${printable(text)}`);
  }
  return undefined;
}
