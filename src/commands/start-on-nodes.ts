import { exitCodeOf as failureCode } from "../cli/failure.js";
import { HttpStatusError, RequestAbortedError, TaskManagerError, UnreachableError } from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch, ofNodes } from "../format/reports/report.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { Deadline } from "../waiting/deadline.js";
import { exitCodeOf, hasEnded } from "../waiting/outcome.js";
import { readOrNot, tell } from "../waiting/tell.js";
import { abortLate, type WaitingOptions } from "../waiting/wait-and-report.js";
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
  /** The task's state at its end; `timeout`, `unknown`, `nothing to do`, `not started` where there is none. */
  readonly state: string;
  readonly duration_seconds: number | null;
  readonly error: string;
}

const RESULT_FIELDS = ["node", "task_id", "state", "duration_seconds", "error"] as const;

/**
 * Runs an operation on all live nodes, node after node or some at once: started, waited for, then the next. Stops at the
 * first that does not end well, unless it is to go on, and at the deadline in any case.
 * @returns the gravest exit code of all nodes
 */
export async function startOnEachNode(
  runtime: Runtime,
  nodes: Nodes,
  options: RollingOptions & WaitingOptions & { readonly output: Output },
  start: (client: TaskManagerClient) => Promise<string | undefined>,
): Promise<ExitCode> {
  const { clock, interrupt: signal } = runtime;
  const say = (text: string) => tell(runtime, text);
  const results = new Map<string, NodeResult>();
  /** Tasks that have not ended, and their nodes. */
  const running = new Map<string, string>();
  let worst: ExitCode = EXIT.success;
  if (!options.quiet) await options.output.expect(RESULT_FIELDS);
  const deadline = new Deadline(clock, options.timeoutMs);

  const one = async (node: string, client: TaskManagerClient): Promise<ExitCode> => {
    const startedMs = clock.monotonic();
    let id = "";
    const result = (state: string, error: string) => {
      const elapsed = Math.round((clock.monotonic() - startedMs) / 100) / 10;
      running.delete(id);
      results.set(node, { node, task_id: id, state, duration_seconds: elapsed, error });
    };
    try {
      const started = await start(client);
      if (started === undefined) {
        await say(`${node}: nothing to do`);
        result("nothing to do", "");
        return EXIT.success;
      }
      id = started;
      running.set(id, node);
      await say(`${node}: started task ${printable(id)}`);
      const target = { id, client, reached: true };
      const outcome = await waitForTask(target, {
        clock,
        signal,
        deadline,
        retryForMs: options.retryForMs,
        onTrouble: (text) => void say(`warning: ${errorText(text)}`),
      });
      if (outcome.kind === "timeout" && options.abortOnTimeout) {
        await abortLate(runtime, [target], options.retryForMs, say);
      }
      result(
        outcome.kind,
        outcome.kind === "unknown"
          ? outcome.reason
          : hasEnded(outcome)
            ? outcome.note || outcome.status.error || ""
            : "",
      );
      return exitCodeOf(outcome);
    } catch (error) {
      if (!(error instanceof TaskManagerError) || error instanceof RequestAbortedError) throw error;
      result(id === "" && !mayHaveStarted(error) ? "not started" : "unknown", errorText(error));
      return failureCode(error);
    }
  };

  let stopped = false;
  const inItsTurn = async (client: TaskManagerClient, _call: CallOptions, node: string) => {
    if (stopped) return;
    // After the deadline nothing is started that nobody would wait for.
    const code = deadline.hasPassed ? EXIT.waitTimeout : await one(node, client);
    if (code > worst) worst = code;
    if (code !== EXIT.success && !options.keepGoing) stopped = true;
  };
  try {
    for await (const _ of nodes.each(inItsTurn, options)) {
      // What came of it is among the results.
    }
  } catch (error) {
    if (signal.aborted) {
      for (const [id, node] of running) {
        const again = printable(`${options.sameNodes} wait ${id}`);
        await say(`task ${printable(id)} goes on on node ${printable(node)}; to wait for it again: ${again}`);
      }
    }
    throw error;
  }
  const rows = nodes.known.map(
    ({ address, live }) =>
      results.get(address) ?? {
        node: address,
        task_id: "",
        state: live ? "not started" : "down",
        duration_seconds: null,
        error: "",
      },
  );
  if (!options.quiet) {
    await readOrNot(options.output.print(ofNodes(recordTable(RESULT_FIELDS, batch(rows)), "nodes", nodes)));
  }
  return worst;
}

/** Whether a start that failed may run all the same. */
export function mayHaveStarted(error: unknown): boolean {
  if (error instanceof UnreachableError) return error.maybeSent;
  // A proxy that gave up on the node says nothing about what the node does.
  if (error instanceof HttpStatusError) return [502, 503, 504].includes(error.status);
  return error instanceof TaskManagerError;
}
