import { HttpStatusError } from "../client/errors.js";
import { parseRelease, type Release } from "../client/release.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { tell } from "../runtime/tell.js";
import { UsageError } from "../usage-error.js";
import type { Planning } from "./operation.js";

/** What operations need to make their plans for these nodes. */
export function planningFor(runtime: Runtime, nodes: Nodes): Planning {
  const { contact: client, call } = nodes;
  const nowMs = runtime.clock.now();
  let release: Promise<Release> | undefined;
  return {
    nodes,
    client,
    call,
    nowMs,
    node: nodes.known[0]?.address ?? new URL(client.origin).hostname,
    release: () => {
      release ??= client.releaseVersion(call).then(parseRelease, (error: unknown) => {
        // A server that does not say which it is, as a stub in a test, may have everything.
        if (error instanceof HttpStatusError) return parseRelease("");
        throw error;
      });
      return release;
    },
    lines: (file) => linesOf(runtime, file),
    snapshotName: () => String(nowMs),
    say: (text) => tell(runtime, text),
  };
}

async function linesOf({ stdin }: Runtime, file: string): Promise<string[]> {
  let text = "";
  try {
    if (file === "-") {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      text = Buffer.concat(chunks).toString("utf8");
    } else {
      text = await (await import("node:fs/promises")).readFile(file, "utf8");
    }
  } catch (error) {
    throw new UsageError(`cannot read '${file}': ${error instanceof Error ? error.message : String(error)}`);
  }
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
