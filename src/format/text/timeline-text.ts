import { numberOf } from "../../strings/number-of.js";
import { secondText } from "../../strings/time-text.js";
import { lengthWithin } from "../../tasks/timeline/intervals.js";
import type { Lane, LaneKey } from "../../tasks/timeline/lanes.js";
import type { Interval, Span } from "../../tasks/timeline/span.js";
import { slowestLane, slowestWithin, type Timeline } from "../../tasks/timeline/timeline.js";
import { duration, tookText } from "./duration.js";
import { scopeText } from "./task-words.js";

/** The time of day, with the date if it is not the day of the time before it. */
function shortTime(ms: number, beforeMs?: number): string {
  const text = secondText(ms);
  const isSameDay = beforeMs !== undefined && secondText(beforeMs).slice(0, 10) === text.slice(0, 10);
  return isSameDay ? text.slice(11, 19) : text.replace("T", " ").slice(0, 19);
}

/** From and to, as words in a sentence. */
const intervalText = ({ from, to }: Interval) => `${shortTime(from)} to ${shortTime(to, from)} UTC`;

/** A task in a few words: `repair, table shop.orders, shard 1`. */
export function spanText({ task }: Span): string {
  return [task.type, scopeText(task)].filter(Boolean).join(", ") || (task.id ?? "");
}

/**
 * The name of a lane, in the server's words.
 * @param isManyNodes whether the name of a shard must include its node
 */
export function laneText({ kind, key, spans }: Pick<Lane, "kind" | "key" | "spans">, isManyNodes: boolean): string {
  switch (kind) {
    case "node":
      return nodeName(key);
    case "shard": {
      const shard = key.shard === undefined ? "all shards" : `shard ${key.shard}`;
      if (key.node === null) return "cluster";
      return isManyNodes ? `${nodeName(key)} ${shard}` : shard;
    }
    case "table":
      return [key.keyspace, key.table].filter(Boolean).join(".") || "no table";
    case "type":
      return key.type ?? "no type";
    case "task":
      return spans[0] === undefined ? "" : spanText(spans[0]);
  }
}

const nodeName = ({ node }: LaneKey) => (node === null ? "cluster" : (node ?? "unknown node"));

/** How long the tasks of a lane did work themselves; for the lane of a task, how long the task took. Empty if not known. */
export function laneTookText({ kind, open, busyMs, busyWithinMs, spans: [span] }: Lane): string {
  if (kind === "task") return span?.time === undefined ? "" : tookText(lengthWithin([span.time]));
  return open.length === 0 || busyMs === 0 ? "" : tookText({ ms: busyMs, withinMs: busyWithinMs });
}

/** Whether the lanes are on several nodes. */
export function isOfManyNodes(lanes: readonly Pick<Lane, "key">[]): boolean {
  return new Set(lanes.flatMap(({ key: { node } }) => (node === null || node === undefined ? [] : [node]))).size > 1;
}

export const percentOf = (part: number, whole: number): number => (whole > 0 ? Math.round((part * 100) / whole) : 0);

/** Sentences about a timeline. Server text in them is not yet made printable. */
export function timelineSentences(timeline: Timeline): string[] {
  const { root, spans } = timeline;
  if (root === undefined) return ["No task."];
  return [
    capitalised(rootSentence(root, spans.length, timeline.failedCount)),
    ...slowestSentence(timeline),
    ...gapSentence(timeline),
    ...untimedSentence(timeline),
  ];
}

export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function rootSentence(root: Span, count: number, failed: number): string {
  const { task, time } = root;
  const tasks = `${numberOf(count, "task")}${failed === 0 ? "" : `, ${failed} failed`}`;
  const state = task.state ?? "unknown";
  if (time === undefined) return `${spanText(root)}: ${state}, times unknown; ${tasks}.`;
  const took = tookText(lengthWithin([time]));
  const run =
    time.end === "running"
      ? `${state} for ${took}, since ${shortTime(time.from)} UTC`
      : `${state}${time.end === "known" && time.isStartKnown ? "" : ", about"} in ${took}, ${intervalText(time)}`;
  return `${spanText(root)}: ${run}; ${tasks}.`;
}

function slowestSentence(timeline: Timeline): string[] {
  const { root, lanes } = timeline;
  const slowest = slowestLane(timeline);
  if (slowest === undefined || root?.time === undefined) return [];
  const isManyNodes = isOfManyNodes(lanes);
  const name = laneText(slowest, isManyNodes);
  const percent = percentOf(slowest.criticalMs, root.time.to - root.time.from);
  const within = slowestWithin(slowest, timeline);
  const part =
    within === undefined || within.criticalMs === 0
      ? ""
      : `, ${laneText(within, false)} alone ${duration(within.criticalMs / 1000)}`;
  return [capitalised(`${name} took ${percent}% of it${part}.`)];
}

function gapSentence({ gaps }: Timeline): string[] {
  let totalMs = 0;
  let longest: Interval | undefined;
  for (const gap of gaps) {
    const length = gap.to - gap.from;
    totalMs += length;
    if (longest === undefined || length > longest.to - longest.from) longest = gap;
  }
  if (longest === undefined) return [];
  const when = `${shortTime(longest.from).slice(11)} to ${shortTime(longest.to).slice(11)}`;
  const most = gaps.length === 1 ? `, ${when}` : ` in ${gaps.length} places, longest ${when}`;
  return [`No part is known to have run for ${duration(totalMs / 1000)}${most}.`];
}

function untimedSentence({ untimed: { notStarted, unknown } }: Timeline): string[] {
  const have = (count: number) => `${count} ${count === 1 ? "task has" : "tasks have"}`;
  return [
    ...(notStarted > 0 ? [`${have(notStarted)} not started.`] : []),
    ...(unknown > 0 ? [`${have(unknown)} no known times.`] : []),
  ];
}
