import { Option } from "commander";
import { wholeNumber } from "../cli/option-values.js";
import { namedPositional, readTaskId } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { lookingBack } from "../nodes/connection.js";
import { LANE_KINDS } from "../tasks/timeline/lanes.js";
import { showTimeline, type TimelineRunOptions } from "../timeline/run-timeline.js";

export function register(registry: Registry): void {
  registry
    .command("timeline")
    .description(
      "Show when each task of a tree ran, what took the time, and where it failed.\n" +
        "Servers forget finished children after the ttl; raise it to keep them longer.",
    )
    .usage("[options] <id>")
    .argument("[id]", "id of the root task, or its first characters; - reads it from stdin")
    .addOption(namedPositional("id"))
    .addOption(
      new Option("--by <what>", "group into lanes by this (default: whatever splits the tree best)").choices(
        LANE_KINDS,
      ),
    )
    .option("--max-lanes <count>", "show at most this many lanes (default: as many as fit)", wholeNumber(1, 1_000_000))
    .option("--html <file>", "write an HTML page; - is stdout")
    .option("--svg <file>", "write an SVG picture; - is stdout")
    .option("--perfetto <file>", "write a trace for ui.perfetto.dev or chrome://tracing; - is stdout")
    .option(
      "--otlp <file|url>",
      "write an OpenTelemetry trace, or send it to a collector: http://localhost:4318/v1/traces",
    )
    .addHelpText(
      "after",
      `
Examples:
  tasks timeline 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f --all-nodes
  tasks timeline --by shard -- "$id"
  tasks timeline --html repair.html -- "$id"
  tasks timeline --json -- "$id" | jq '.critical_path'`,
    )
    .action(
      registry.action(
        runTimeline,
        (parsed, [id]): TimelineRunOptions => ({
          id: readTaskId(id, parsed),
          by: parsed.by,
          maxLanes: parsed.maxLanes,
          html: parsed.html,
          svg: parsed.svg,
          perfetto: parsed.perfetto,
          otlp: parsed.otlp,
        }),
        lookingBack,
      ),
    );
}

const runTimeline: Run<TimelineRunOptions> = async (...run) => {
  await showTimeline(...run);
  return undefined;
};
