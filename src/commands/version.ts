import packageJson from "../../package.json" with { type: "json" };
import type { Registry, Run } from "../cli/registry.js";
import { batchOf, type Report } from "../format/reports/report.js";
import { printEachNode } from "../nodes/print-each-node.js";
import { printable } from "../strings/printable.js";

export function register(registry: Registry): void {
  registry
    .command("version")
    .description("Show the version of tasks, and the release of the server; with --all-nodes, of each node.")
    .addHelpText(
      "after",
      "\nExamples:\n  tasks version\n  tasks version --all-nodes\n  tasks version --json | jq -r .server",
    )
    .action(registry.action(runVersion, () => ({})));
}

const runVersion: Run<object> = async (_runtime, nodes, { output }) => {
  await printEachNode(nodes, output, {
    question: (client, call) => client.releaseVersion(call),
    field: "server",
    cells: (server) => [server],
    alone: versions,
  });
  return undefined;
};

interface Versions {
  readonly client: string;
  readonly server: string;
}

function versions(server: string): Report<Versions> {
  return {
    rows: batchOf({ client: packageJson.version, server }),
    shape: "one",
    fields: ["client", "server"],
    record: (row) => row,
    async *table(batches) {
      for await (const batch of batches) {
        for (const row of batch) yield `Client: ${row.client}\nServer: ${printable(row.server)}\n`;
      }
    },
  };
}
