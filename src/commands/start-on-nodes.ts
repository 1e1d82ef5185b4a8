import type { Cluster } from "../client/cluster.js";
import { RequestAbortedError, TaskManagerError } from "../client/errors.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { exitCodeOf as failureCode, messageOf } from "../failure.js";
import { duration } from "../format/duration.js";
import { recordTable } from "../format/record-table.js";
import { batchOf } from "../format/report.js";
import type { Output } from "../output.js";
import { Deadline } from "../waiting/deadline.js";
import { exitCodeOf, type Outcome } from "../waiting/outcome.js";
import type { WaitingOptions } from "../waiting/session.js";
import { waitForTask } from "../waiting/wait-for-task.js";

export interface RollingOptions {
  /** Nodes on which the operation runs at once. */
  readonly parallel: number;
  /** Whether to go on with the other nodes after one failed. */
  readonly keepGoing: boolean;
}

/** How it went on one node. */
interface NodeResult {
  readonly node: string;
  readonly task_id: string;
  /** The task's state at its end; `timeout`, `unknown`, `not started` where there is none. */
  readonly state: string;
  readonly duration: string;
  readonly error: string;
}

/**
 * Runs an operation on all live nodes, node after node or some at once: started, waited for, then the next. Stops at the
 * first that does not end well, unless it is to go on.
 * @returns the gravest exit code of all nodes
 */
export async function startOnEachNode(
  context: Context,
  cluster: Cluster,
  options: RollingOptions & WaitingOptions & { readonly output: Output },
  start: (client: TaskManagerClient) => Promise<string>,
): Promise<ExitCode> {
  const { clock, stderr, interrupt: signal } = context;
  const results = new Map<string, NodeResult>();
  let worst: ExitCode = EXIT.success;
  const queue = cluster.liveNodes.values();
  const deadline = new Deadline(clock, options.timeoutMs);

  const one = async (node: string): Promise<ExitCode> => {
    const client = await cluster.client(node);
    const startedMs = clock.monotonic();
    let id = "";
    const result = (state: string, error: string) => {
      const elapsed = duration((clock.monotonic() - startedMs) / 1000);
      results.set(node, { node, task_id: id, state, duration: elapsed, error });
    };
    try {
      id = await start(client);
      await stderr.write(`${node}: started task ${id}\n`);
      const outcome = await waitForTask(
        { id, client },
        {
          clock,
          signal,
          deadline,
          retryForMs: options.retryForMs,
          onTrouble: (text) => void stderr.write(`warning: ${text}\n`),
        },
      );
      if (outcome.kind === "timeout" && options.abortOnTimeout) await client.abortTask(id, { signal });
      result(
        stateOf(outcome),
        outcome.kind === "ended" ? (outcome.status.error ?? "") : outcome.kind === "unknown" ? outcome.reason : "",
      );
      return exitCodeOf(outcome);
    } catch (error) {
      if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
      result(id === "" ? "not started" : "unknown", messageOf(error));
      return failureCode(error);
    }
  };

  let stopped = false;
  const worker = async () => {
    for (const node of queue) {
      if (stopped) return;
      const code = await one(node);
      if (code > worst) worst = code;
      if (code !== EXIT.success && !options.keepGoing) stopped = true;
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  const rows = cluster.nodes.map(
    ({ address, live }) =>
      results.get(address) ?? {
        node: address,
        task_id: "",
        state: live ? "not started" : "down",
        duration: "",
        error: "",
      },
  );
  await options.output.print(recordTable(["node", "task_id", "state", "duration", "error"], batchOf(...rows)));
  const down = cluster.nodes.some(({ live }) => !live);
  return worst === EXIT.success && down ? EXIT.partial : worst;
}

function stateOf(outcome: Outcome): string {
  return outcome.kind === "ended" ? (outcome.status.state ?? "done") : outcome.kind;
}
