import { durationMs, wholeNumber } from "../cli/option-values.js";
import { reportPartialResult } from "../cli/partial-result.js";
import type { Registry } from "../cli/registry.js";
import type { ExitCode } from "../exit-codes.js";
import { exportMetrics, type MetricsOptions } from "../metrics/export-metrics.js";
import { DEFAULT_ADDRESS, listenAddress, refuseIfPublic } from "../metrics/metrics-server.js";
import type { Runtime } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";

const DEFAULT_INTERVAL_MS = 30_000;
const SHORTEST_INTERVAL_MS = 1000;

export function register(registry: Registry): void {
  registry
    .command("metrics")
    .description(
      "Serve task metrics to Prometheus until interrupted, or write them to a file. Nodes are polled once per " +
        "interval, however many clients scrape. With --all-nodes: the tasks of the whole cluster.",
    )
    .option("--listen <address:port>", `serve /metrics and /healthz here (default: ${DEFAULT_ADDRESS})`, listenAddress)
    .option("--allow-remote", "allow an address that other machines can reach; there is no authentication")
    .option("--once", "print the metrics once and exit")
    .option("--textfile <file>", "write the metrics to this file, for node_exporter: once, or every --interval")
    .option("--interval <duration>", "time between polls: 30s, 1m (default: 30s)", durationMs)
    .option("--max-series <count>", "maximum number of series to export", wholeNumber(1, 10_000_000), 10_000)
    .addHelpText(
      "after",
      `
Examples:
  tasks metrics --all-nodes
  tasks metrics --all-nodes --listen 10.0.0.5:9185 --allow-remote --interval 1m
  tasks metrics --once | grep running
  tasks metrics --textfile /var/lib/node_exporter/scylla_tasks.prom --interval 1m`,
    )
    .action(
      registry.localAction(runMetrics, async (parsed) => {
        const { listen, textfile, interval, maxSeries } = parsed;
        if ([listen, textfile, parsed.once].filter((way) => way !== undefined).length > 1) {
          throw new UsageError("give one of --listen, --once and --textfile");
        }
        if (parsed.once === true && interval !== undefined)
          throw new UsageError("give either --interval or --once, not both");
        if (interval < SHORTEST_INTERVAL_MS) throw new UsageError("option '--interval <duration>' takes at least 1s");
        const address = listen ?? listenAddress(DEFAULT_ADDRESS);
        refuseIfPublic(address, parsed.allowRemote === true);
        const to: MetricsOptions["to"] =
          parsed.once === true
            ? { kind: "stdout" }
            : textfile !== undefined
              ? { kind: "file", path: textfile, isRepeated: interval !== undefined }
              : { kind: "listen", address };
        const connection = await registry.connectionOptions();
        return { connection, to, maxSeries, intervalMs: interval ?? DEFAULT_INTERVAL_MS };
      }),
    );
}

async function runMetrics(runtime: Runtime, options: MetricsOptions): Promise<ExitCode> {
  const { exitCode, ...part } = await exportMetrics(runtime, options);
  return await reportPartialResult(runtime, part, exitCode);
}
