import { JournalLockedError } from "../journal/journal-lock.js";
import { JournalWriter } from "../journal/journal-writer.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { numberOf } from "../strings/number-of.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import type { ProgressDisplay } from "../waiting/progress-display.js";
import { type Destination, LineStream } from "./destination.js";
import { readEarlier } from "./earlier.js";
import { RaisedTtls } from "./raised-ttl.js";
import { type RecorderState, record } from "./recorder.js";

export interface RecordTerms {
  /** The directory of the journal; `undefined`: write to stdout. */
  readonly directory: string | undefined;
  readonly tickMs: number;
  readonly progressEveryMs: number;
  readonly maxWaits: number;
  readonly internal: boolean;
  readonly raiseTtlSeconds: number | undefined;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  readonly keepMs: number | undefined;
  readonly maxBytes: number | undefined;
  readonly allNodes: boolean;
  readonly version: string;
}

/**
 * Records until the runtime is interrupted.
 * @param display shows the state of the recorder; `undefined`: quiet
 * @throws UsageError if the journal cannot be written to
 */
export async function runRecorder(
  runtime: Runtime,
  nodes: Nodes,
  terms: RecordTerms,
  display?: ProgressDisplay,
): Promise<void> {
  const onTrouble = (text: string): void => {
    display?.pause();
    void printMessage(runtime, `warning: ${printable(text)}`).then(() => display?.resume());
  };
  const { directory } = terms;
  const isFile = directory !== undefined;
  const destination: Destination = isFile
    ? await openJournal(directory, runtime, terms, onTrouble)
    : new LineStream(runtime.stdout);
  try {
    await record(
      runtime,
      nodes,
      destination,
      {
        ...terms,
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
  terms: RecordTerms,
  onTrouble: (text: string) => void,
): Promise<Destination> {
  try {
    return await JournalWriter.open(directory, { ...terms, clock, onTrouble });
  } catch (error) {
    if (!(error instanceof JournalLockedError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`cannot write to the journal '${directory}': ${(error as Error).message}`);
  }
}

function stateText({ nodes, lostNodes, tasks, lines, nextLookMs, failure }: RecorderState, nowMs: number): string {
  const silent = lostNodes === 0 ? "" : ` (${lostNodes} not answering)`;
  const watched = `recording ${numberOf(nodes, "node")}${silent}, ${numberOf(tasks, "task")} running`;
  if (failure !== undefined) return `${watched}; cannot write: ${printable(failure)}`;
  return `${watched}, ${numberOf(lines, "line")} written, next poll in ${Math.max(0, Math.round((nextLookMs - nowMs) / 1000))}s`;
}
