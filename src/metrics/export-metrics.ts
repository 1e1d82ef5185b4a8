import { EXIT, type ExitCode } from "../exit-codes.js";
import { openConnection } from "../nodes/connection.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { UnansweredNode } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { checkWritable, writeWhole } from "../runtime/write-file.js";
import { errorText } from "../strings/error-text.js";
import { Exporter, type PollOutcome } from "./exporter.js";
import { TEXT_FORM } from "./exposition.js";
import { type ListenAddress, serveMetrics } from "./metrics-server.js";

export interface MetricsOptions {
  readonly connection: ConnectionOptions;
  readonly maxSeries: number;
  readonly intervalMs: number;
  /** Where the metrics go. */
  readonly to:
    | { readonly kind: "listen"; readonly address: ListenAddress }
    | { readonly kind: "stdout" }
    | { readonly kind: "file"; readonly path: string; readonly isRepeated: boolean };
}

/** The result. Nodes and sentences are those of a single poll; repeated polls print theirs as they happen. */
export interface Exported {
  readonly exitCode: ExitCode;
  readonly everUnanswered: readonly UnansweredNode[];
  readonly leftOut: readonly string[];
}

/** Polls once and writes the metrics, or repeats this until the run is interrupted. */
export async function exportMetrics(runtime: Runtime, options: MetricsOptions): Promise<Exported> {
  const { to, maxSeries } = options;
  if (to.kind === "file") await checkWritable("--textfile <file>", to.path);
  const exporter = new Exporter({
    clock: runtime.clock,
    maxSeries,
    connect: () => openConnection(runtime, options.connection, { isWait: true }),
  });
  try {
    if (to.kind === "listen") return await serve(runtime, exporter, to.address, options.intervalMs);
    const write = async () => {
      const text = await exporter.text(TEXT_FORM);
      await (to.kind === "stdout" ? runtime.stdout.write(text) : writeWhole(to.path, [text]));
    };
    if (to.kind === "file" && to.isRepeated) return await repeat(runtime, exporter, options.intervalMs, write);
    const outcome = await exporter.poll();
    await write();
    return {
      exitCode: outcome.isUp ? EXIT.success : EXIT.failure,
      everUnanswered: outcome.unanswered,
      leftOut: [...outcome.leftOut, ...seriesLeftOut(outcome, maxSeries)],
    };
  } finally {
    await exporter.close();
  }
}

async function serve(runtime: Runtime, exporter: Exporter, address: ListenAddress, intervalMs: number): Promise<never> {
  const { clock, stdout } = runtime;
  let last: { readonly atMs: number; readonly isUp: boolean } | undefined;
  let setFirst = () => {};
  const first = new Promise<void>((resolve) => {
    setFirst = resolve;
  });
  const server = await serveMetrics(address, {
    async text(form) {
      await first;
      return await exporter.text(form);
    },
    health() {
      if (last === undefined) return { isOk: false, text: "the first poll has not finished yet" };
      if (!last.isUp) return { isOk: false, text: "no node answered the last poll" };
      const ageMs = clock.monotonic() - last.atMs;
      const isOk = ageMs <= 3 * intervalMs + LATE_MS;
      return { isOk, text: isOk ? "ok" : `the last poll ended ${Math.round(ageMs / 1000)} s ago` };
    },
  });
  try {
    await stdout.write(`listening on ${server.url}/metrics\n`);
    return await repeat(runtime, exporter, intervalMs, async ({ isUp }) => {
      last = { atMs: clock.monotonic(), isUp };
      setFirst();
    });
  } finally {
    await server.stop();
  }
}

/** A poll may take this long before the metrics count as out of date. */
const LATE_MS = 60_000;

/** Polls at intervals, measured from start to start, and never twice at once. */
async function repeat(
  runtime: Runtime,
  exporter: Exporter,
  intervalMs: number,
  done: (outcome: PollOutcome) => Promise<void>,
): Promise<never> {
  const { clock, interrupt } = runtime;
  const trouble = new Trouble(runtime);
  for (;;) {
    const startedMs = clock.monotonic();
    const outcome = await exporter.poll();
    await trouble.say(outcome);
    try {
      await done(outcome);
    } catch (error) {
      // The disk may have room again at the next poll.
      await printMessage(runtime, `error: ${errorText(error)}`);
    }
    await clock.sleep(Math.max(0, startedMs + intervalMs - clock.monotonic()), interrupt);
  }
}

/** Reports trouble with polls when it begins and when it is over, not each time. */
class Trouble {
  readonly #runtime: Runtime;
  readonly #nodes = new Map<string, string>();
  readonly #said = new Set<string>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  async say({ unanswered, leftOut, seriesLeftOut: count }: PollOutcome): Promise<void> {
    const now = new Map(unanswered.map(({ node, reason }) => [node, reason]));
    for (const [node, reason] of now) {
      if (!this.#nodes.has(node))
        await printMessage(this.#runtime, `warning: no answer from node ${errorText(node)}: ${errorText(reason)}`);
    }
    for (const node of this.#nodes.keys()) {
      if (!now.has(node)) await printMessage(this.#runtime, `node ${errorText(node)} answers again`);
    }
    this.#nodes.clear();
    for (const [node, reason] of now) this.#nodes.set(node, reason);
    const sentences = count === 0 ? leftOut : [...leftOut, TOO_MANY_SERIES];
    for (const text of sentences) {
      if (this.#said.has(text) || this.#said.size >= MOST_SAID) continue;
      this.#said.add(text);
      await printMessage(this.#runtime, `warning: ${errorText(text)}`);
    }
  }
}

/** Maximum of different sentences about what was left out. */
const MOST_SAID = 100;

const TOO_MANY_SERIES = "more series than --max-series allows: the rest are merged, with the label value other";

const seriesLeftOut = ({ seriesLeftOut: count }: PollOutcome, most: number): string[] =>
  count === 0
    ? []
    : [`${count} series above the limit of ${most} (--max-series) are merged, with the label value other`];
