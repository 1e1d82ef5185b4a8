import type { Command } from "commander";
import { processRuntime } from "../runtime/runtime.js";
import { buildProgram } from "./program.js";
import type { Commands } from "./registry.js";
import { createRegistry } from "./registry.js";

/** The program with all commands registered, to be read, not run: completion and the man pages are made from it. */
export async function wholeProgram(commands: Commands): Promise<Command> {
  const runtime = processRuntime();
  const { command: root } = buildProgram(runtime, commands);
  const registry = createRegistry(runtime, root, commands, () => {});
  for (const name of commands.summaries.keys()) (await commands.load(name)).register(registry);
  return root;
}
