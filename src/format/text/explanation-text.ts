import type { TaskStatus } from "../../client/wire.js";
import { firstLine } from "../../strings/first-line.js";
import { numberOf } from "../../strings/number-of.js";
import type { Explanation, Failure, Step } from "../../tasks/explanation.js";
import { FINISHED_STATES } from "../../vocabulary.js";
import { percentText } from "./progress-text.js";
import { durationText, scopeText } from "./task-words.js";

const MOST_OF_AN_ERROR = 200;

function shortened(line: string): string {
  if (line.length <= MOST_OF_AN_ERROR) return line;
  // Cut by code points, so that no emoji is split.
  const start = [...line.slice(0, 2 * MOST_OF_AN_ERROR)].slice(0, MOST_OF_AN_ERROR).join("");
  return start === line ? line : `${start}...`;
}

/** A summary in one line. Server text in it is not yet made printable. */
export function summaryText({ root, failures, failedCount, absentCount }: Explanation): string {
  if (root === undefined) return "No task, so nothing failed.";
  const { id = "", type = "", state = "unknown" } = root;
  const what = [type, scopeText(root)].filter(Boolean).join(", ");
  const name = `task ${id}${what === "" ? "" : ` (${what})`}`;
  const absent =
    absentCount === 0
      ? ""
      : ` ${numberOf(absentCount, "part")} of it could not be read: forgotten by the server, or on an unreachable node.`;
  const [first] = failures;
  if (first === undefined) {
    const percent = percentText(root);
    const so = FINISHED_STATES.has(state) ? "" : " so far";
    return `Nothing failed${so}: ${name} is ${state}${so !== "" && percent !== "" ? `, at ${percent}` : ""}.${absent}`;
  }
  const error =
    shortened(firstLine(first.error ?? "")) || (first.id === id && abortedRepairText(root)) || "no reason given";
  const subject = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const begins = state === "failed" ? `${subject} failed` : `${subject} is ${state}, but parts of it failed`;
  // A single failure makes all of its ancestors fail, so their number says nothing then.
  const many = failures.length === 1 ? "" : ` in ${failures.length} places (${failedCount} tasks in all), first`;
  return `${begins}${many}: ${error}${absent}`;
}

/** semantics 26: a tablet repair that failed without an error was aborted. */
function abortedRepairText(root: TaskStatus): string {
  const { kind, progress_units: units, progress_completed: completed = 0, progress_total: total = 0 } = root;
  if (kind !== "cluster" || units !== "tablets" || completed >= total) return "";
  return `it was aborted, with ${completed} of ${total} tablets repaired`;
}

/** How a step of a path is named. */
export function stepText(step: Step): string {
  const { id, type, scope, keyspace, table, shard, node } = step;
  const extent = scopeText({
    scope: scope ?? "",
    keyspace: keyspace ?? "",
    table: table ?? "",
    ...(shard === null ? {} : { shard }),
  });
  const words = extent === "" ? (type ?? id ?? "") : extent;
  return node === null ? words : `${words} on ${node}`;
}

/** What failed, and where. */
export function failureTitle(failure: Failure): string {
  const { type, entity, kind, scope, keyspace, table, shard } = failure;
  const extent = scopeText({
    kind: kind ?? "",
    scope: scope ?? "",
    keyspace: keyspace ?? "",
    table: table ?? "",
    entity: entity ?? "",
    ...(shard === null ? {} : { shard }),
  });
  return [type, extent].filter(Boolean).join(", ") || (failure.id ?? "");
}

/** How long the task ran. It failed, so this does not depend on the current time. */
export function failureDuration({ start_time, end_time }: Failure): string {
  return durationText({ state: "failed", start_time: start_time ?? "", end_time: end_time ?? "" }, 0);
}
