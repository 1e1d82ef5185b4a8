import type { ExitCode } from "../exit-codes.js";
import type { Nodes } from "../nodes/nodes.js";
import type { Runtime } from "../runtime/runtime.js";
import { type CheckedTasks, type ConditionOptions, type Measured, type Measurement, measure } from "./conditions.js";
import { type LastSuccessOptions, measureLastSuccess } from "./last-success-condition.js";
import { type CheckState, type PerformanceData, sayState } from "./plugin-line.js";
import type { Threshold } from "./threshold.js";

export interface CheckOptions extends ConditionOptions {
  readonly tasks: CheckedTasks;
  readonly lastSuccess: LastSuccessOptions | undefined;
  readonly warning: Threshold | undefined;
  readonly critical: Threshold | undefined;
}

/** Maximum of tasks that are named; the others are counted. */
const MOST_EXAMPLES = 3;

/** Measures, judges, and prints the line of a plugin. */
export async function runCheck(runtime: Runtime, nodes: Nodes, options: CheckOptions): Promise<ExitCode> {
  const measurements: Measurement[] = [await measure(runtime, nodes, options.tasks, options)];
  if (options.lastSuccess !== undefined) {
    measurements.push(await measureLastSuccess(runtime, nodes, options.tasks, options.lastSuccess));
  }
  const found = measurements.flatMap((one) => one.found);
  const missing = [...measurements.flatMap((one) => one.missing), ...nodes.leftOut];
  const judged = found.map((one) => ({ ...one, state: stateOf(one, options) }));
  // An incomplete result may hide something bad: it can be bad, but never OK.
  const worst = (["CRITICAL", "WARNING"] as const).find((state) => judged.some((one) => one.state === state)) ?? "OK";
  const state = worst !== "CRITICAL" && missing.length > 0 ? "UNKNOWN" : worst;
  const bad = judged.filter((one) => one.state !== "OK");
  const said = (bad.length > 0 ? bad : judged).map(describe);
  if (missing.length > 0)
    said.unshift(missing.length === 1 ? (missing[0] as string) : `${missing[0]}, and ${missing.length - 1} more`);
  return await sayState(
    runtime,
    state,
    said.join("; "),
    found.flatMap((one) => figuresOf(one, options)),
  );
}

function stateOf({ count }: Measured, { warning, critical }: CheckOptions): CheckState {
  if (critical?.raisedBy(count)) return "CRITICAL";
  return warning?.raisedBy(count) ? "WARNING" : "OK";
}

function describe({ text, examples }: Measured): string {
  const shown = examples.slice(0, MOST_EXAMPLES).map((example) => example.slice(0, LONGEST_EXAMPLE));
  const more = examples.length - shown.length;
  if (shown.length === 0) return text;
  return `${text}: ${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/** Longest name that is shown: a server could send an endless one. */
const LONGEST_EXAMPLE = 150;

function figuresOf({ label, count, more = [] }: Measured, { warning, critical }: CheckOptions): PerformanceData[] {
  return [{ label, value: count, warning: warning?.text, critical: critical?.text }, ...more];
}
