import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import { lookOf } from "../nodes/look.js";
import { OneNode } from "../nodes/one-node.js";
import { begin } from "../operations/begin.js";
import { OPERATIONS } from "../operations/catalogue.js";
import type { Job } from "../operations/operation.js";
import { planningFor } from "../operations/planning.js";
import { systemClock } from "../runtime/clock.js";
import { isFinished } from "../vocabulary.js";
import { Deadline } from "../waiting/deadline.js";
import { exitCodeOfOutcome, type Outcome } from "../waiting/outcome.js";
import { waitForOne } from "../waiting/wait-for-one.js";
import type { WaitForTaskOptions } from "./wait-for-task.js";

/** What to start, with the names of `tasks start`. */
export interface Work {
  /** `repair`, `backup`, `compaction`, ...: see `tasks start --help`. */
  readonly operation: string;
  /** A keyspace and tables, the TOC components of a restore, ... */
  readonly arguments?: readonly string[];
  /** Options by their names in camel case, lists as arrays, durations in milliseconds: `{ incrementalMode: "full", inDc: ["dc1"] }`. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The part of the work: a repair has one per table. */
export interface WorkPart {
  readonly keyspace?: string;
  readonly table?: string;
}

export type WorkEvent =
  /** `taskId` is absent if only the call tells when the work ends, as for a cleanup of all nodes. */
  | { readonly kind: "started"; readonly part: WorkPart; readonly taskId?: string }
  | { readonly kind: "progress"; readonly part: WorkPart; readonly status: TaskStatus }
  | { readonly kind: "ended"; readonly part: WorkPart; readonly result: WorkResult };

export type WorkResult = Outcome | { readonly kind: "nothing to do"; readonly reason: string };

export interface StartAndFollowOptions extends WaitForTaskOptions {
  /** Whether to continue with the other parts after a failure. Default false. */
  readonly keepGoing?: boolean;
  /** Time between reads of the progress, in milliseconds. Default 1000. */
  readonly progressIntervalMs?: number;
  readonly onEvent?: (event: WorkEvent) => void;
}

const RETRY_FOR_MS = 60_000;
const MAX_TASKS = 2_000_000;
const PROGRESS_INTERVAL_MS = 1000;

/**
 * Starts work on one node and follows it until it has ended, like `tasks start --wait`: part after part, each call sent
 * only once. Node operations are not confirmed: that is up to the caller.
 * @returns the outcome of each part that was started
 * @throws RangeError for an unknown operation; UsageError if arguments or options do not fit; an error of the client if
 * a start was refused, or its answer was lost, so that the work may be running
 */
export async function startAndFollow(
  client: TaskManagerClient,
  work: Work,
  options: StartAndFollowOptions = {},
): Promise<readonly { readonly part: WorkPart; readonly result: WorkResult }[]> {
  const { onEvent, onTrouble, signal = new AbortController().signal } = options;
  const operation = OPERATIONS.find(({ name }) => name === work.operation);
  if (operation === undefined) {
    throw new RangeError(
      `unknown operation '${work.operation}': expected one of ${OPERATIONS.map(({ name }) => name).join(", ")}`,
    );
  }
  const nodes = new OneNode(client, { signal }, MAX_TASKS);
  const planning = planningFor(nodes, {
    nowMs: systemClock.now(),
    stdin: async () => "",
    say: async (text) => onTrouble?.(text),
  });
  const jobs = await operation.plan(planning, { positionals: work.arguments ?? [], options: work.options ?? {} });
  const deadline = new Deadline(systemClock, options.timeoutMs);
  const results: { part: WorkPart; result: WorkResult }[] = [];
  for (const job of jobs) {
    const { keyspace, table } = job;
    const part = { ...(keyspace !== undefined && { keyspace }), ...(table !== undefined && { table }) };
    const result = await follow(client, job, part, deadline, { ...options, signal });
    results.push({ part, result });
    onEvent?.({ kind: "ended", part, result });
    if (result.kind !== "nothing to do" && exitCodeOfOutcome(result) !== 0 && options.keepGoing !== true) break;
  }
  return results;
}

async function follow(
  client: TaskManagerClient,
  job: Job,
  part: WorkPart,
  deadline: Deadline,
  options: StartAndFollowOptions & { readonly signal: AbortSignal },
): Promise<WorkResult> {
  const { onEvent, retryForMs = RETRY_FOR_MS, signal } = options;
  const common = {
    clock: systemClock,
    signal,
    retryForMs,
    onTrouble: (message: string) => options.onTrouble?.(message),
  };
  const begun = await begin(job, client, common);
  if (begun.kind === "nothing") return { kind: "nothing to do", reason: begun.reason };
  if (begun.kind === "ended") return begun.outcome;
  const { target } = begun;
  onEvent?.({ kind: "started", part, ...(target.id !== "" && { taskId: target.id }) });
  const over = new AbortController();
  if (target.id !== "" && onEvent !== undefined) {
    void watch(client, target.id, options.progressIntervalMs ?? PROGRESS_INTERVAL_MS, over.signal, (status) =>
      onEvent({ kind: "progress", part, status }),
    );
  }
  try {
    return await (target.wait?.({ ...common, deadline }) ?? waitForOne(target, { ...common, deadline }));
  } finally {
    over.abort();
  }
}

/** Reports the progress of a task until the signal aborts. It never fails: the wait reports the outcome. */
async function watch(
  client: TaskManagerClient,
  taskId: string,
  intervalMs: number,
  signal: AbortSignal,
  onStatus: (status: TaskStatus) => void,
): Promise<void> {
  const look = lookOf(client);
  while (!signal.aborted) {
    const status = await look(taskId, { signal }).catch(() => undefined);
    if (status !== undefined && !isFinished(status) && !signal.aborted) onStatus(status);
    await systemClock.sleep(intervalMs, signal).catch(() => {});
  }
}
