import type { TaskManagerClient } from "../client/task-manager.js";
import type { ExitCode } from "../exit-codes.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch, ofNodes } from "../format/reports/report.js";
import { startedTasks } from "../format/reports/task-reports.js";
import type { Nodes } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";
import { printMessage, printResult } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { ciReport } from "../waiting/wait-and-report.js";
import type { Begun } from "./begin.js";
import type { Job } from "./operation.js";
import { NOT_STARTED, type OperationResult, OperationRun, type OperationRunOptions } from "./operation-run.js";

export interface RollingOptions extends OperationRunOptions {
  /** Maximum of nodes that work concurrently; with a single node, of jobs. */
  readonly parallel: number;
}

/** A job on one of the nodes, or on the whole cluster. */
interface NodeJob {
  readonly job: Job;
  /** `undefined` for the whole cluster. */
  readonly node: string | undefined;
  readonly isLive: boolean;
}

const RESULT_FIELDS = ["task_id", "state", "duration_seconds", "error"] as const;

/**
 * Runs jobs on all live nodes, one node after the other or several concurrently: each job is started and waited for before the
 * next. Jobs for the whole cluster run once, and first. Stops at the first job that does not succeed, unless told to keep going,
 * and always at the deadline.
 * @returns the worst exit code
 */
export async function startMany(
  runtime: Runtime,
  nodes: Nodes,
  jobs: readonly Job[],
  options: RollingOptions & { readonly output: Output },
  beginJob: (job: Job, client: TaskManagerClient, onTrouble: (text: string) => void) => Promise<Begun>,
): Promise<ExitCode> {
  const { output, quiet, parallel } = options;
  const wait = options.wait || nodes.isMany;
  const nodeJobs = nodeJobsOf(nodes, jobs);
  const nameOf = (nodeJob: NodeJob) => nameAmong(jobs, nodeJob) || (nodes.known[0]?.address ?? "");
  const fields = [...columnsOf(nodes, jobs), ...RESULT_FIELDS];
  if (!quiet) await output.checkFields(fields);
  if (nodeJobs.length === 0) await printMessage(runtime, "nothing to do: no table or node matches");
  const live = nodeJobs.filter(({ isLive }) => isLive);
  const noun = nounOf(nodes, jobs);
  const ci = await ciReport(runtime, wait ? options.junit : undefined, `waiting for ${live.length} ${noun}`);
  if (wait) await ci?.begin();
  const run = await OperationRun.begin(runtime, { ...options, wait }, live.length, noun);
  const turn = (nodeJob: NodeJob, client: TaskManagerClient) =>
    run.run({ name: nameOf(nodeJob), client, start: (onTrouble) => beginJob(nodeJob.job, client, onTrouble) });
  try {
    const ofContact = live.filter(({ node }) => node === undefined);
    await Promise.all(inParallel(ofContact, parallel, (nodeJob) => turn(nodeJob, nodes.contact)));
    // Also if none of the nodes is alive, so that they are reported as unanswered.
    if (nodeJobs.length > ofContact.length) {
      const onNode = async (client: TaskManagerClient, _call: unknown, address: string) => {
        for (const nodeJob of live) if (nodeJob.node === address) await turn(nodeJob, client);
      };
      for await (const _ of nodes.each(onNode, { parallel })) {
        // The results are in `run`.
      }
    }
  } finally {
    await run.end();
    if (wait) await ci?.end();
  }
  const rows = nodeJobs.map((nodeJob) => rowOf(nodeJob, fields, run.results.get(nameOf(nodeJob))));
  if (!quiet) {
    const report = wait ? recordTable(fields, batch(rows)) : startedTasks(fields, rows);
    await printResult(runtime, output.print(ofNodes(report, "nodes", nodes)), run.exitCode);
  }
  // Without a wait, each error was printed when it happened.
  if (wait && (quiet || output.leavesOut("error"))) await sayErrors(runtime, run.results);
  const starts = rows.map((row, index) => ({ ...row, name: nameOf(nodeJobs[index] as NodeJob) }));
  // Without a wait, only errors can be reported.
  const reported = wait ? starts : starts.filter(({ error }) => error !== "");
  if (reported.length > 0) await ci?.reportStarts(reported, run.exitCode);
  return run.exitCode;
}

async function sayErrors(runtime: Runtime, results: ReadonlyMap<string, OperationResult>): Promise<void> {
  for (const [name, { state, error }] of results) {
    if (state === "done" || state === "nothing to do") continue;
    await printMessage(runtime, `error: ${printable(name)}: ${printable(error || state)}`);
  }
}

function nodeJobsOf(nodes: Nodes, jobs: readonly Job[]): readonly NodeJob[] {
  const isOnce = (job: Job) => job.isOfCluster || !nodes.isMany;
  const ofCluster = jobs.filter(isOnce).map((job) => ({ job, node: undefined, isLive: true }));
  const ofNodes = nodes.known.flatMap(({ address, live }) =>
    jobs.filter((job) => !isOnce(job)).map((job) => ({ job, node: address, isLive: live })),
  );
  return [...ofCluster, ...ofNodes];
}

/** The columns that distinguish the rows. */
function columnsOf(nodes: Nodes, jobs: readonly Job[]): readonly ("node" | "keyspace" | "table")[] {
  return [
    ...(nodes.isMany ? (["node"] as const) : []),
    ...(isTheNodeEnough(nodes, jobs) ? [] : (["keyspace", "table"] as const)),
  ];
}

/** Whether each job has its own node, so that the node identifies it; not if a job is for the whole cluster. */
function isTheNodeEnough(nodes: Nodes, jobs: readonly Job[]): boolean {
  return (
    nodes.isMany && jobs.length === 1 && jobs.every(({ isOfCluster, table }) => !isOfCluster || table === undefined)
  );
}

function nounOf(nodes: Nodes, jobs: readonly Job[]): string {
  if (isTheNodeEnough(nodes, jobs)) return "nodes";
  return jobs.every(({ table }) => table !== undefined) ? "tables" : "parts";
}

/** A name that distinguishes it: `10.0.0.1`, `shop.orders`, `10.0.0.1 shop`. */
function nameAmong(jobs: readonly Job[], { node = "", job: { keyspace, table } }: NodeJob): string {
  if (jobs.length === 1 && node !== "") return node;
  return [node, [keyspace, table].filter(Boolean).join(".")].filter(Boolean).join(" ");
}

type Row = OperationResult & { readonly node?: string | null; readonly keyspace?: string; readonly table?: string };

/** A row with the fields that have a column. */
function rowOf({ job, node, isLive }: NodeJob, fields: readonly string[], result: OperationResult = NOT_STARTED): Row {
  const { keyspace = "", table = "" } = job;
  return {
    ...(fields.includes("node") ? { node: node ?? null } : {}),
    ...(fields.includes("keyspace") ? { keyspace, table } : {}),
    ...result,
    ...(isLive ? {} : { state: "down" }),
  };
}
