import { HttpStatusError, isRequestFailure, type TaskManagerError } from "../client/errors.js";
import type { ColorMode } from "../format/terminal/terminal.js";
import { duration } from "../format/text/duration.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { Deadline } from "./deadline.js";
import { openProgressDisplay, type ProgressMode } from "./progress-display.js";
import { type RunningTask, type RunningTaskFilter, runningTasks } from "./running-tasks.js";

export interface IdleOptions extends RunningTaskFilter {
  readonly timeoutMs: number | undefined;
  /** How long nothing may run before the wait ends. */
  readonly holdMs: number;
  readonly progress: ProgressMode;
  readonly color: ColorMode;
}

/** Time between two polls. */
const POLL_MS = 2000;

/** Whether a node did not report its tasks: a refusal is an answer, an error of a node or a proxy is not. */
export const isNoAnswer = (error: unknown): error is TaskManagerError =>
  isRequestFailure(error) && !(error instanceof HttpStatusError && error.status < 500);

/** The running tasks, or the error of a single node. */
export interface RunningPoll {
  readonly running: readonly RunningTask[];
  readonly unreachable?: TaskManagerError;
  /** Whether every node reported that nothing runs. */
  readonly isIdle: boolean;
}

export async function pollRunning(nodes: Nodes, filter: RunningTaskFilter): Promise<RunningPoll> {
  try {
    await nodes.startRound({ forgetsEarlier: true });
    const running = await runningTasks(nodes, filter);
    return { running, isIdle: running.length === 0 && nodes.unanswered.length === 0 };
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    return { running: [], unreachable: error, isIdle: false };
  }
}

/** Polls until nothing has run for long enough, or the timeout is over. */
export async function waitUntilIdle(runtime: Runtime, nodes: Nodes, options: IdleOptions): Promise<RunningPoll> {
  const { clock, interrupt: signal } = runtime;
  const { holdMs, timeoutMs } = options;
  const deadline = new Deadline(clock, timeoutMs);
  const display = await openProgressDisplay(runtime, options.progress, options.color);
  const startMs = clock.monotonic();
  let idleSinceMs: number | undefined;
  let wasReached = false;
  try {
    for (;;) {
      const poll = await pollRunning(nodes, options);
      // A wrong port fails at once, not after half an hour.
      if (poll.unreachable !== undefined && !wasReached) return poll;
      wasReached = true;
      const nowMs = clock.monotonic();
      idleSinceMs = poll.isIdle ? (idleSinceMs ?? nowMs) : undefined;
      const leftMs = idleSinceMs === undefined ? POLL_MS : idleSinceMs + holdMs - nowMs;
      if (leftMs <= 0 || deadline.hasPassed) return poll;
      const text = summary(poll, nodes);
      display?.show(`${text}  elapsed ${duration((nowMs - startMs) / 1000)}`, text);
      await clock.sleep(Math.min(leftMs, POLL_MS, deadline.remainingMs), signal);
    }
  } finally {
    display?.stop();
  }
}

function summary({ running, isIdle, unreachable }: RunningPoll, nodes: Nodes): string {
  if (isIdle) return "nothing runs; checking that it stays that way";
  if (unreachable !== undefined) return `no answer: ${errorText(unreachable)}`;
  if (running.length === 0) return `no answer from ${nodes.unanswered.map(({ node }) => printable(node)).join(", ")}`;
  const [first] = running;
  const more = running.length === 1 ? "" : ` and ${running.length - 1} more`;
  return `${nameOf(first as RunningTask)}${more} still ${running.length === 1 ? "runs" : "run"}`;
}

const nameOf = ({ type = "a task", keyspace, table }: RunningTask) =>
  printable([type, [keyspace, table].filter(Boolean).join(".")].filter(Boolean).join(" "));
