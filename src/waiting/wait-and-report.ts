import type { ExitCode } from "../exit-codes.js";
import { isGithubActions } from "../format/ci/github-log.js";
import { ofNodes, type QueriedNodes } from "../format/reports/report.js";
import { type WaitedTask, waitedTasks } from "../format/reports/task-reports.js";
import type { ColorMode } from "../format/terminal/terminal.js";
import type { Nodes } from "../nodes/nodes.js";
import { inParallel } from "../runtime/in-parallel.js";
import { printMessage, printResult } from "../runtime/messages.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { errorText } from "../strings/error-text.js";
import { printable } from "../strings/printable.js";
import { MAY_BE_ELSEWHERE } from "../vocabulary.js";
import { abortLate } from "./aborts.js";
import { type CiReport, openCiReport, resultsOf } from "./ci-report.js";
import { Deadline } from "./deadline.js";
import { type EarlierRuns, openEarlierRuns, warnOfLate } from "./earlier-runs.js";
import { NodeLooks } from "./node-looks.js";
import { exitCodeOfOutcome, hasEnded, type Outcome, worstExitCode } from "./outcome.js";
import { showProgress } from "./progress.js";
import { openProgressDisplay, type ProgressDisplay, type ProgressMode } from "./progress-display.js";
import { MAX_MESSAGES, type Say, sayFirst } from "./say-first.js";
import { MAX_WAITS, waitForAll } from "./wait-for-all.js";
import type { WaitTarget } from "./wait-for-one.js";

export interface WaitingOptions {
  readonly quiet: boolean;
  readonly timeoutMs: number | undefined;
  readonly retryForMs: number;
  readonly progress: ProgressMode;
  readonly color: ColorMode;
  readonly abortOnTimeout: boolean;
  /** A journal with earlier runs; default: the default one. */
  readonly history: string | undefined;
  /** Whether to warn of a task that takes longer than 95% of its earlier runs. */
  readonly expect: boolean;
  /** When to return early: with the first task that ends, or the first that does not succeed. */
  readonly until: "all" | "any" | "failure";
  /** File for the results as JUnit XML. */
  readonly junit?: string | undefined;
  /** The command line up to `wait ID`, for the same nodes. */
  readonly sameNodes: string;
}

/** A wait whose result is printed. */
export interface ReportedWait extends WaitingOptions {
  readonly output: Output;
  /** Whether the result is a list, even for one task. Default: if there are several tasks. */
  readonly isList?: boolean;
  /** Whether nodetool can wait like this, for one task of one node. */
  readonly isOfNodetool?: boolean;
}

/**
 * Waits for tasks, shows their progress, and prints their outcomes.
 * @param nodes those that were queried: with a list of tasks, unanswered nodes are reported
 * @returns the worst exit code of all tasks
 * @throws RequestAbortedError if the user interrupts; the tasks go on, and stderr says how to wait for them again
 */
export async function waitAndReport(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  nodes: QueriedNodes & Partial<Pick<Nodes, "lookAtTree">>,
  options: ReportedWait,
): Promise<ExitCode> {
  const { output, quiet, isList = targets.length > 1, isOfNodetool = false } = options;
  const ci = await ciReport(
    runtime,
    options.junit,
    `waiting for ${targets.length === 1 ? "a task" : `${targets.length} tasks`}`,
  );
  await ci?.begin();
  const display = await openProgressDisplay(runtime, options.progress, options.color);
  const looks = new NodeLooks();
  const say = async (text: string) => {
    display?.pause();
    await printMessage(runtime, text);
    display?.resume();
  };
  let outcomes: Outcome[];
  try {
    outcomes = await waitWithProgress(runtime, targets, options, display, looks, say);
    // Plain text shows nothing about an unfinished task, so no request is sent that nodetool would not send.
    if ((output.isDocument && !quiet) || ci !== undefined)
      outcomes = await withLastStatuses(runtime, targets, outcomes, looks);
  } catch (error) {
    if (runtime.interrupt.aborted) {
      display?.stop();
      await printMessage(runtime, resumeHint(targets, options.sameNodes));
    }
    throw error;
  } finally {
    display?.stop();
    await ci?.end();
  }
  // nodetool-tasks: the one exception, for nodetool's own suite.
  const forgives = isOfNodetool && !quiet && !isList && !output.isDocument && options.junit === undefined;
  const isForgiven = (outcome: Outcome) => forgives && outcome.kind === "unknown" && outcome.isEmptyAnswer === true;
  const relevant = outcomes.filter((outcome) => !isForgiven(outcome));
  // --any is satisfied by a task that ended, whatever the outcome of the others.
  const ended = options.until === "any" ? relevant.find(hasEnded) : undefined;
  const exitCode = ended === undefined ? worstExitCode(relevant) : exitCodeOfOutcome(ended);
  try {
    if (!quiet) await printResult(runtime, print(outcomes, isList, nodes, output), exitCode);
  } finally {
    await explain(runtime, relevant, targets.length, nodes);
  }
  if (ci !== undefined) {
    await ci.report(await resultsOf(runtime, relevant, nodes.lookAtTree?.bind(nodes)), exitCode);
  }
  return exitCode;
}

/** The report for a CI system, if there is one. */
export async function ciReport(
  runtime: Runtime,
  junit: string | undefined,
  title: string,
): Promise<CiReport | undefined> {
  if (junit === undefined && !isGithubActions(runtime.env)) return undefined;
  return await openCiReport(runtime, junit, title);
}

async function waitWithProgress(
  runtime: Runtime,
  targets: readonly WaitTarget[],
  options: WaitingOptions,
  display: ProgressDisplay | undefined,
  looks: NodeLooks,
  say: Say,
): Promise<Outcome[]> {
  const { clock, interrupt: signal } = runtime;
  let earlierRuns: Promise<EarlierRuns> | undefined;
  const earlierRunsOnce = () => {
    earlierRuns ??= openEarlierRuns(runtime, options.history, say);
    return earlierRuns;
  };
  // The end of the first task is not that of the longest.
  const isForLast = options.until !== "any" || targets.length === 1;
  const progress = showProgress(
    runtime,
    display && {
      display,
      total: targets.length,
      noun: "tasks",
      looks,
      earlierRunsOnce: isForLast ? earlierRunsOnce : undefined,
    },
  );
  for (const target of targets) progress.began(target);
  const over = new AbortController();
  if (options.expect) {
    void warnOfLate(runtime, targets, looks, earlierRunsOnce, say, over.signal);
  }
  try {
    const outcomes = await waitForAll(targets, {
      clock,
      retryForMs: options.retryForMs,
      signal,
      maxConnections: MAX_WAITS,
      deadline: new Deadline(clock, options.timeoutMs),
      until: options.until,
      onTrouble: (message) => void say(`warning: ${errorText(message)}`),
      onOutcome: progress.ended,
    });
    if (options.abortOnTimeout) {
      const late = new Set(outcomes.filter(({ kind }) => kind === "timeout").map(({ id }) => id));
      await abortLate(
        runtime,
        targets.filter(({ id }) => late.has(id)),
        options.retryForMs,
        say,
      );
    }
    // They count as timed out however they ended: the promise is that they have ended.
    return outcomes;
  } finally {
    over.abort();
    progress.stop();
  }
}

/** Limit for reading the last status of tasks that timed out. */
const LAST_LOOK_MS = 5000;
const LAST_LOOKS_AT_ONCE = 32;

/** Outcomes; those that timed out with the last status of their task, if it can be read. */
async function withLastStatuses(
  { interrupt: signal }: Runtime,
  targets: readonly WaitTarget[],
  outcomes: readonly Outcome[],
  looks: NodeLooks,
): Promise<Outcome[]> {
  const clients = new Map(targets.map(({ id, client }) => [id, client]));
  const withLast = async (outcome: Outcome): Promise<Outcome> => {
    const client = clients.get(outcome.id);
    if (outcome.kind !== "timeout" || client === undefined) return outcome;
    const call = { signal, timeoutMs: LAST_LOOK_MS };
    const status = await looks
      .of(client)(outcome.id, call)
      .catch(() => undefined);
    return { ...outcome, ...(status && { status }) };
  };
  return await Promise.all(inParallel(outcomes, LAST_LOOKS_AT_ONCE, withLast));
}

function resumeHint(all: readonly WaitTarget[], sameNodes: string): string {
  const targets = all.filter(({ id }) => id !== "");
  if (targets.length === 0) return "the operation goes on";
  const ids = targets.slice(0, MAX_MESSAGES).map(({ id }) => printable(id));
  const more = targets.length > ids.length ? " ..." : "";
  const [goesOn, it] = targets.length === 1 ? ["the task goes on", "it"] : ["the tasks go on", "them"];
  return `${goesOn}; to wait for ${it} again:\n  ${printable(sameNodes)} wait ${ids.join(" ")}${more}`;
}

async function print(
  outcomes: readonly Outcome[],
  isList: boolean,
  nodes: QueriedNodes,
  output: Output,
): Promise<void> {
  const rows = outcomes.map((outcome): WaitedTask => {
    const { id, kind, status } = { status: undefined, ...outcome };
    return { id, status, outcome: kind, isAnswer: kind !== "timeout" };
  });
  const report = waitedTasks(rows, isList);
  await output.print(isList ? ofNodes(report, "tasks", nodes) : report);
  if (outcomes.some(({ kind }) => kind === "timeout")) await output.remark("Operation timed out");
}

/** Prints to stderr what the exit code alone does not tell. */
async function explain(
  runtime: Runtime,
  outcomes: readonly Outcome[],
  targetCount: number,
  { isMany }: QueriedNodes,
): Promise<void> {
  const messages = outcomes.flatMap((outcome) => {
    if (outcome.kind === "unknown") return [`error: ${errorText(outcome.reason)}`];
    if (outcome.kind === "timeout") {
      return targetCount > 1 ? [`error: task ${printable(outcome.id)} did not end in time`] : [];
    }
    if (outcome.note === undefined) return [];
    return [`${outcome.kind === "failed" ? "error" : "warning"}: ${errorText(outcome.note)}`];
  });
  await sayFirst(messages, (text) => printMessage(runtime, text));
  const mayBeElsewhere = outcomes.some((outcome) => outcome.kind === "unknown" && outcome.mayBeElsewhere);
  if (mayBeElsewhere && !isMany) {
    const text =
      targetCount === 1 ? MAY_BE_ELSEWHERE : "A task that is not found may be on another node: use --all-nodes.";
    await printMessage(runtime, text);
  }
}
