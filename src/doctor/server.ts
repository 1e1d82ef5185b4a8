import { HttpStatusError, isRequestFailure } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { Nodes } from "../nodes/nodes.js";
import { type Finding, note, ok, wrong } from "./finding.js";
import { releaseFindings } from "./release.js";

/** What the server is, and for how long it keeps finished tasks. */
export async function checkServer(client: TaskManagerClient, call: CallOptions): Promise<Finding[]> {
  return [
    ...(await checkRelease(client, call)),
    ...(await checkTtl(client, call)),
    ...(await checkUserTtl(client, call)),
  ];
}

/** A question whose failure is a finding, and does not end the others. */
async function findingsOf(check: string, question: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await question()].flat();
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    return [note(check, error.message, "the server may be too old to report it, or still starting")];
  }
}

const checkRelease = (client: TaskManagerClient, call: CallOptions) =>
  findingsOf("release", async () => releaseFindings(await client.releaseVersion(call)));

const checkTtl = (client: TaskManagerClient, call: CallOptions) =>
  findingsOf("ttl", async () => {
    const ttl = await client.ttl(call);
    if (!isSeconds(ttl)) return noSeconds("ttl");
    return ttl === 0
      ? note(
          "ttl",
          "0 s: finished tasks are forgotten at once, so a wait that loses its connection cannot learn the outcome",
          "run `tasks ttl --set 600` before the wait",
        )
      : ok("ttl", `${String(ttl)} s: how long finished tasks are kept`);
  });

const checkUserTtl = (client: TaskManagerClient, call: CallOptions) =>
  findingsOf("user-ttl", async () => {
    let ttl: unknown;
    try {
      ttl = await client.userTtl(call);
    } catch (error) {
      // Said with the release.
      if (error instanceof HttpStatusError && error.status === 404) return [];
      throw error;
    }
    if (!isSeconds(ttl)) return noSeconds("user-ttl");
    return ttl === 0
      ? note(
          "user-ttl",
          "0 s: finished tasks started by users are forgotten at once",
          "run `tasks user-ttl --set 3600`",
        )
      : ok("user-ttl", `${String(ttl)} s: how long finished tasks started by users are kept`);
  });

const isSeconds = (ttl: unknown) => Number.isInteger(ttl) && (ttl as number) >= 0;

const noSeconds = (check: string) =>
  wrong(check, "the answer is not a number of seconds", "check that this is the REST API of ScyllaDB, and not a proxy");

/** More nodes that are down are only counted: a server can name any number. */
const MAX_DOWN_NAMED = 100;

/** Which nodes there are, and which of them answer. */
export async function checkNodes(nodes: Nodes): Promise<Finding[]> {
  for await (const _ of nodes.each((client, call) => client.listModules(call))) {
    // Who does not answer is what counts.
  }
  const reasons = new Map(nodes.unanswered.map(({ node, reason }) => [node, reason]));
  const findings: Finding[] = [];
  let down = 0;
  for (const { address, live } of nodes.known) {
    const reason = reasons.get(address);
    const detail = `${address}: ${reason}`;
    if (reason === undefined) findings.push(ok("node", `${address} answers`));
    else if (live) {
      const advice = "give the URL of its API with --node-map or --node-url, or use --proxy-command";
      findings.push(wrong("node", detail, advice));
    } else if (++down <= MAX_DOWN_NAMED) {
      findings.push(note("node", detail, "its tasks are not shown until it is back"));
    }
  }
  const unnamed = down - MAX_DOWN_NAMED;
  if (unnamed > 0) findings.push(note("node", `${unnamed} more nodes are down`, "their tasks are not shown"));
  return findings;
}
