import { Option } from "commander";
import { durationMs } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { USUAL_INTERVAL } from "../cli/watch-interval.js";
import { lookIntervalMs } from "../cli/watch-options.js";
import { runTop } from "../top/run-top.js";

export function register(registry: Registry): void {
  registry
    .command("top")
    .description(
      "Watch the tasks of a node, or of the cluster with --all-nodes, in a full-screen view: progress, rate, failures, and" +
        " nodes that do not answer. Press ? for the keys.",
    )
    .addOption(
      new Option("--interval <duration>", "time between polls").argParser(lookIntervalMs).default(2000, USUAL_INTERVAL),
    )
    .addOption(
      new Option("--stalled-for <duration>", "mark tasks without progress for this long")
        .argParser(durationMs)
        .default(5 * 60_000, "5m"),
    )
    .option("--filter <words>", "start with this filter, as typed after /")
    .option("--history <journal>", "journal to estimate the time left from (default: that of tasks record)")
    .option("--read-only", "disable the keys that change anything")
    .option("--mouse", "also select tasks with the mouse; the terminal then does not select text")
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
          filter: parsed.filter ?? "",
          history: parsed.history,
          color: parsed.color,
        }),
        () => ({ isWait: true }),
      ),
    );
}
