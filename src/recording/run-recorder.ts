import type { ColorMode } from "../format/terminal/terminal.js";
import { journalOr } from "../journal/journal-directory.js";
import { JournalLockedError } from "../journal/journal-lock.js";
import { JournalWriter, type JournalWriterOptions } from "../journal/journal-writer.js";
import { openConnection } from "../nodes/connection.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { systemReason } from "../strings/error-text.js";
import { numberOf } from "../strings/number-of.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { openLastingDisplay, type ProgressDisplay } from "../waiting/progress-display.js";
import { type Destination, LineStream } from "./destination.js";
import { readEarlier } from "./earlier.js";
import { RaisedTtls } from "./raised-ttl.js";
import { type RecorderOptions, type RecorderState, record } from "./recorder.js";

export interface RecordOptions
  extends Omit<RecorderOptions, "allNodes" | "raisedTtls" | "earlier">,
    Omit<JournalWriterOptions, "clock" | "onTrouble" | "openFile"> {
  readonly connection: ConnectionOptions;
  /** The directory of the journal; default: the user's own. */
  readonly directory: string | undefined;
  /** Whether the lines go to stdout instead of a journal. */
  readonly toStdout: boolean;
  /** Whether the state of the recorder is not shown. */
  readonly isQuiet: boolean;
  readonly color: ColorMode;
}

/**
 * Records until the runtime is interrupted.
 * @throws UsageError if the journal cannot be written to
 */
export async function runRecorder(runtime: Runtime, options: RecordOptions): Promise<undefined> {
  const { connection, toStdout, isQuiet, color, maxWaits } = options;
  const directory = toStdout ? undefined : journalOr(options.directory, runtime, "give a directory or --stdout");
  const maxConnections = connection.concurrency + maxWaits;
  const { nodes, close } = await openConnection(runtime, connection, { maxConnections });
  try {
    // Whoever reads that it records may end it at once.
    const display = isQuiet || runtime.interrupt.aborted ? undefined : await openLastingDisplay(runtime, color);
    await recordTo(directory, runtime, nodes, options, display);
  } finally {
    await close();
  }
  return undefined;
}

/** @param directory the directory of the journal; `undefined`: stdout */
async function recordTo(
  directory: string | undefined,
  runtime: Runtime,
  nodes: Nodes,
  options: RecordOptions,
  display: ProgressDisplay | undefined,
): Promise<void> {
  const onTrouble = (text: string): void => {
    display?.pause();
    void printMessage(runtime, `warning: ${printable(text)}`).then(() => display?.resume());
  };
  const isFile = directory !== undefined;
  const destination: Destination = isFile
    ? await openJournal(directory, runtime, options, onTrouble)
    : new LineStream(runtime.stdout);
  try {
    await record(
      runtime,
      nodes,
      destination,
      {
        ...options,
        allNodes: options.connection.allNodes,
        raisedTtls: isFile ? await RaisedTtls.load(directory) : undefined,
        earlier: isFile ? await readEarlier(directory, runtime.clock.now()) : { lastMs: undefined, tasks: new Map() },
      },
      { onTrouble, onState: (state) => display?.show(stateText(state, runtime.clock.now()), "") },
    );
  } finally {
    display?.stop();
    await destination.close();
  }
}

async function openJournal(
  directory: string,
  { clock }: Runtime,
  options: RecordOptions,
  onTrouble: (text: string) => void,
): Promise<Destination> {
  try {
    return await JournalWriter.open(directory, { ...options, clock, onTrouble });
  } catch (error) {
    if (!(error instanceof JournalLockedError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot write to the journal '${directory}': ${systemReason(error)}`);
  }
}

function stateText({ nodes, lostNodes, tasks, lines, nextLookMs, failure }: RecorderState, nowMs: number): string {
  const silent = lostNodes === 0 ? "" : ` (${lostNodes} not answering)`;
  const watched = `recording ${numberOf(nodes, "node")}${silent}, ${numberOf(tasks, "task")} running`;
  if (failure !== undefined) return `${watched}; cannot write: ${printable(failure)}`;
  return `${watched}, ${numberOf(lines, "line")} written, next poll in ${Math.max(0, Math.round((nextLookMs - nowMs) / 1000))}s`;
}
