import { RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { Nodes } from "../nodes/nodes.js";
import { type Finding, note, ok, wrong } from "./finding.js";

/** What the server is, and for how long it keeps finished tasks. */
export async function checkServer(client: TaskManagerClient, call: CallOptions): Promise<Finding[]> {
  return [await checkVersion(client, call), await checkTtl(client, call), await checkUserTtl(client, call)];
}

/** Whether a version is of the seed generation (rest-api: Two generations): all before 2025.1. */
function isSeedGeneration(version: string): boolean | undefined {
  const [, major] = /^(\d+)\./.exec(version) ?? [];
  return major === undefined ? undefined : Number(major) < 2025;
}

/** A question whose failure is a finding, and does not end the others. */
async function asked(check: string, question: () => Promise<Finding>): Promise<Finding> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
    return note(check, error.message, "the server may be too old to say, or still starting");
  }
}

const checkVersion = (client: TaskManagerClient, call: CallOptions) =>
  asked("version", async () => {
    const version = await client.releaseVersion(call);
    const seed = isSeedGeneration(version);
    if (seed === undefined) return note("version", `${version}: generation unknown`);
    if (!seed) return ok("version", `${version}: looking at a finished task keeps it`);
    return note(
      "version",
      `${version}: looking at a finished task makes the server forget it`,
      "read one with `tasks wait ID --timeout 1`, which keeps it",
    );
  });

const checkTtl = (client: TaskManagerClient, call: CallOptions) =>
  asked("ttl", async () => {
    const ttl = await client.ttl(call);
    return ttl === 0
      ? note(
          "ttl",
          "0 s: a finished task is gone at once, so a wait that loses its connection cannot learn the outcome",
          "run `tasks ttl --set 600` for the time of the wait",
        )
      : ok("ttl", `${String(ttl)} s: so long a finished task can be asked for`);
  });

const checkUserTtl = (client: TaskManagerClient, call: CallOptions) =>
  asked("user-ttl", async () => {
    const ttl = await client.userTtl(call);
    return ttl === 0
      ? note("user-ttl", "0 s: a finished task of a user is gone at once", "run `tasks user-ttl --set 3600`")
      : ok("user-ttl", `${String(ttl)} s: so long a finished task that a user started can be asked for`);
  });

/** Which nodes there are, and which of them answer. */
export async function checkNodes(nodes: Nodes): Promise<Finding[]> {
  for await (const _ of nodes.each((client, call) => client.listModules(call))) {
    // Who does not answer is what counts.
  }
  const reasons = new Map(nodes.unanswered.map(({ node, reason }) => [node, reason]));
  return nodes.known.map(({ address, live }) => {
    const reason = reasons.get(address);
    if (reason === undefined) return ok("node", `${address} answers`);
    const detail = `${address}: ${reason}`;
    if (!live) return note("node", detail, "its tasks do not show until it is back");
    return wrong("node", detail, "name its API with --node-map or --node-url, or reach it with --proxy-command");
  });
}
