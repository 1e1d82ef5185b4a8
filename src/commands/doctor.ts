import packageJson from "../../package.json" with { type: "json" };
import type { Registry } from "../cli/registry.js";
import { isRequestFailure } from "../client/errors.js";
import { checkConnection, checkName } from "../doctor/connection.js";
import { anyWrong, type Finding, note, ok } from "../doctor/finding.js";
import { checkNodes, checkServer } from "../doctor/server.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { findingList } from "../format/reports/finding-list.js";
import { openConnection } from "../nodes/connection.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";

export function register(registry: Registry): void {
  registry
    .command("doctor")
    .description(
      "Check step by step that the node can be reached, what its release supports, and which nodes it knows.\n" +
        "Prints a line for each check, and what to do about problems. Exits with 1 if something is wrong.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  tasks doctor -h 10.0.0.1\n  tasks doctor --url https://10.0.0.1:10001 --token-file token --json",
    )
    .action(registry.localAction(runDoctor, async () => ({ connection: await registry.connectionOptions() })));
}

interface DoctorOptions {
  readonly connection: ConnectionOptions;
  readonly output: Output;
}

async function runDoctor(runtime: Runtime, { connection, output }: DoctorOptions): Promise<ExitCode> {
  const findings = await examine(runtime, connection);
  await output.print(findingList(findings));
  return anyWrong(findings) ? EXIT.usage : EXIT.success;
}

async function examine(runtime: Runtime, options: ConnectionOptions): Promise<Finding[]> {
  const url = new URL(options.urls[0] as string);
  const call = { signal: runtime.interrupt, timeoutMs: options.nodeTimeoutMs };
  const findings: Finding[] = [ok("tasks", `version ${packageJson.version}`)];
  // Behind a proxy command the name is resolved at its far end.
  if (!options.mock && options.proxyCommand === undefined) findings.push(await checkName(url));
  if (anyWrong(findings)) return findings;
  const { nodes, discover, close } = await openConnection(runtime, { ...options, allNodes: false });
  const { contact } = nodes;
  try {
    findings.push(
      ...(await checkConnection(contact, new URL(contact.origin), call, options.proxyCommand !== undefined)),
    );
    if (anyWrong(findings)) return findings;
    findings.push(...(await checkServer(contact, call)));
    findings.push(...(await checkNodes(nodes.isMany ? nodes : await discover())));
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    findings.push(note("node", error.message, "without discovery, only this node can be queried"));
  } finally {
    await close();
  }
  return findings;
}
