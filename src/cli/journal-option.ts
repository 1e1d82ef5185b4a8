import { UsageError } from "../usage-error.js";
import type { Registry } from "./registry.js";

/** Options that name nodes: a command that reads a journal queries none. */
const NODE_OPTIONS = ["host", "url", "allNodes", "mock"];

/**
 * The journal named by `--from`, for a command that queries no nodes; `undefined`: the default one.
 * @throws UsageError if the command line names nodes, or a time
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
