import { UsageError } from "../usage-error.js";
import type { Registry } from "./registry.js";

/** Options that name nodes: a command that reads a journal asks none. */
const NODE_OPTIONS = ["host", "url", "allNodes", "mock"];

/**
 * The journal that `--from` names, for a command that asks no node; `undefined` for the default one.
 * @throws UsageError where the command line names nodes, or a time
 */
export async function namedJournal(registry: Registry): Promise<string | undefined> {
  const { root } = registry;
  const { from, at } = await registry.connectionOptions();
  if (NODE_OPTIONS.some((name) => root.getOptionValueSource(name) === "cli" && root.getOptionValue(name))) {
    throw new UsageError("this command reads a journal (--from) and takes no node");
  }
  if (at !== undefined) throw new UsageError("option '--at <time>' is not supported by this command: use --until");
  return from;
}
