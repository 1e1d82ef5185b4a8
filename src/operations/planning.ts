import { HttpStatusError } from "../client/errors.js";
import { parseRelease, type Release } from "../client/release.js";
import type { Nodes } from "../nodes/nodes.js";
import { readBoundedFile } from "../runtime/read-bounded.js";
import { systemReason } from "../strings/error-text.js";
import { UsageError } from "../usage-error.js";
import type { Planning } from "./operation.js";

/** What planning needs from the process. */
export interface PlanningSources {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Everything from stdin. */
  stdin(): Promise<string>;
  say(text: string): Promise<void>;
}

/** What operations need for their plans on these nodes. */
export function planningFor(nodes: Nodes, { nowMs, stdin, say }: PlanningSources): Planning {
  const { contact: client, call } = nodes;
  let release: Promise<Release> | undefined;
  return {
    nodes,
    client,
    call,
    nowMs,
    node: nodes.known[0]?.address ?? new URL(client.origin).hostname,
    release: () => {
      release ??= client.releaseVersion(call).then(parseRelease, (error: unknown) => {
        // A server that does not report its release, such as a stub in a test, may have everything.
        if (error instanceof HttpStatusError) return parseRelease("");
        throw error;
      });
      return release;
    },
    lines: async (file) => linesIn(file === "-" ? await stdin() : await readList(file)),
    snapshotName: () => String(nowMs),
    say,
  };
}

/** More than the components of any table need; a device such as /dev/zero would never end. */
const MOST_BYTES = 100_000_000;

async function readList(file: string): Promise<string> {
  try {
    return await readBoundedFile(file, MOST_BYTES);
  } catch (error) {
    throw new UsageError(`cannot read '${file}': ${systemReason(error)}`);
  }
}

function linesIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
