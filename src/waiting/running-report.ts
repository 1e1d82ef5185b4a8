import { EXIT, type ExitCode } from "../exit-codes.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch, ofNodes } from "../format/reports/report.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage, readOrNot } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { progressPercent } from "../tasks/progress.js";
import { isFinished } from "../vocabulary.js";
import { NodeLooks } from "./node-looks.js";
import type { RunningTask } from "./running-tasks.js";

/** Limit for tasks that are listed in text, and whose progress is read. */
const MAX_SHOWN = 20;

/** The fields of a task that keeps a node from being idle. */
export const RUNNING_TASK_FIELDS = [
  "task_id",
  "module",
  "type",
  "keyspace",
  "table",
  "state",
  "progress_percent",
  "is_abortable",
  "abort_with",
] as const;

export interface RunningReportOptions {
  readonly output: Output;
  readonly sameNodes: string;
  /** Lists what runs anew, where all that was listed has ended since. */
  lookAgain?: () => Promise<readonly RunningTask[]>;
}

/** Shows the running tasks, their progress, and how to abort them. */
export async function reportRunningTasks(
  runtime: Runtime,
  nodes: Nodes,
  running: readonly RunningTask[],
  options: RunningReportOptions,
): Promise<ExitCode> {
  const { output, sameNodes, lookAgain } = options;
  const looks = new NodeLooks();
  const shown = output.isDocument ? running : running.slice(0, MAX_SHOWN);
  const located = await nodes.locate(shown.slice(0, MAX_SHOWN));
  const rows = await Promise.all(
    shown.map(async ({ node, task_id, module, type = "", keyspace = "", table = "", state = "" }, index) => {
      const client = located[index]?.client;
      const status =
        client &&
        (await looks
          .of(client)(task_id, nodes.call)
          .catch(() => undefined));
      const isAbortable = status?.is_abortable ?? null;
      return {
        ...(nodes.isMany && { node: node ?? null }),
        task_id,
        module,
        type,
        keyspace,
        table,
        state: status?.state ?? state,
        progress_percent: (status && progressPercent(status)) ?? null,
        is_abortable: isAbortable,
        abort_with: isAbortable === false ? null : `${sameNodes} abort ${task_id}`,
      };
    }),
  );
  // Tasks that ended since they were listed are left out; for the others, the row is the latest state.
  const left = rows.filter((row) => !isFinished(row));
  const still = running.length - (rows.length - left.length);
  if (still === 0 && running.length > 0 && lookAgain !== undefined) {
    // Others may have begun since. Only once: a server may list as running what it says has ended.
    return await reportRunningTasks(runtime, nodes, await lookAgain(), { output, sameNodes });
  }
  const isIdle = still === 0 && nodes.unanswered.length === 0;
  if (still > 0 || output.isDocument) {
    const fields = [...nodes.nodeFields, ...RUNNING_TASK_FIELDS] as readonly (keyof (typeof rows)[number])[];
    await readOrNot(output.print(ofNodes(recordTable(fields, batch(left)), "tasks", nodes)));
  }
  if (isIdle) await readOrNot(output.remark("idle: no running task would be harmed by a restart"));
  if (still === 0) return EXIT.success;
  const more = running.length - shown.length;
  await printMessage(
    runtime,
    `not idle: ${still === 1 ? "1 task runs" : `${still} tasks run`}${more > 0 ? ` (${more} not shown)` : ""}; ` +
      `to wait until it is idle:\n  ${printable(sameNodes)} idle --wait`,
  );
  return EXIT.notIdle;
}
