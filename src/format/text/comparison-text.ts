import { numberOf } from "../../strings/number-of.js";
import {
  type Cause,
  type ComparedLane,
  type ComparedRun,
  type Comparison,
  isCertain,
} from "../../tasks/timeline/comparison.js";
import type { MeasuredMs } from "../../tasks/timeline/intervals.js";
import type { Span } from "../../tasks/timeline/span.js";
import { duration, tookText } from "./duration.js";
import { quantityText, rateQuantityText } from "./task-words.js";
import { capitalised, isOfManyNodes, laneText, spanText } from "./timeline-text.js";

/** Maximum of lanes that are named; if there are more, they are counted. */
const MOST_NAMED = 3;

/** The name of a lane that both runs have. */
export const comparedLaneText = ({ kind, key }: ComparedLane, isManyNodes: boolean): string =>
  laneText({ kind, key, spans: [] }, isManyNodes);

/** Sentences about two runs. Server text in them is not yet made printable. */
export function comparisonSentences(comparison: Comparison): string[] {
  const { first, second, lanes } = comparison;
  const [one, other] = [first.timeline.root, second.timeline.root];
  if (one === undefined || other === undefined) return ["No task."];
  const isSame = one.task.id !== undefined && one.task.id === other.task.id;
  return [
    ...(isSame ? ["Both are the same task."] : []),
    ...durationSentences(comparison),
    ...causeSentences(comparison),
    ...kindSentence(one, other),
    ...(isSame
      ? stateSentences(first, "It")
      : [...stateSentences(first, "The first"), ...stateSentences(second, "The second")]),
    ...onlySentence(comparison, "first"),
    ...onlySentence(comparison, "second"),
    ...unknownSentence(lanes),
  ];
}

function durationSentences({ first, second, difference }: Comparison): string[] {
  const [one, other] = [first.took, second.took];
  if (one === undefined || other === undefined || difference === undefined) {
    if (one === undefined && other === undefined) return ["How long they took is not known."];
    const known = one ?? other;
    const [unknown, name] = one === undefined ? ["first", "second"] : ["second", "first"];
    return [`How long the ${unknown} took is not known; the ${name} took ${tookText(known as MeasuredMs)}.`];
  }
  const both = `${tookText(other)}, the first ${tookText(one)}`;
  if (difference.ms === 0 && difference.withinMs === 0) return [`Both took ${tookText(one)}.`];
  if (!isCertain(difference)) return [`As far as is known, both took the same time: the second ${both}.`];
  return [`The second took ${tookText(difference)} ${difference.ms > 0 ? "longer" : "less"}: ${both}.`];
}

function causeSentences({ cause, lanes, difference }: Comparison): string[] {
  if (difference === undefined || !isCertain(difference)) return [];
  if (cause === undefined) return ["The known parts do not explain the difference."];
  if (cause.from === "gaps") {
    const [from, to] = [duration(cause.firstMs / 1000), duration(cause.secondMs / 1000)];
    return [`No part of the second is known to have run for ${to}, and no part of the first for ${from}.`];
  }
  const work = workText(cause.lane);
  const within = withinLaneText(cause);
  // If there is only one lane, the sentences above are about it.
  if (lanes.length === 1) {
    return [...(within === "" ? [] : [capitalised(`${within}.`)]), ...(work === "" ? [] : [capitalised(`${work}.`)])];
  }
  const name = comparedLaneText(cause.lane, isOfManyNodes(lanes));
  const words = [`${name} took ${longerText(cause.lane)}`, ...(within === "" ? [] : [within])].join(", ");
  const sentence = `${[words, ...(work === "" ? [] : [work])].join("; ")}.`;
  // Names of hosts, tables and types keep their case.
  const { kind, key } = cause.lane;
  const isName = kind === "table" || kind === "type" || (key.node && name.startsWith(key.node));
  return [isName ? sentence : capitalised(sentence)];
}

function longerText({ first, second, difference }: ComparedLane): string {
  const took = tookText(difference as MeasuredMs);
  if (first === undefined) return `${took}, and is not in the first`;
  if (second === undefined) return `${took} in the first, and is not in the second`;
  return `${took} ${(difference as MeasuredMs).ms > 0 ? "longer" : "less"}`;
}

function withinLaneText({ within }: Extract<Cause, { from: "lane" }>): string {
  if (within?.difference === undefined) return "";
  return `${comparedLaneText(within, false)} alone ${tookText(within.difference)}`;
}

function workText({ first, second }: ComparedLane): string {
  if (first?.amount === undefined || second?.amount === undefined || first.units !== second.units) return "";
  const { units } = first;
  const more = second.amount - first.amount;
  const verb = units === "bytes" ? "moved" : "did";
  if (more !== 0) return `it ${verb} ${quantityText(Math.abs(more), units)} ${more > 0 ? "more" : "less"}`;
  const did = `it ${verb} the same ${quantityText(first.amount, units)}`;
  if (first.rate === undefined || second.rate === undefined) return did;
  return `${did}, at ${rateQuantityText(second.rate, units)} instead of ${rateQuantityText(first.rate, units)}`;
}

function kindSentence(one: Span, other: Span): string[] {
  const names = `the first is ${spanText(one)}; the second ${spanText(other)}`;
  if (one.task.type !== other.task.type) return [`They are of different types: ${names}.`];
  const isElsewhere = one.task.keyspace !== other.task.keyspace || one.task.table !== other.task.table;
  return isElsewhere ? [`They are of different tables: ${names}.`] : [];
}

function stateSentences({ timeline: { root, failedCount } }: ComparedRun, name: string): string[] {
  const state = root?.task.state ?? "unknown";
  const failed = failedCount > 1 ? `, ${failedCount} tasks in all` : "";
  switch (state) {
    case "done":
      return failedCount === 0 ? [] : [`${name} is done, though ${failedCount} of its tasks failed.`];
    case "failed":
      return [`${name} failed${failed}.`];
    case "running":
      return [`${name} is still running, and counts up to now.`];
    case "created":
      return [`${name} has not started.`];
    case "gone":
      return [`${name} is gone: its outcome is unknown.`];
    default:
      return [`${name} is ${state}.`];
  }
}

function onlySentence({ lanes }: Comparison, run: "first" | "second"): string[] {
  const only = lanes.filter((lane) => lane[run === "first" ? "second" : "first"] === undefined);
  if (only.length === 0) return [];
  const isManyNodes = isOfManyNodes(lanes);
  const names = only.slice(0, MOST_NAMED).map((lane) => comparedLaneText(lane, isManyNodes));
  const more = only.length > MOST_NAMED ? ` and ${only.length - MOST_NAMED} more` : "";
  return [`Only the ${run} has ${names.join(", ")}${more}.`];
}

function unknownSentence(lanes: readonly ComparedLane[]): string[] {
  let count = 0;
  for (const { first, second } of lanes) count += (first?.unknownCount ?? 0) + (second?.unknownCount ?? 0);
  if (count === 0) return [];
  return [`The times of ${numberOf(count, "task")} are unknown, and not included in the sums.`];
}
