import { type TaskStats, timeOf } from "../client/wire.js";
import { duration } from "../format/text/duration.js";
import type { Nodes } from "../nodes/nodes.js";
import { type Poll, type PolledTask, poll } from "../nodes/poll.js";
import type { Runtime } from "../runtime/runtime.js";
import { matchesGlob } from "../strings/glob.js";
import { numberOf } from "../strings/number-of.js";
import { isFinished } from "../vocabulary.js";
import { runningTasks } from "../waiting/running-tasks.js";
import { isNoAnswer } from "../waiting/wait-until-idle.js";
import type { PerformanceData } from "./plugin-line.js";

/** The tasks that a check is about. */
export interface CheckedTasks {
  /** Default: all modules. */
  readonly modules: readonly string[] | undefined;
  /** Patterns. Default: all types. */
  readonly types: readonly string[] | undefined;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
}

/** What counts as bad. */
export interface ConditionOptions {
  readonly olderThanMs: number | undefined;
  readonly stalledForMs: number | undefined;
  readonly failedWithinMs: number | undefined;
  readonly idle: boolean;
}

/** How many tasks, or tables, are in bad condition. */
export interface Measured {
  /** The name in performance data. */
  readonly label: string;
  readonly count: number;
  /** A description: `2 tasks older than 2h`. */
  readonly text: string;
  /** Some of them, by name. */
  readonly examples: readonly string[];
  readonly more?: readonly PerformanceData[];
}

export interface Measurement {
  readonly found: readonly Measured[];
  /** Sentences that say why the result may be incomplete. */
  readonly missing: readonly string[];
}

/** Looks at the nodes once; twice if the condition is about change. */
export async function measure(
  runtime: Runtime,
  nodes: Nodes,
  tasks: CheckedTasks,
  options: ConditionOptions,
): Promise<Measurement> {
  const found: Measured[] = [];
  const missing = new Set<string>();
  const { olderThanMs, stalledForMs, failedWithinMs } = options;
  if (options.idle) await measureIdle(nodes, tasks, found, missing);
  if (olderThanMs === undefined && stalledForMs === undefined && failedWithinMs === undefined) {
    return { found, missing: [...missing] };
  }
  const isWanted = wanted(tasks);
  const isUnfinished = (task: TaskStats) => !isFinished(task);
  const asksStatus = (task: TaskStats) =>
    isWanted(task) &&
    (isUnfinished(task)
      ? stalledForMs !== undefined || (olderThanMs !== undefined && task.start_time === undefined)
      : failedWithinMs !== undefined && task.state === "failed" && task.end_time === undefined);
  const look = async (): Promise<Poll & { readonly atMs: number }> => {
    const seen = await poll(nodes, { modules: tasks.modules, isLookedAt: asksStatus });
    noteMissing(seen, missing);
    return { ...seen, tasks: seen.tasks.filter(({ stats }) => isWanted(stats)), atMs: runtime.clock.now() };
  };
  const first = await look();
  const unfinished = first.tasks.filter(({ stats }) => isUnfinished(stats));
  if (olderThanMs !== undefined) found.push(older(unfinished, olderThanMs, first.atMs, missing));
  if (failedWithinMs !== undefined) {
    found.push(
      failed(
        first.tasks.filter(({ stats }) => stats.state === "failed"),
        failedWithinMs,
        first.atMs,
        missing,
      ),
    );
  }
  if (stalledForMs !== undefined) {
    await runtime.clock.sleep(stalledForMs, runtime.interrupt);
    const second = await look();
    found.push(
      stalled(
        unfinished,
        second.tasks.filter(({ stats }) => isUnfinished(stats)),
        stalledForMs,
      ),
    );
  }
  return { found, missing: [...missing] };
}

function wanted({ types, keyspace, table }: CheckedTasks): (task: TaskStats) => boolean {
  return (task) =>
    (types === undefined || types.some((pattern) => matchesGlob(pattern, task.type ?? ""))) &&
    (keyspace === undefined || task.keyspace === keyspace) &&
    (table === undefined || task.table === table);
}

function noteMissing({ unanswered, unlooked }: Poll, missing: Set<string>): void {
  for (const [node, reason] of unanswered) missing.add(`no answer from node ${node}: ${reason}`);
  if (unlooked > 0) missing.add(`${unlooked} tasks were not read`);
}

async function measureIdle(nodes: Nodes, tasks: CheckedTasks, found: Measured[], missing: Set<string>): Promise<void> {
  try {
    await nodes.startRound({ forgetsEarlier: true });
    const isWanted = wanted({ ...tasks, types: undefined });
    const running = (await runningTasks(nodes, tasks)).filter(isWanted);
    for (const { node, reason } of nodes.unanswered) missing.add(`no answer from node ${node}: ${reason}`);
    found.push({
      label: "running",
      count: running.length,
      text: `${numberOf(running.length, "task")} that a restart would harm`,
      examples: running.map((task) => nameOf(task, task.node ?? "")),
    });
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    missing.add(error.message);
  }
}

function older(tasks: readonly PolledTask[], olderThanMs: number, nowMs: number, missing: Set<string>): Measured {
  let unknown = 0;
  const aged = tasks.flatMap((task) => {
    const { stats, status } = task;
    const text = stats.start_time ?? status?.start_time;
    if (text === undefined) unknown++;
    const startMs = timeOf(text);
    return startMs === undefined ? [] : [{ task, ageMs: Math.max(0, nowMs - startMs) }];
  });
  if (unknown > 0) missing.add(`start time of ${numberOf(unknown, "task")} unknown`);
  aged.sort((a, b) => b.ageMs - a.ageMs);
  const old = aged.filter(({ ageMs }) => ageMs >= olderThanMs);
  return {
    label: "older_than",
    count: old.length,
    text: `${numberOf(old.length, "task")} older than ${duration(olderThanMs / 1000)}`,
    examples: old.map(({ task, ageMs }) => `${nameOf(task.stats, task.node)} (${duration(ageMs / 1000)})`),
    more: [{ label: "oldest", value: (aged[0]?.ageMs ?? 0) / 1000, unit: "s" }],
  };
}

function failed(tasks: readonly PolledTask[], withinMs: number, nowMs: number, missing: Set<string>): Measured {
  let unknown = 0;
  const recent = tasks.filter(({ stats, status }) => {
    const text = stats.end_time ?? status?.end_time;
    if (text === undefined) unknown++;
    const endMs = timeOf(text);
    return endMs !== undefined && nowMs - endMs <= withinMs;
  });
  if (unknown > 0) missing.add(`end time of ${numberOf(unknown, "task")} unknown`);
  return {
    label: "failed",
    count: recent.length,
    text: `${numberOf(recent.length, "task")} failed within ${duration(withinMs / 1000)}`,
    examples: recent.map(({ stats, node }) => nameOf(stats, node)),
  };
}

/** Tasks whose progress is known, and is the same in both looks. */
function stalled(before: readonly PolledTask[], after: readonly PolledTask[], forMs: number): Measured {
  const extents = new Map(before.map((task) => [task.id, extentOf(task)]));
  const still = after.filter((task) => {
    const extent = extentOf(task);
    return extent !== undefined && extents.get(task.id) === extent;
  });
  return {
    label: "stalled",
    count: still.length,
    text: `${numberOf(still.length, "task")} without progress for ${duration(forMs / 1000)}`,
    examples: still.map(({ stats, node }) => nameOf(stats, node)),
  };
}

/** semantics 7: 0 of 0 means that no progress is known. A task that waits for its turn is not stalled. */
function extentOf({ stats, status }: PolledTask): string | undefined {
  const { progress_completed: completed = 0, progress_total: total = 0 } = status ?? {};
  return stats.state === "created" || !(total > 0) ? undefined : `${completed}/${total}`;
}

function nameOf({ type = "", keyspace = "", table = "" }: TaskStats, node: string): string {
  const where = [keyspace, table].filter(Boolean).join(".");
  return [type || "a task", where, node === "" ? "" : `on ${node}`].filter(Boolean).join(" ");
}
