import { InvalidArgumentError, Option } from "commander";
import { durationMs, sizeBytes, ttlSeconds, wholeNumber } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { runRecorder } from "../recording/run-recorder.js";
import { UsageError } from "../usage-error.js";

/** An option that takes a duration above 0. */
function duration(flags: string, description: string, standard: string): Option {
  const read = (text: string) => {
    const ms = durationMs(text);
    if (ms === 0) throw new InvalidArgumentError("It takes a duration above 0.");
    return ms;
  };
  return new Option(flags, description).argParser(read).default(durationMs(standard), standard);
}

export function register(registry: Registry): void {
  registry
    .command("record")
    .argument("[dir]", "directory of the journal (default: ~/.local/state/scylla-tasks/journal)")
    .description(
      "Watch a node, or the cluster with --all-nodes, and record its tasks in a journal until interrupted.\n" +
        "Other commands read it with --from.",
    )
    .addOption(duration("--tick <duration>", "time between polls; shorter if the ttl requires it", "10s"))
    .addOption(duration("--progress-every <duration>", "record the progress of a task this often", "10s"))
    .option(
      "--max-waits <count>",
      "how many tasks to wait for, so that their end is seen at once",
      wholeNumber(0, 1000),
      64,
    )
    .option(
      "--internal",
      "also record tasks that the server starts by itself, such as regular compactions (one more list per tick)",
    )
    .option(
      "--raise-ttl <duration>",
      "raise the ttls to this while recording, and restore them at the end: 600, 10m",
      ttlSeconds,
    )
    .addOption(
      new Option("--segment-size <size>", "start a new file when one reaches this size")
        .argParser(sizeBytes)
        .default(64 * 1024 ** 2, "64MB"),
    )
    .addOption(duration("--segment-age <duration>", "start a new file when one reaches this age", "1d"))
    .option("--keep <duration>", "delete files that ended longer ago than this: 30d (default: keep all)", durationMs)
    .option("--max-size <size>", "delete the oldest files when the total exceeds this size", sizeBytes)
    .option("--stdout", "write the lines to stdout instead of a journal")
    .option("--quiet", "print only problems")
    .addHelpText(
      "after",
      `
Only one recorder can write to a journal. Interrupting it ends it with exit code 0.

Examples:
  tasks record --all-nodes --keep 30d
  tasks record /var/lib/scylla-tasks/journal -a --raise-ttl 600 --max-size 2GB
  tasks record --stdout | jq 'select(.event == "task_ended")'`,
    )
    .action(
      registry.localAction(runRecorder, async (parsed, [directory]) => {
        if (parsed.stdout === true && directory !== undefined) {
          throw new UsageError("give either a directory or --stdout, not both");
        }
        if (parsed.stdout === true && parsed.raiseTtl !== undefined) {
          throw new UsageError(
            "option '--raise-ttl' needs a journal: it keeps the ttls to restore if the recorder is killed",
          );
        }
        return {
          connection: await registry.connectionOptions(),
          directory,
          toStdout: parsed.stdout === true,
          tickMs: parsed.tick,
          progressEveryMs: parsed.progressEvery,
          maxWaits: parsed.maxWaits,
          internal: parsed.internal === true,
          raiseTtlSeconds: parsed.raiseTtl,
          segmentBytes: parsed.segmentSize,
          segmentAgeMs: parsed.segmentAge,
          keepMs: parsed.keep,
          maxBytes: parsed.maxSize,
          isQuiet: parsed.quiet === true,
          color: parsed.color,
        };
      }),
    );
}
