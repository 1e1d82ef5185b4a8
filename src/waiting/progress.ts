import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import type { Runtime } from "../runtime/runtime.js";
import { printable } from "../strings/printable.js";
import { isFinished } from "../vocabulary.js";
import type { EarlierRuns, EarlierRunsOnce } from "./earlier-runs.js";
import type { NodeLooks } from "./node-looks.js";
import { exitCodeOfOutcome, type Outcome } from "./outcome.js";
import type { ProgressDisplay } from "./progress-display.js";
import type { Extent, Pace } from "./progress-line.js";
import { briefProgress, overallProgressLine, taskProgressLine } from "./progress-line.js";
import { RateMeter } from "./rate.js";

/** A task that is waited for. */
interface WatchedTask {
  readonly id: string;
  readonly client: TaskManagerClient;
  /** A prefix for its name, such as its node. */
  readonly label?: string;
}

/** Shows the progress of a wait. It never fails: the wait reports errors. */
export interface WaitProgress {
  began(task: WatchedTask): void;
  ended(outcome: Outcome): void;
  /** A task that is not waited for: there was nothing to do, or it was not started. */
  skipped(isSuccess: boolean): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly display: ProgressDisplay;
  /** The number of tasks, and what they are called: `tasks`, `nodes`. */
  readonly total: number;
  readonly noun: string;
  /**
   * They are alike and run one after the other, so later ones are assumed to be as large as those that have started.
   * Default false.
   */
  readonly areAlike?: boolean;
  readonly looks: NodeLooks;
  /** Called once the wait takes more than a few seconds. */
  readonly earlierRunsOnce?: EarlierRunsOnce | undefined;
}

/** A shorter wait needs no estimate. */
const SHORT_WAIT_MS = 5000;

/** Limit for tasks that are read in one round. */
const LOOKED_AT = 20;
const SHORTEST_LOOK_MS = 5000;

const IDLE: WaitProgress = { began() {}, ended() {}, skipped() {}, stop() {} };

/** @param options without a display, nothing is shown and nothing requested */
export function showProgress(runtime: Runtime, options: ProgressOptions | undefined): WaitProgress {
  if (options === undefined) return IDLE;
  const { clock } = runtime;
  const { display, total, noun, looks, areAlike = false, earlierRunsOnce } = options;
  const stopped = new AbortController();
  const signal = AbortSignal.any([stopped.signal, runtime.interrupt]);
  const running = new Map<string, WatchedTask>();
  const statuses = new Map<string, TaskStatus>();
  const meter = new RateMeter();
  const startedMs = clock.monotonic();
  let earlierRuns: EarlierRuns | undefined;
  let areEarlierRunsRead = false;
  let endedCount = 0;
  let unsuccessful = 0;
  let skippedCount = 0;
  let looking = false;
  /** With more tasks than this, where the next round starts. */
  let next = 0;

  const draw = () => {
    const toCome = areAlike ? total - skippedCount - statuses.size : 0;
    const extent = commonExtent([...statuses.values()], areAlike ? statuses.size : total, toCome);
    const atMs = clock.monotonic();
    if (extent !== undefined) {
      meter.add({ atMs, completed: extent.progress_completed ?? 0, total: extent.progress_total ?? 0 });
    }
    void readEarlierRuns(atMs);
    const known = [...running.keys()].map((id) => statuses.get(id)).filter((status) => status !== undefined);
    const pace: Pace = {
      unitsPerSecond: meter.unitsPerSecond,
      remainingSeconds: meter.remainingSeconds,
      elapsedSeconds: (atMs - startedMs) / 1000,
      timeLeft: known.length === running.size ? earlierRuns?.timeLeft(known) : undefined,
    };
    const current = [...running.values()].flatMap(({ id, label }) => {
      const status = statuses.get(id);
      const parts = [label === undefined ? "" : printable(label), status === undefined ? "" : briefProgress(status)];
      const brief = parts.filter(Boolean).join(" ");
      return brief === "" ? [] : [brief];
    });
    const [only] = statuses.values();
    if (total === 1) {
      const shown = only ?? {};
      const figures = `${shown.state} ${shown.progress_completed}/${shown.progress_total}`;
      display.show(taskProgressLine(shown, pace, display), figures);
      return;
    }
    const bad = unsuccessful === 0 ? "" : `, ${unsuccessful} unsuccessful`;
    const count = `${endedCount} of ${total} ${noun} ended${bad}`;
    display.show(overallProgressLine(count, extent, pace, current, display), [count, ...current].join());
  };

  const readEarlierRuns = async (atMs: number) => {
    if (earlierRunsOnce === undefined || areEarlierRunsRead || statuses.size === 0 || atMs - startedMs < SHORT_WAIT_MS)
      return;
    areEarlierRunsRead = true;
    earlierRuns = await earlierRunsOnce();
  };

  const look = async () => {
    if (looking) return;
    looking = true;
    const call = { signal, timeoutMs: Math.max(display.intervalMs, SHORTEST_LOOK_MS) };
    const all = [...running.values()];
    const tasks = all.length <= LOOKED_AT ? all : [...all, ...all].slice(next % all.length).slice(0, LOOKED_AT);
    next += LOOKED_AT;
    await Promise.all(
      tasks.map(async ({ id, client }) => {
        const status = await looks
          .of(client)(id, call)
          .catch(() => undefined);
        // The wait reports how it ended.
        if (status === undefined || isFinished(status) || !running.has(id)) return;
        statuses.set(id, status);
      }),
    );
    looking = false;
    if (!signal.aborted && tasks.length > 0) draw();
  };

  const follow = async () => {
    while (!signal.aborted) {
      void look();
      await clock.sleep(display.intervalMs, signal).catch(() => {});
      if (!signal.aborted) draw();
    }
  };
  let following = false;
  const countEnd = (isSuccess: boolean) => {
    endedCount++;
    if (!isSuccess) unsuccessful++;
    if (endedCount >= total) stopped.abort();
    else draw();
  };

  return {
    began(task) {
      running.set(task.id, task);
      if (following) return;
      following = true;
      // Once all tasks of this round have started.
      queueMicrotask(() => void follow());
    },
    ended(outcome) {
      running.delete(outcome.id);
      if (outcome.kind !== "unknown" && outcome.status !== undefined) {
        // The answer to a wait on a tablet task has the progress of when the wait began (semantics 25).
        const { progress_total = 0 } = outcome.status;
        const isWhole = outcome.kind === "done" && progress_total > 0;
        statuses.set(outcome.id, { ...outcome.status, ...(isWhole && { progress_completed: progress_total }) });
      }
      countEnd(exitCodeOfOutcome(outcome) === 0);
    },
    skipped(isSuccess) {
      skippedCount++;
      countEnd(isSuccess);
    },
    stop: () => stopped.abort(),
  };
}

/** The progress of all together: none if one of them has not started, reports nothing, or has other units. */
function commonExtent(statuses: readonly TaskStatus[], total: number, toCome: number): Extent | undefined {
  const [first] = statuses;
  if (first === undefined || statuses.length < total) return undefined;
  if (total === 1 && toCome === 0) return first;
  let [completed, expected] = [0, 0];
  for (const status of statuses) {
    const { progress_completed = 0, progress_total = 0, progress_units } = status;
    if (progress_total <= 0 || progress_units !== first.progress_units) return undefined;
    completed += progress_completed;
    expected += progress_total;
  }
  const estimated = Math.round((expected * (statuses.length + toCome)) / statuses.length);
  return {
    progress_completed: completed,
    progress_total: estimated,
    progress_units: first.progress_units,
    ...(toCome > 0 && { isEstimate: true }),
  };
}
