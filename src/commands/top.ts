import { durationMs } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { lookIntervalMs } from "../cli/watch-options.js";
import { runTop } from "../top/run-top.js";

export function register(registry: Registry): void {
  registry
    .command("top")
    .description(
      "Watch the tasks of a node, or of the cluster with --all-nodes, on the full screen: what runs, how far and how fast,\n" +
        "what failed, which node is lost. Press ? for the keys.",
    )
    .option("--interval <duration>", "time between two looks at the servers", lookIntervalMs, 2000)
    .option("--stalled-for <duration>", "mark tasks without progress for this long", durationMs, 5 * 60_000)
    .option("--filter <words>", "begin with this filter, as typed after /", "")
    .option("--history <journal>", "journal that tells how long earlier runs took (default: that of tasks record)")
    .option("--read-only", "offer no key that changes anything")
    .option("--mouse", "choose tasks with the mouse too: the terminal then selects no text by itself")
    .addHelpText(
      "after",
      "\nExamples:\n  tasks top --all-nodes\n  tasks top --filter 'repair !done' --stalled-for 2m\n  tasks --mock --scenario chaos top -a",
    )
    .action(
      registry.action(
        runTop,
        (parsed) => ({
          intervalMs: parsed.interval,
          stalledForMs: parsed.stalledFor,
          mayAbort: parsed.readOnly !== true,
          mouse: parsed.mouse === true,
          filter: parsed.filter,
          history: parsed.history,
          color: parsed.color ?? "auto",
        }),
        () => ({ isWait: true }),
      ),
    );
}
