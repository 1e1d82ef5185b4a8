import { promises as files } from "node:fs";
import { TaskManagerError } from "../client/errors.js";
import { type TaskStatus, timeOf } from "../client/wire.js";
import type { ExitCode } from "../exit-codes.js";
import type { CiResult } from "../format/ci/ci-result.js";
import { annotations, summaryTable, workflowCommand } from "../format/ci/github.js";
import { isGithubActions } from "../format/ci/github-log.js";
import { type JunitSuite, junitXml } from "../format/ci/junit.js";
import { explanationReport } from "../format/reports/explanation-report.js";
import { taskName } from "../format/text/task-words.js";
import type { Nodes } from "../nodes/nodes.js";
import { printMessage, printResult } from "../runtime/messages.js";
import type { Runtime } from "../runtime/runtime.js";
import { checkWritable, writeWhole } from "../runtime/write-file.js";
import { errorText } from "../strings/error-text.js";
import { explain } from "../tasks/explanation.js";
import { Deadline, inTime } from "./deadline.js";
import { hasEnded, type Outcome } from "./outcome.js";

/** Reports the result of a wait to a CI system: to GitHub Actions with workflow commands, to others with a file. */
export interface CiReport {
  /** The wait starts: its messages form a group. */
  begin(): Promise<void>;
  /** The wait is over. */
  end(): Promise<void>;
  /**
   * Reports the outcomes.
   * @param exitCode of the wait, which takes precedence over a file that cannot be written
   */
  report(results: readonly CiResult[], exitCode: ExitCode): Promise<void>;
  /** As {@link report}, for starts. */
  reportStarts(starts: readonly StartedForCi[], exitCode: ExitCode): Promise<void>;
}

/** The result of a start, and of the wait after it. */
interface StartedForCi {
  /** What was started: a node, a table, an operation. */
  readonly name: string;
  readonly task_id?: string | null;
  /** The final state of the task, or why there is none. */
  readonly state: string;
  readonly duration_seconds?: number | null;
  readonly error: string;
}

/** GitHub's limit for one step. */
const MOST_SUMMARY_BYTES = 1024 * 1024;

/**
 * @param junit the file for other CI systems, if any
 * @param title what the wait is for
 * @returns nothing if no report is wanted
 * @throws UsageError if the file cannot be written
 */
export async function openCiReport(runtime: Runtime, junit: string | undefined, title: string): Promise<CiReport> {
  const { clock, env } = runtime;
  if (junit !== undefined) await checkWritable("--junit <file>", junit);
  const isGithub = isGithubActions(env);
  const command = async (line: string) => {
    if (isGithub) await runtime.stderr.write(`${line}\n`).catch(() => {});
  };
  const [startedMs, startMonotonicMs] = [clock.now(), clock.monotonic()];
  const report: CiReport = {
    begin: () => command(workflowCommand("group", title)),
    end: () => command("::endgroup::"),
    reportStarts: (starts, exitCode) => report.report(starts.map(resultOfStart), exitCode),
    async report(results, exitCode) {
      for (const line of isGithub ? annotations(results) : []) await command(line);
      if (isGithub && env.GITHUB_STEP_SUMMARY) await appendSummary(runtime, env.GITHUB_STEP_SUMMARY, results);
      if (junit === undefined) return;
      const seconds = (clock.monotonic() - startMonotonicMs) / 1000;
      const suite: JunitSuite = { name: "tasks", startedMs, seconds, results };
      await printResult(runtime, writeWhole(junit, junitXml(suite)), exitCode);
    },
  };
  return report;
}

function resultOfStart({ name, task_id, state, duration_seconds, error }: StartedForCi): CiResult {
  const ofNone = error === "" ? "skipped" : "failed";
  const outcome = state === "not started" ? ofNone : (OUTCOMES_OF_STARTS.get(state) ?? "unknown");
  const message = error || (state === "down" ? "the node is down" : "");
  const seconds = duration_seconds ?? undefined;
  return { id: task_id ?? "", name, group: "start", outcome, seconds, message, details: message };
}

const OUTCOMES_OF_STARTS: ReadonlyMap<string, CiResult["outcome"]> = new Map([
  ["done", "done"],
  ["nothing to do", "done"],
  ["failed", "failed"],
  ["timeout", "timeout"],
  ["suspended", "suspended"],
]);

async function appendSummary(runtime: Runtime, path: string, results: readonly CiResult[]): Promise<void> {
  try {
    const { size } = await files.stat(path).catch(() => ({ size: 0 }));
    const text = summaryTable(results, MOST_SUMMARY_BYTES - size);
    if (text === undefined) throw new Error("it is full: GitHub accepts 1 MiB per step");
    await files.appendFile(path, text);
  } catch (error) {
    await printMessage(runtime, `warning: cannot write the summary to $GITHUB_STEP_SUMMARY: ${errorText(error)}`);
  }
}

/** Limits for reading the trees of failures: the wait is over, and its result is needed. */
const MOST_EXPLAINED = 10;
const EXPLAIN_MS = 10_000;

/** The results of tasks; failed ones with the text of `explain`, if it is available soon. */
export async function resultsOf(
  { clock, interrupt: signal }: Runtime,
  outcomes: readonly Outcome[],
  lookAtTree: Nodes["lookAtTree"] | undefined,
): Promise<CiResult[]> {
  const deadline = new Deadline(clock, EXPLAIN_MS);
  let explained = 0;
  const results: CiResult[] = [];
  for (const outcome of outcomes) {
    const result = resultOf(outcome);
    const mayExplain = outcome.kind === "failed" && outcome.id !== "" && explained < MOST_EXPLAINED;
    if (!mayExplain || lookAtTree === undefined || deadline.hasPassed) {
      results.push(result);
      continue;
    }
    explained++;
    const details = await inTime(explanationOf(outcome.id, lookAtTree), deadline.remainingMs, { clock, signal });
    results.push(details === undefined ? result : { ...result, details });
  }
  return results;
}

function resultOf(outcome: Outcome): CiResult {
  const { id, kind } = outcome;
  const status: TaskStatus = { ...outcome.status };
  const [startMs, endMs] = [timeOf(status.start_time), timeOf(status.end_time)];
  const message = messageOf(outcome);
  return {
    id,
    name: taskName(status) || (id === "" ? "" : `task ${id}`),
    group: status.type ?? "",
    outcome: kind,
    seconds: startMs === undefined || endMs === undefined ? undefined : Math.max(0, endMs - startMs) / 1000,
    message,
    details: message,
  };
}

function messageOf(outcome: Outcome): string {
  if (outcome.kind === "unknown") return outcome.reason;
  if (!hasEnded(outcome)) return "it did not end in time";
  if (outcome.note !== undefined) return outcome.note;
  return outcome.kind === "done" ? "" : outcome.status.error || "no reason given";
}

/** The text of `explain`; nothing if the task is gone, or its node does not answer. */
async function explanationOf(id: string, lookAtTree: Nodes["lookAtTree"]): Promise<string | undefined> {
  try {
    const explanation = explain(await lookAtTree(id));
    if (explanation.failures.length === 0) return undefined;
    const { rows, table } = explanationReport(explanation);
    let text = "";
    for await (const piece of table(rows, { header: true })) text += piece;
    return text.trimEnd();
  } catch (error) {
    if (error instanceof TaskManagerError) return undefined;
    throw error;
  }
}
