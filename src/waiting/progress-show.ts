import type { Runtime } from "../runtime/runtime.js";
import { exitCodeOf, type Outcome } from "./outcome.js";
import type { ProgressDisplay } from "./progress-display.js";
import { watchProgress } from "./progress-watch.js";
import { RateMeter } from "./rate.js";
import type { WaitTarget } from "./wait-for-task.js";

/**
 * Shows how far a wait is: of one task its own progress, which costs a look at it now and then; of several how many have
 * ended, which costs no request.
 */
export function showProgress(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  display: ProgressDisplay | undefined,
): { onOutcome(outcome: Outcome): void; stop(): void } {
  const ended = new AbortController();
  const stop = () => ended.abort();
  const [only] = targets;
  if (display === undefined || only === undefined) return { onOutcome: () => {}, stop };
  if (targets.length > 1) {
    const outcomes: Outcome[] = [];
    const show = () => {
      const failed = outcomes.filter((outcome) => exitCodeOf(outcome) !== 0).length;
      const text = `${outcomes.length} of ${targets.length} tasks ended${failed === 0 ? "" : `, ${failed} of them not well`}`;
      display.show(text, text);
    };
    show();
    return {
      onOutcome(outcome) {
        outcomes.push(outcome);
        show();
      },
      stop,
    };
  }
  const { clock } = runtime;
  const startedMs = clock.monotonic();
  const meter = new RateMeter();
  const signal = AbortSignal.any([ended.signal, runtime.interrupt]);
  const watch = async () => {
    // Only here are cells measured: a wait that shows nothing loads nothing of it.
    const { progressText } = await import("./progress-text.js");
    await watchProgress(only, { clock, intervalMs: display.intervalMs, signal }, (status) => {
      const { progress_completed: completed = 0, progress_total: total = 0 } = status;
      const atMs = clock.monotonic();
      meter.add({ atMs, completed, total });
      const pace = {
        unitsPerSecond: meter.unitsPerSecond,
        remainingSeconds: meter.remainingSeconds,
        elapsedSeconds: (atMs - startedMs) / 1000,
      };
      const figures = `${status.state} ${completed}/${total}`;
      display.show(progressText(status, pace, display.columns, display.unicode), figures);
    });
  };
  void watch();
  return { onOutcome: stop, stop };
}
