import {
  HttpStatusError,
  isRefusal,
  isRequestFailure,
  RequestAbortedError,
  TaskManagerError,
  UnreachableError,
} from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Clock } from "../runtime/clock.js";
import { inTime } from "../waiting/deadline.js";
import type { Outcome } from "../waiting/outcome.js";
import { type WaitForOneOptions, type WaitTarget, waitForOne } from "../waiting/wait-for-one.js";
import { beforeStart, isBeforeStart } from "./before-start.js";
import type { CallEnd, Job, Start } from "./operation.js";

export interface BeginOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long to look for the task of a start while the connection is broken, in milliseconds. */
  readonly retryForMs: number;
  onTrouble(message: string): void;
}

/** The result of a start. */
export type Begun =
  /** Work that can be waited for. Its id is empty if only the call reports on it. */
  | { readonly kind: "task"; readonly target: WaitTarget }
  | { readonly kind: "nothing"; readonly reason: string }
  /** It ended before its task was seen. */
  | { readonly kind: "ended"; readonly outcome: Outcome };

/**
 * Starts a job. The call is sent only once, whatever happens. Resolves as soon as the id of its task is known.
 * @throws the error family if the call was refused or its answer was lost: {@link mayHaveStarted} tells which
 */
export async function begin(job: Job, client: TaskManagerClient, options: BeginOptions): Promise<Begun> {
  try {
    return await send(job, client, options);
  } catch (error) {
    const reason = error instanceof HttpStatusError ? job.skips?.(error.serverMessage) : undefined;
    if (reason === undefined) throw error;
    return { kind: "nothing", reason };
  }
}

async function send(job: Job, client: TaskManagerClient, options: BeginOptions): Promise<Begun> {
  const { start } = job;
  switch (start.kind) {
    case "answered": {
      const id = await start.send(client, { signal: options.signal });
      if (id === undefined) {
        // Only for a cleanup does this mean that there is nothing to do. Any other start did not succeed.
        if (!start.mayBeNothing) {
          const reason = "the server returned no task id, so it is unknown whether the operation was started";
          return { kind: "ended", outcome: { kind: "unknown", id: "", reason, isGone: false } };
        }
        const of = job.keyspace === undefined ? "it" : `keyspace ${job.keyspace}`;
        return { kind: "nothing", reason: `${of} needs no such operation` };
      }
      return { kind: "task", target: { id, client, reached: true } };
    }
    case "numbered":
      return await beginNumbered(start, client, options);
    case "waiting":
      return await beginWaiting(start, job.module, client, options);
  }
}

/** Whether a start may have succeeded although its call failed. */
export function mayHaveStarted(error: unknown): boolean {
  if (isBeforeStart(error)) return false;
  if (error instanceof UnreachableError) return error.maybeSent;
  // A proxy that gave up on the node does not know what the node does.
  if (error instanceof HttpStatusError) return [408, 502, 503, 504].includes(error.status) || isOfProxy(error);
  return error instanceof TaskManagerError;
}

/** rest-api: Errors. If a 500 is in the node's own form, the node refused the operation. */
const isOfProxy = ({ status, body }: HttpStatusError) => status >= 500 && body === "foreign";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

type NumberedStart = Extract<Start, { kind: "numbered" }>;

/** operations: `repair_async`. The number is the task's sequence number; if there is nothing to repair, no task has it. */
async function beginNumbered(start: NumberedStart, client: TaskManagerClient, options: BeginOptions): Promise<Begun> {
  const { keyspace } = start;
  const number = await start.send(client, { signal: options.signal });
  const isIts = (row: TaskStats) =>
    row.type === "repair" &&
    row.scope === "keyspace" &&
    row.keyspace === keyspace &&
    row.sequence_number === number &&
    (row.shard ?? 0) === 0;
  const name = `repair ${number} of keyspace ${keyspace}`;
  try {
    const patience = new Patience(options);
    for (;;) {
      const found = await patience.try(async (call) => {
        const id = (await client.listModuleTasks("repair", call)).find(isIts)?.task_id;
        return id === undefined ? { state: await stateOf(client, keyspace, number, call) } : { id };
      });
      if (found?.id !== undefined) {
        const { id } = found;
        const wait = waitForRepair(id, client, keyspace, number);
        return { kind: "task", target: { id, client, reached: true, wait } };
      }
      switch (found?.state) {
        case "SUCCESSFUL":
          return { kind: "nothing", reason: `there was nothing to repair in keyspace ${keyspace} (repair ${number})` };
        case "FAILED":
          return { kind: "ended", outcome: repairFailed("", keyspace, number) };
        case "forgotten": {
          const reason = `${name} is no longer known: its node restarted, so the outcome is unknown`;
          return { kind: "ended", outcome: { kind: "unknown", id: "", reason, isGone: true } };
        }
        default:
          await patience.pause();
      }
    }
  } catch (error) {
    // Only the number leads to the repair, so it must not be lost.
    if (options.signal.aborted) options.onTrouble(`${name} was started`);
    if (options.signal.aborted || !(error instanceof TaskManagerError)) throw error;
    const reason = `${name} was started, but its task cannot be found: ${error.message}`;
    return { kind: "ended", outcome: { kind: "unknown", id: "", reason, isGone: false } };
  }
}

/** A repair that the node forgot, for example in a restart, has no state. */
async function stateOf(client: TaskManagerClient, keyspace: string, number: number, call: CallOptions) {
  try {
    return await client.repairState(keyspace, number, call);
  } catch (error) {
    if (isRefusal(error)) return "forgotten";
    throw error;
  }
}

/** If the task is gone, the state of its repair may still be known (catalogue: What goes wrong). */
function waitForRepair(id: string, client: TaskManagerClient, keyspace: string, number: number) {
  return async (options: WaitForOneOptions): Promise<Outcome> => {
    const outcome = await waitForOne({ id, client, reached: true }, options);
    if (outcome.kind !== "unknown" || !outcome.isGone) return outcome;
    const state = await client
      .repairState(keyspace, number, { signal: options.signal, timeoutMs: STATE_TIMEOUT_MS })
      .catch((error: unknown) => {
        if (!isRequestFailure(error)) throw error;
        return undefined;
      });
    if (state === "SUCCESSFUL") return { kind: "done", id, status: { id, state: "done", type: "repair", keyspace } };
    return state === "FAILED" ? repairFailed(id, keyspace, number) : outcome;
  };
}

const STATE_TIMEOUT_MS = 10_000;

function repairFailed(id: string, keyspace: string, number: number): Outcome {
  const error = `repair ${number} of keyspace ${keyspace} failed; the server gives no reason`;
  return { kind: "failed", id, status: { id, state: "failed", type: "repair", keyspace, error }, note: error };
}

/** Repeats requests while a connection is broken, until the time for that is over. */
class Patience {
  readonly #options: BeginOptions;
  #brokenSinceMs: number | undefined;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: BeginOptions) {
    this.#options = options;
  }

  /** @returns `undefined` if there was no answer this time @throws the error family when the time is over */
  async try<T>(work: (call: CallOptions) => Promise<T>): Promise<T | undefined> {
    const { clock, signal, retryForMs, onTrouble } = this.#options;
    try {
      const value = await work({ signal });
      this.#brokenSinceMs = undefined;
      return value;
    } catch (error) {
      if (!isRequestFailure(error)) throw error;
      const isFirst = this.#brokenSinceMs === undefined;
      this.#brokenSinceMs ??= clock.monotonic();
      if (clock.monotonic() - this.#brokenSinceMs >= retryForMs) throw error;
      if (isFirst) onTrouble(`${error.message}; retrying for up to ${retryForMs / 1000} s`);
      return undefined;
    }
  }

  /** @param until ends the pause early */
  async pause(until?: Promise<unknown>): Promise<void> {
    const { clock, signal } = this.#options;
    const over = new AbortController();
    const slept = clock.sleep(this.#pauseMs, AbortSignal.any([signal, over.signal]));
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    slept.catch(() => {});
    await (until === undefined ? slept : Promise.race([slept, until]));
    over.abort();
  }
}

type WaitingStart = Extract<Start, { kind: "waiting" }>;

/** The outcome of a waiting call. `broken` says nothing about the work, which goes on (operations). */
type CallResult =
  | { readonly kind: "answered"; readonly end: CallEnd }
  | { readonly kind: "refused"; readonly error: HttpStatusError }
  | { readonly kind: "broken"; readonly error: Error };

async function resultOf(answer: Promise<CallEnd>): Promise<CallResult> {
  try {
    return { kind: "answered", end: await answer };
  } catch (error) {
    if (error instanceof HttpStatusError && !mayHaveStarted(error)) return { kind: "refused", error };
    return { kind: "broken", error: error as Error };
  }
}

/** Lists tasks before the call, to see afterwards which one is new: there is no other way to get the id (operations). */
async function beginWaiting(
  start: WaitingStart,
  module: string,
  client: TaskManagerClient,
  options: BeginOptions,
): Promise<Begun> {
  const { signal } = options;
  const { isIts } = start;
  if (isIts === undefined) {
    const result = resultOf(start.send(client, { signal }));
    return { kind: "task", target: { id: "", client, wait: (wait) => untilCallEnds("", result, wait) } };
  }
  const earlier = await beforeStart(client.listModuleTasks(module, { signal }));
  const before = new Set(earlier.map(({ task_id }) => task_id));
  const result = resultOf(start.send(client, { signal }));
  let known: CallResult | undefined;
  void result.then((value) => {
    known = value;
  });
  const patience = new Patience(options);
  let brokenSinceMs: number | undefined;
  for (;;) {
    // Only what the call answered before this list counts: then the list would have its row.
    const said = known;
    let rows: TaskStats[] | undefined;
    try {
      rows = await patience.try((call) => client.listModuleTasks(module, call));
    } catch (error) {
      if (signal.aborted || !(error instanceof TaskManagerError)) throw error;
      options.onTrouble(`the request was sent, but its task cannot be found: ${error.message}`);
      return { kind: "task", target: { id: "", client, wait: (wait) => untilCallEnds("", result, wait) } };
    }
    const row = rows?.find(
      (candidate) => candidate.task_id !== undefined && !before.has(candidate.task_id) && isIts(candidate),
    );
    if (row?.task_id !== undefined) {
      const id = row.task_id;
      const target = { id, client, reached: true };
      return { kind: "task", target: { ...target, wait: (wait) => untilCallOrTaskEnds(target, result, wait) } };
    }
    if (rows !== undefined && said?.kind === "answered") return { kind: "ended", outcome: outcomeOf("", said.end) };
    if (rows !== undefined && said?.kind === "refused") {
      const id = requestIdIn(said.error);
      if (id === undefined) throw said.error;
      return { kind: "ended", outcome: failedCall(id, said.error) };
    }
    if (said?.kind === "broken") {
      if (!mayHaveStarted(said.error)) throw said.error;
      brokenSinceMs ??= options.clock.monotonic();
      if (options.clock.monotonic() - brokenSinceMs >= options.retryForMs) throw said.error;
    }
    await patience.pause(said === undefined ? result : undefined);
  }
}

/** semantics 31: if a queued request failed, the error names its task. */
function requestIdIn({ serverMessage }: HttpStatusError): string | undefined {
  return /Request ID: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(serverMessage)?.[1];
}

function failedCall(id: string, error: HttpStatusError): Outcome {
  return { kind: "failed", id, status: { id, state: "failed", error: error.serverMessage }, note: error.message };
}

function outcomeOf(id: string, { isDone, error = "" }: CallEnd): Outcome {
  const named = id === "" ? {} : { id };
  if (isDone) return { kind: "done", id, status: { ...named, state: "done" } };
  return { kind: "failed", id, status: { ...named, state: "failed", error }, note: error };
}

function unknown(id: string, { message }: Error): Outcome {
  return {
    kind: "unknown",
    id,
    reason: `the connection broke, so the outcome is unknown: ${message}`,
    isGone: false,
  };
}

function outcomeOfCall(id: string, result: CallResult): Outcome {
  if (result.kind === "answered") return outcomeOf(id, result.end);
  if (result.kind === "broken") return unknown(id, result.error);
  return failedCall(id, result.error);
}

/** For work on which only the call reports. */
async function untilCallEnds(id: string, result: Promise<CallResult>, options: WaitForOneOptions): Promise<Outcome> {
  const ended = await withinDeadline(result, options);
  if (ended === undefined) return { kind: "timeout", id };
  if (ended.kind === "broken" && ended.error instanceof RequestAbortedError) throw ended.error;
  if (ended.kind === "refused" && id === "") throw ended.error;
  return outcomeOfCall(id, ended);
}

/** @returns `undefined` if the deadline comes first */
async function withinDeadline<T>(work: Promise<T>, options: WaitForOneOptions): Promise<T | undefined> {
  return options.deadline.isFinite ? await inTime(work, options.deadline.remainingMs, options) : await work;
}

/** How long to wait for the other of call and task once one of them has reported the end. */
const OTHER_WORD_MS = 2000;

/**
 * Waits for the call and the task, until one of them reports the end. The other then has a moment to add something: a status to
 * print, or a failure, which counts. If the connection of the call broke, only the task counts.
 */
async function untilCallOrTaskEnds(
  target: WaitTarget,
  result: Promise<CallResult>,
  options: WaitForOneOptions,
): Promise<Outcome> {
  const { id } = target;
  const enough = new AbortController();
  const task = waitForOne(target, { ...options, signal: AbortSignal.any([options.signal, enough.signal]) });
  task.catch(() => {});
  const first = await Promise.race([task.then((outcome) => ({ outcome })), result.then((call) => ({ call }))]);
  try {
    if ("call" in first) {
      const { call } = first;
      if (call.kind === "broken") {
        if (call.error instanceof RequestAbortedError) throw call.error;
        options.onTrouble(`${call.error.message}; the operation goes on, following its task`);
        return await task;
      }
      return both(outcomeOfCall(id, call), await soon(task, options));
    }
    const { outcome } = first;
    if (outcome.kind === "timeout") return outcome;
    if (outcome.kind !== "unknown") {
      const call = await soon(result, options);
      return call === undefined || call.kind === "broken" ? outcome : both(outcomeOfCall(id, call), outcome);
    }
    const call = await withinDeadline(result, options);
    if (call === undefined) return { kind: "timeout", id };
    return call.kind === "broken" ? outcome : outcomeOfCall(id, call);
  } finally {
    enough.abort();
  }
}

/** Combines call and task: a failure counts whichever reports it, and a status has more details than a call. */
function both(byCall: Outcome, byTask: Outcome | undefined): Outcome {
  if (byTask === undefined || byTask.kind === "timeout" || byTask.kind === "unknown") return byCall;
  if (byTask.kind !== "done" || byCall.kind === "done") return byTask;
  return byCall.kind === "failed" ? { ...byCall, status: { ...byTask.status, ...byCall.status } } : byCall;
}

const soon = <T>(work: Promise<T>, options: WaitForOneOptions): Promise<T | undefined> =>
  inTime(
    work.catch(() => undefined),
    OTHER_WORD_MS,
    options,
  );
