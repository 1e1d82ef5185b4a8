import { type TaskStatus, timeOf } from "../client/wire.js";
import { duration } from "../format/text/duration.js";
import type { EarlierRuns } from "../history/estimate.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import type { NodeLooks } from "./node-looks.js";
import type { WaitTarget } from "./wait-for-task.js";

/** Returns the earlier runs of a task like this one; nothing if there are none, or no journal. It never fails. */
export type AskHistory = (status: TaskStatus) => Promise<EarlierRuns | undefined>;

/**
 * Reads a journal, once per kind of task.
 * @param named the journal that the user named: a warning is printed if it cannot be read; without it, the default one,
 * if it exists
 */
export function askHistory(
  runtime: Runtime,
  named: string | undefined,
  say: (text: string) => Promise<void>,
): AskHistory {
  const asked = new Map<string, Promise<EarlierRuns | undefined>>();
  const ask = async (status: TaskStatus) => {
    try {
      const [{ earlierRuns }, { defaultJournal }] = await Promise.all([
        import("../history/estimate.js"),
        import("../journal/journal-directory.js"),
      ]);
      const journal = named ?? defaultJournal(runtime.env);
      if (journal === undefined) return undefined;
      return await earlierRuns(journal, status, { nowMs: runtime.clock.now(), signal: runtime.interrupt });
    } catch (error) {
      if (named !== undefined && !runtime.interrupt.aborted) await say(`warning: ${errorText(error)}`);
      return undefined;
    }
  };
  return (status) => {
    const kind = JSON.stringify([status.type, status.keyspace, status.table]);
    let answer = asked.get(kind);
    if (answer === undefined) {
      answer = ask(status);
      asked.set(kind, answer);
    }
    return answer;
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
  history: AskHistory,
  say: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const warn = async ({ id, client }: WaitTarget) => {
    const status = await looks.of(client)(id, { signal });
    if (status === undefined || signal.aborted) return;
    const earlier = await history(status);
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
  // // Errors are reported by the wait.
  await Promise.all(targets.slice(0, MOST_EXPECTED).map((target) => warn(target).catch(() => {})));
}
