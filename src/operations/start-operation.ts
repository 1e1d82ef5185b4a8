import { HttpStatusError } from "../client/errors.js";
import { compareReleases, parseRelease } from "../client/release.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { type PlannedRequest, plannedRequests } from "../format/reports/planned-requests.js";
import { STARTED_TASK_FIELDS, startedTask, WAITED_TASK_FIELDS } from "../format/reports/task-reports.js";
import type { Nodes } from "../nodes/nodes.js";
import { prompt } from "../runtime/confirm.js";
import { printMessage } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import { readStdin } from "../runtime/read-stdin.js";
import type { Runtime } from "../runtime/runtime.js";
import { checkWritable } from "../runtime/write-file.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { exitCodeOfOutcome, hasEnded, type Outcome } from "../waiting/outcome.js";
import { ciReport, waitAndReport } from "../waiting/wait-and-report.js";
import { type BeginOptions, type Begun, begin, mayHaveStarted } from "./begin.js";
import { requestsOf } from "./dry-run.js";
import { lacks } from "./given.js";
import type { Given, Job, Operation, Planning } from "./operation.js";
import { planningFor } from "./planning.js";
import { type RollingOptions, startMany } from "./start-many.js";

export interface StartOperationOptions extends RollingOptions {
  readonly output: Output;
  readonly operation: Operation;
  readonly given: Given;
  readonly wait: boolean;
  readonly dryRun: boolean;
  /** Whether `--yes` confirms it already. */
  readonly yes: boolean;
}

/** Plans an operation, and starts its jobs. */
export async function startOperation(
  runtime: Runtime,
  nodes: Nodes,
  options: StartOperationOptions,
): Promise<ExitCode | undefined> {
  const { operation, given, output, junit } = options;
  if (junit !== undefined) await checkWritable("--junit <file>", junit);
  const planning = planningFor(nodes, {
    nowMs: runtime.clock.now(),
    stdin: () => readStdin(runtime),
    say: (text) => printMessage(runtime, text),
  });
  const jobs = await operation.plan(planning, given);
  if (options.dryRun) return await printRequests(nodes, jobs, output);
  if (operation.confirmation !== undefined && !options.yes) await confirm(runtime, planning, operation, given);
  const [only] = jobs;
  const isList = nodes.isMany || operation.isOfMany?.(given) === true;
  const beginJob = (job: Job, client: TaskManagerClient, say: BeginOptions["onTrouble"]) =>
    beginOnce(runtime, planning, job, client, options, say);
  if (isList) return await startMany(runtime, nodes, jobs, options, beginJob);
  if (only === undefined) return await nothingToDo(runtime, options, "no table matches");
  return await startOne(runtime, nodes, only, options, beginJob);
}

type BeginJob = (job: Job, client: TaskManagerClient, say: BeginOptions["onTrouble"]) => Promise<Begun>;

async function startOne(
  runtime: Runtime,
  nodes: Nodes,
  job: Job,
  options: StartOperationOptions,
  beginJob: BeginJob,
): Promise<ExitCode | undefined> {
  const { output, wait, quiet } = options;
  if (!wait) await output.checkFields(STARTED_TASK_FIELDS);
  else if (!quiet) await output.checkFields(WAITED_TASK_FIELDS);
  const client = nodes.contact;
  let begun: Begun;
  try {
    begun = await beginJob(job, client, (text) => void printMessage(runtime, `warning: ${errorText(text)}`));
  } catch (error) {
    if (!runtime.interrupt.aborted) {
      await reportToCi(runtime, job, options, mayHaveStarted(error) ? "unknown" : "not started", errorText(error));
    }
    throw error;
  }
  if (begun.kind === "nothing") return await nothingToDo(runtime, options, begun.reason);
  if (begun.kind === "ended") {
    const { outcome } = begun;
    if (!wait) {
      await printMessage(runtime, outcome.kind === "done" ? "it has ended already" : `error: ${reasonOf(outcome)}`);
      if (outcome.kind !== "done") await reportToCi(runtime, job, options, outcome.kind, reasonOf(outcome));
      await printId(runtime, output, outcome.id);
      return exitCodeOfOutcome(outcome);
    }
    return await waitAndReport(runtime, [{ id: outcome.id, client, wait: async () => outcome }], nodes, options);
  }
  const { target } = begun;
  if (!wait) {
    await printId(runtime, output, target.id);
    return target.id === "" ? EXIT.outcomeUnknown : undefined;
  }
  if (target.id !== "") await printMessage(runtime, `started task ${printable(target.id)}`);
  return await waitAndReport(runtime, [target], nodes, options);
}

async function nothingToDo(
  runtime: Runtime,
  { output, wait, quiet }: StartOperationOptions,
  reason: string,
): Promise<undefined> {
  await printMessage(runtime, `nothing to do: ${printable(reason)}`);
  if (!wait || !quiet) await output.print(startedTask(undefined));
  return undefined;
}

/** Reports to the CI system if there is no task to wait for. Otherwise the wait reports. */
async function reportToCi(
  runtime: Runtime,
  job: Job,
  options: StartOperationOptions,
  state: string,
  error: string,
): Promise<void> {
  const { wait, junit, operation } = options;
  const ci = await ciReport(runtime, wait ? junit : undefined, "");
  const name = [operation.name, job.keyspace, job.table].filter(Boolean).join(" ");
  await ci?.reportStarts([{ name, state, error }], EXIT.failure);
}

function reasonOf(outcome: Outcome): string {
  if (outcome.kind === "unknown") return printable(outcome.reason);
  return printable(hasEnded(outcome) ? (outcome.note ?? outcome.status.error ?? "it failed") : "it failed");
}

/** Prints the id on stdout; if that fails, on stderr, so that it is never lost. */
async function printId(runtime: Runtime, output: Output, id: string): Promise<void> {
  try {
    await output.print(startedTask(id === "" ? undefined : id));
  } catch (error) {
    if (id !== "") await printMessage(runtime, `started task ${printable(id)}`);
    throw error;
  }
}

/**
 * Starts a job. If the answer was lost, the operation may be running: it is never sent again, and the error says how to look for
 * it. If the node's release does not have the operation, the error says so.
 */
async function beginOnce(
  runtime: Runtime,
  planning: Planning,
  job: Job,
  client: TaskManagerClient,
  options: StartOperationOptions,
  onTrouble: BeginOptions["onTrouble"],
): Promise<Begun> {
  const { clock, interrupt: signal } = runtime;
  try {
    return await begin(job, client, { clock, signal, retryForMs: options.retryForMs, onTrouble });
  } catch (error) {
    if (mayHaveStarted(error)) {
      const { keyspace } = job;
      const filter = keyspace === undefined ? "" : ` --keyspace ${keyspace}`;
      const look = printable(`${options.sameNodes} list ${job.module}${filter}`);
      await printMessage(runtime, `warning: the operation may have started; to check:\n  ${look}`);
    } else if (error instanceof HttpStatusError && [400, 404].includes(error.status) && job.needs !== undefined) {
      const { what, since } = job.needs;
      const release = await planning.release().catch(() => undefined);
      if (release?.isKnown && compareReleases(release, parseRelease(since)) < 0) {
        await printMessage(runtime, `warning: ${printable(lacks(what, since, release))}`);
      }
    }
    throw error;
  }
}

/** @throws UsageError if the user does not confirm, or cannot */
async function confirm(runtime: Runtime, planning: Planning, operation: Operation, given: Given): Promise<void> {
  const confirmation = await operation.confirmation?.(planning, given);
  if (confirmation === undefined) return;
  const { text, address } = confirmation;
  if (!runtime.stdin.isTTY) throw new UsageError(`${text}: cannot ask for confirmation without a terminal: use --yes`);
  const answer = await prompt(runtime, `${printable(text)}. To confirm, type ${printable(address)}: `);
  if (answer !== address) throw new UsageError(`the answer is not '${address}': nothing was started`);
}

async function printRequests(nodes: Nodes, jobs: readonly Job[], output: Output): Promise<ExitCode> {
  const requests: PlannedRequest[] = [];
  const add = async (node: string, client: TaskManagerClient, job: Job) => {
    for (const request of await requestsOf(job, client)) requests.push({ node, ...request });
  };
  const contact = nodes.known[0]?.address ?? "";
  for (const job of jobs) if (job.isOfCluster || !nodes.isMany) await add(contact, nodes.contact, job);
  if (nodes.isMany) {
    const ofNodes = jobs.filter(({ isOfCluster }) => !isOfCluster);
    const each = async (client: TaskManagerClient, _call: unknown, node: string) => {
      for (const job of ofNodes) await add(node, client, job);
    };
    for await (const _ of nodes.each(each, { parallel: 1 })) {
      // The recorded requests show what it would send.
    }
  }
  await output.print(plannedRequests(requests, nodes.isMany));
  return EXIT.success;
}
