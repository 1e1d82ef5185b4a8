import { type TaskStatus, timeOf } from "../client/wire.js";
import { duration } from "../format/text/duration.js";
import { taskName } from "../format/text/task-words.js";
import { type EarlierRunsOf, readEarlierRuns, timeLeftText } from "../history/estimate.js";
import { defaultJournal } from "../journal/journal-directory.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import type { NodeLooks } from "./node-looks.js";
import type { WaitTarget } from "./wait-for-one.js";

/** What earlier runs say about tasks. */
export interface EarlierRuns {
  readonly runsOf: EarlierRunsOf;
  /**
   * The time until the last of these running tasks ends, as far as it is known of each of them; of several, that of the
   * one that may take longest.
   */
  timeLeft(tasks: readonly TaskStatus[]): string | undefined;
}

/** Reads a journal, when it is first called. It never fails: without a journal, nothing is known about any task. */
export type EarlierRunsOnce = () => Promise<EarlierRuns>;

/**
 * @param named the journal that the user named: a warning is printed if it cannot be read; without it, the default one,
 * if it exists
 */
export async function openEarlierRuns(
  runtime: Runtime,
  named: string | undefined,
  say: (text: string) => Promise<void>,
): Promise<EarlierRuns> {
  const { clock, env, interrupt: signal } = runtime;
  let runsOf: EarlierRunsOf = () => undefined;
  try {
    const journal = named ?? defaultJournal(env);
    if (journal !== undefined) runsOf = await readEarlierRuns(journal, { nowMs: clock.now(), signal });
  } catch (error) {
    if (named !== undefined && !signal.aborted) await say(`warning: ${errorText(error)}`);
  }
  return {
    runsOf,
    timeLeft(tasks) {
      const known = tasks.flatMap((task) => {
        const earlier = runsOf(task);
        const startMs = timeOf(task.start_time);
        if (earlier === undefined || startMs === undefined) return [];
        const elapsedMs = clock.now() - startMs;
        const { highMs, p95Ms } = earlier;
        return { task, earlier, elapsedMs, leftMs: (elapsedMs < highMs ? highMs : p95Ms) - elapsedMs };
      });
      if (known.length < tasks.length) return undefined;
      const [longest] = known.toSorted((a, b) => b.leftMs - a.leftMs);
      if (longest === undefined) return undefined;
      const { task, earlier, elapsedMs } = longest;
      return timeLeftText(earlier, elapsedMs, tasks.length === 1 ? "" : taskName(task));
    },
  };
}

/** Limit for tasks that get a warning. */
const MOST_EXPECTED = 20;

/**
 * Warns once per task that it takes longer than 95% of its earlier runs.
 * @param signal ends it, with the wait
 */
export async function warnOfLate(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  looks: NodeLooks,
  earlierRunsOnce: EarlierRunsOnce,
  say: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const warn = async ({ id, client }: WaitTarget) => {
    const status = await looks.of(client)(id, { signal });
    if (status === undefined || signal.aborted) return;
    const earlier = (await earlierRunsOnce()).runsOf(status);
    if (signal.aborted) return;
    const name = `task ${printable(id)}`;
    if (earlier === undefined) {
      await say(`warning: --expect: not enough earlier runs to estimate how long ${name} should take`);
      return;
    }
    const startMs = timeOf(status.start_time) ?? runtime.clock.now();
    await runtime.clock.sleep(Math.max(0, startMs + earlier.p95Ms - runtime.clock.now()), signal);
    const { count, p95Ms, medianMs } = earlier;
    const took = `at most ${duration(p95Ms / 1000)}, median ${duration(medianMs / 1000)}`;
    await say(
      `warning: ${name} takes longer than ${count < 20 ? `all ${count}` : `95% of ${count}`} earlier runs, which took ${took}`,
    );
  };
  // Errors are reported by the wait.
  await Promise.all(targets.slice(0, MOST_EXPECTED).map((target) => warn(target).catch(() => {})));
}
