import type { TaskStatus } from "../client/wire.js";
import { percentText } from "../format/text/progress-bar.js";
import { durationText, placeText } from "../format/text/task-words.js";
import { EPOCH, FINISHED_STATES } from "../vocabulary.js";
import { preorder, type TreeNode, taskForest } from "./forest.js";

/** A task on the way to a failure. */
export interface Step {
  readonly id: string | null;
  readonly type: string | null;
  readonly scope: string | null;
  readonly keyspace: string | null;
  readonly table: string | null;
  readonly shard: number | null;
  readonly node: string | null;
}

/** A task that failed while none below it did: there the failure began. */
export interface Failure extends Step {
  readonly kind: string | null;
  readonly entity: string | null;
  readonly error: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  /** From the root down to the task's parent. */
  readonly path: readonly Step[];
}

export interface Explanation {
  /** One line that says all. Server's text in it is as it came. */
  readonly summary: string;
  readonly root: TaskStatus | undefined;
  /** How many tasks were looked at, and how many of them failed. */
  readonly taskCount: number;
  readonly failedCount: number;
  readonly failures: readonly Failure[];
}

/** Finds where in a tree failures began. */
export function explain(statuses: readonly TaskStatus[]): Explanation {
  const roots = taskForest(statuses);
  const failures: Failure[] = [];
  let taskCount = 0;
  let failedCount = 0;
  let absentCount = 0;
  for (const { node } of preorder(roots)) {
    taskCount++;
    const { state } = node.status;
    if (state === "gone" || state === "unreachable") absentCount++;
    if (state !== "failed") continue;
    failedCount++;
    if (!node.children.some(({ leadsToFailure }) => leadsToFailure)) failures.push(failureOf(node));
  }
  const root = roots[0]?.status;
  return { summary: summaryOf(root, failures, failedCount, absentCount), root, taskCount, failedCount, failures };
}

function failureOf(node: TreeNode): Failure {
  const path: Step[] = [];
  for (let at = node.parent; at !== undefined; at = at.parent) path.push(stepOf(at));
  const { kind = null, entity = null, error = null, start_time = null, end_time = null } = node.status;
  const known = (time: string | null) => (time === "" || time === EPOCH ? null : time);
  return {
    ...stepOf(node),
    kind,
    entity,
    error,
    start_time: known(start_time),
    end_time: known(end_time),
    path: path.reverse(),
  };
}

function stepOf({ status, node }: TreeNode): Step {
  const { id = null, type = null, scope = null, keyspace = null, table = null, shard = null } = status;
  return { id, type, scope, keyspace, table, shard, node: node ?? null };
}

const MOST_OF_AN_ERROR = 200;

function firstLine(text: string): string {
  const line = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? "";
  // By code points: half an emoji is no text.
  const start = [...line].slice(0, MOST_OF_AN_ERROR).join("");
  return start === line ? line : `${start}...`;
}

function summaryOf(
  root: TaskStatus | undefined,
  failures: readonly Failure[],
  failedCount: number,
  absentCount: number,
): string {
  if (root === undefined) return "Nothing failed: there is no task.";
  const { id = "", type = "", state = "unknown" } = root;
  const what = [type, placeText(root)].filter(Boolean).join(", ");
  const name = `task ${id}${what === "" ? "" : ` (${what})`}`;
  const absent =
    absentCount === 0
      ? ""
      : ` Of ${absentCount} ${absentCount === 1 ? "part" : "parts"} nothing is known: gone or unreachable.`;
  const [first] = failures;
  if (first === undefined) {
    const percent = percentText(root.progress_completed ?? 0, root.progress_total ?? 0);
    const so = FINISHED_STATES.has(state) ? "" : " so far";
    return `Nothing failed${so}: ${name} is ${state}${so !== "" && percent !== "" ? `, at ${percent}` : ""}.${absent}`;
  }
  const error = firstLine(first.error ?? "") || "it gives no reason";
  const subject = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const begins = state === "failed" ? `${subject} failed` : `${subject} is ${state}, but parts of it failed`;
  // One failure makes all above it fail: only where there are several is their number news.
  const many = failures.length === 1 ? "" : ` in ${failures.length} places (${failedCount} tasks in all), first`;
  return `${begins}${many}: ${error}${absent}`;
}

/** The words by which a step of a path is known. */
export function stepText(step: Step): string {
  const { id, type, scope, keyspace, table, shard, node } = step;
  const place = placeText({
    scope: scope ?? "",
    keyspace: keyspace ?? "",
    table: table ?? "",
    ...(shard === null ? {} : { shard }),
  });
  const words = place === "" ? (type ?? id ?? "") : place;
  return node === null ? words : `${words} on ${node}`;
}

/** What a failed task is, and where. */
export function failureTitle(failure: Failure): string {
  const { type, entity, kind, scope, keyspace, table, shard } = failure;
  const place = placeText({
    kind: kind ?? "",
    scope: scope ?? "",
    keyspace: keyspace ?? "",
    table: table ?? "",
    entity: entity ?? "",
    ...(shard === null ? {} : { shard }),
  });
  return [type, place].filter(Boolean).join(", ") || (failure.id ?? "");
}

/** For how long the task ran; it failed, so nothing of it depends on the current time. */
export function durationOf({ start_time, end_time }: Failure): string {
  return durationText({ state: "failed", start_time: start_time ?? "", end_time: end_time ?? "" }, 0);
}
