import type { TaskManagerClient } from "../client/task-manager.js";
import type { ExitCode } from "../exit-codes.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch, ofNodes } from "../format/reports/report.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { printResult } from "../runtime/tell.js";
import { NOT_STARTED, OperationRun, type OperationRunOptions } from "../waiting/operation-run.js";

export interface RollingOptions extends OperationRunOptions {
  /** Nodes on which the operation runs at once. */
  readonly parallel: number;
}

const RESULT_FIELDS = ["node", "task_id", "state", "duration_seconds", "error"] as const;

/**
 * Runs an operation on all live nodes, node after node or some at once: started, waited for, then the next. Stops at the
 * first that does not end well, unless it is to go on, and at the deadline in any case.
 * @returns the worst exit code of all nodes
 */
export async function startOnEachNode(
  runtime: Runtime,
  nodes: Nodes,
  options: RollingOptions & { readonly output: Output },
  start: (client: TaskManagerClient) => Promise<string | undefined>,
): Promise<ExitCode> {
  const { output, quiet, parallel } = options;
  if (!quiet) await output.checkFields(RESULT_FIELDS);
  const live = nodes.known.filter((node) => node.live);
  const run = await OperationRun.begin(runtime, options, live.length, "nodes");
  try {
    const turn = (client: TaskManagerClient, _call: unknown, name: string) =>
      run.run({ name, client, start: () => start(client) });
    for await (const _ of nodes.each(turn, { parallel })) {
      // What came of it is among the results.
    }
  } finally {
    await run.end();
  }
  const rows = nodes.known.map(({ address: node, live: isLive }) => ({
    node,
    ...(run.results.get(node) ?? { ...NOT_STARTED, ...(!isLive && { state: "down" }) }),
  }));
  const report = ofNodes(recordTable(RESULT_FIELDS, batch(rows)), "nodes", nodes);
  if (!quiet) await printResult(runtime, output.print(report), run.exitCode);
  return run.exitCode;
}
