import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { checkWritable, STDOUT, writeWhole } from "../runtime/write-file.js";
import { numberOf } from "../strings/number-of.js";
import { printable } from "../strings/printable.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { UsageError } from "../usage-error.js";
import { traceFile } from "./otlp.js";
import { perfettoTrace } from "./perfetto.js";
import { collectorAt, sendTrace } from "./send-trace.js";

/** Files, or a collector, that a timeline is written to. */
export interface FileOptions {
  readonly html: string | undefined;
  readonly svg: string | undefined;
  readonly perfetto: string | undefined;
  /** A file, or the URL of a collector. */
  readonly otlp: string | undefined;
  readonly maxLanes: number | undefined;
}

const loadDrawings = () => import("./drawings.js");

type Write = (timeline: Timeline) => Promise<void>;
type Draw = (timeline: Timeline) => Promise<Iterable<string>>;

/**
 * Prepares the writing of each requested file.
 * @throws UsageError if one cannot be written; this comes before any request to a node
 */
export async function preparedFiles(runtime: Runtime, nodes: Nodes, options: FileOptions): Promise<Write[]> {
  const { html, svg, perfetto, otlp, maxLanes } = options;
  const writes: Write[] = [];
  const files: string[] = [];
  const add = async (option: string, file: string | undefined, draw: Draw) => {
    if (file === undefined) return;
    await checkWritable(option, file);
    if (files.includes(file)) throw new UsageError(`option '${option}': '${file}' is also written by another option`);
    files.push(file);
    writes.push(async (timeline) => writeTo(runtime, file, await draw(timeline), timeline.spans.length));
  };
  await add("--html <file>", html, async (timeline) => (await loadDrawings()).timelinePage(timeline));
  await add("--svg <file>", svg, async (timeline) => (await loadDrawings()).timelinePicture(timeline, maxLanes));
  await add("--perfetto <file>", perfetto, async (timeline) => perfettoTrace(timeline));
  if (otlp !== undefined && /^https?:\/\//i.test(otlp)) writes.push(await sender(runtime, nodes, otlp));
  else {
    await add("--otlp <file|url>", otlp, async (timeline) => traceFile(timeline));
  }
  return writes;
}

async function writeTo(runtime: Runtime, file: string, pieces: Iterable<string>, tasks: number): Promise<void> {
  if (file === STDOUT) {
    for (const piece of pieces) await runtime.stdout.write(piece);
    return;
  }
  await writeWhole(file, pieces);
  if (runtime.stderr.isTerminal) await printMessage(runtime, `wrote ${printable(file)}: ${numberOf(tasks, "task")}`);
}

async function sender(runtime: Runtime, nodes: Nodes, url: string): Promise<Write> {
  const collector = await collectorAt(url, runtime.env);
  return async (timeline) => {
    const { spans, reason } = await sendTrace(collector, timeline, runtime);
    const because = reason === "" ? "" : `: ${reason}`;
    // An incomplete result must not look complete: it also changes the exit code.
    if (spans > 0) nodes.leftOut.add(`the collector rejected ${numberOf(spans, "task")}${because}`);
    else if (reason !== "") await printMessage(runtime, `warning: the collector says${printable(because)}`);
    if (runtime.stderr.isTerminal)
      await printMessage(runtime, `sent ${numberOf(timeline.spans.length, "task")} to ${collector.url.origin}`);
  };
}
