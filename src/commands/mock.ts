import type { Command } from "commander";
import { MOCK_GROUP, mockOptions } from "../cli/connection-options.js";
import type { Registry } from "../cli/registry.js";
import type { MockOptions } from "../nodes/connection-options.js";
import { loadMock } from "../nodes/load-mock.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";

interface MockRunOptions extends MockOptions {
  readonly address: string;
  readonly port: number;
}

export function register(registry: Registry): void {
  registry
    .command("mock")
    .description("Serve a mock of the task manager until interrupted. --port 0 uses any free port.")
    .option("--address <address>", "address to listen on", "127.0.0.1")
    .addHelpText("after", () => `\nOptions of every mock, also with --mock:\n${mockOptionLines(registry.root)}`)
    .addHelpText(
      "after",
      "\nExamples:\n  tasks mock\n  tasks mock --port 0\n  tasks mock --port 10001 & tasks -p 10001 list repair\n  tasks mock --replay journal --speed 60",
    )
    .action(
      registry.localAction(runMock, (parsed) => ({
        ...mockOptions(parsed),
        address: parsed.address,
        port: parsed.port ?? 10_000,
      })),
    );
}

/** The options of the mock belong to the program, because `--mock` takes them too; here they are listed again. */
function mockOptionLines(root: Command): string {
  const help = root.createHelp();
  help.prepareContext({ helpWidth: root.configureOutput().getOutHelpWidth?.() ?? 80 });
  return root.options
    .filter(({ long, hidden, helpGroupHeading }) => helpGroupHeading === MOCK_GROUP && !hidden && long !== "--mock")
    .map((option) => help.formatItem(option.flags, 20, help.optionDescription(option), help))
    .join("\n");
}

async function runMock(runtime: Runtime, options: MockRunOptions): Promise<undefined> {
  // The reader of this line may end the mock at once.
  const { interrupt } = runtime;
  const leftOut = new Set<string>();
  const cluster = await (await loadMock()).startMock(options, leftOut);
  try {
    for (const text of leftOut) await printMessage(runtime, `warning: ${printable(text)}`);
    for (const url of cluster.urls) await runtime.stdout.write(`listening on ${url}\n`);
    await new Promise((_, reject) => {
      const end = () => reject(interrupt.reason);
      if (interrupt.aborted) end();
      interrupt.addEventListener("abort", end, { once: true });
    });
  } finally {
    await cluster.stop();
  }
}
