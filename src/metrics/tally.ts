import { type TaskStatus, timeOf } from "../client/wire.js";
import type { Poll, PolledTask } from "../nodes/poll.js";
import { FINISHED_STATES, isFinished } from "../vocabulary.js";
import type { FamilyName } from "./families.js";
import { type Labels, labelValue, type SeriesStore } from "./series.js";

/** The time of a poll. */
export interface PollTime {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** From a clock that cannot be set. */
  readonly monotonicMs: number;
}

/** The last that was seen of an unfinished task. */
interface Watched {
  readonly labels: Labels;
  readonly table: string;
  readonly node: string;
  readonly isOfCluster: boolean;
  extent: string;
  changedMs: number;
}

/** A task that is gone, and was not seen to end. */
export interface Vanished {
  readonly id: string;
  readonly isOfCluster: boolean;
}

/**
 * Ended tasks are remembered after they have left the lists, so that one that comes back is not counted twice; at most this many.
 */
const MOST_REMEMBERED = 100_000;

const add = (before: number, now: number) => before + now;
const latest = Math.max;

/**
 * Counts what polls saw. A task counts once, when it is seen to have ended: if it was seen unfinished before, or if its node had
 * answered an earlier poll. A task that had ended before the first poll of its node does not count, as it would count again each
 * time this program starts.
 */
export class Tally {
  readonly #series: SeriesStore;
  readonly #startedMs: number;
  readonly #watched = new Map<string, Watched>();
  /** Tasks that were counted, or had ended before anybody looked; the most recently listed last. */
  readonly #counted = new Map<string, "ended" | "vanished">();
  /** Nodes that have answered a poll; an empty name stands for the cluster. */
  readonly #heard = new Set<string>();
  readonly #vanished = new Map<string, Watched>();

  constructor(series: SeriesStore, startedMs: number) {
    this.#series = series;
    this.#startedMs = startedMs;
  }

  /** @returns the tasks that are gone; report their ends with {@link endVanished} */
  add(poll: Poll, time: PollTime): Vanished[] {
    const ratios = new Map<string, { labels: Labels; sum: number; count: number }>();
    const listed = new Set<string>();
    for (const task of poll.tasks) {
      listed.add(task.id);
      // If a task ended between its list and its status, the next poll sees its end.
      if (isFinished(task.stats)) this.#seeEnded(task, time);
      else this.#seeUnfinished(task, time, ratios);
    }
    for (const { labels, sum, count } of ratios.values()) {
      this.#put("scylla_tasks_progress_ratio", labels, sum / count, latest);
    }
    const answered = poll.nodes.filter((node) => !poll.unanswered.has(node));
    for (const node of answered) this.#heard.add(node);
    if (answered.length > 0) this.#heard.add("");
    for (const [id, watched] of this.#watched) {
      if (listed.has(id)) continue;
      const isUnseen = watched.isOfCluster ? answered.length === 0 : poll.unanswered.has(watched.node);
      if (isUnseen) continue;
      this.#watched.delete(id);
      this.#vanished.set(id, watched);
    }
    this.#forgetLongGone(listed);
    return [...this.#vanished].map(([id, { isOfCluster }]) => ({ id, isOfCluster }));
  }

  /** @param status what is known about its end */
  endVanished(id: string, status: TaskStatus | undefined, time: PollTime): void {
    const watched = this.#vanished.get(id);
    if (watched === undefined) return;
    this.#vanished.delete(id);
    const { state = "" } = status ?? {};
    const isKnown = FINISHED_STATES.has(state);
    this.#countEnd(watched, isKnown ? state : "unknown", timeOf(status?.end_time) ?? time.nowMs);
    this.#counted.set(id, "vanished");
  }

  #seeEnded(task: PolledTask, { nowMs }: PollTime): void {
    const { id, node, stats } = task;
    const endMs = timeOf(stats.end_time);
    const watched = this.#watched.get(id);
    const isCounted = this.#counted.has(id);
    this.#watched.delete(id);
    this.#counted.delete(id);
    this.#counted.set(id, "ended");
    const seen = watched ?? this.#watch(task, 0);
    this.#expectFailures(task, seen.labels);
    if (isCounted) {
      this.#noteSuccess(seen, stats.state ?? "", endMs);
      return;
    }
    // Node operations appear again when their node keeps them for longer (semantics 24).
    const isOld = task.node === "" && endMs !== undefined && endMs < this.#startedMs;
    if (watched !== undefined || (this.#heard.has(node) && !isOld)) {
      this.#countEnd(seen, stats.state ?? "", endMs ?? nowMs);
    } else this.#noteSuccess(seen, stats.state ?? "", endMs);
  }

  #seeUnfinished(
    task: PolledTask,
    { nowMs, monotonicMs }: PollTime,
    ratios: Map<string, { labels: Labels; sum: number; count: number }>,
  ): void {
    const { id, stats, status } = task;
    // A migration to tablets has the same id each time (semantics 28).
    if (this.#counted.get(id) === "vanished") this.#counted.delete(id);
    let watched = this.#watched.get(id);
    if (watched === undefined) {
      watched = this.#watch(task, monotonicMs);
      this.#watched.set(id, watched);
    }
    const { labels } = watched;
    this.#expectFailures(task, labels);
    const isCreated = stats.state === "created";
    this.#put(isCreated ? "scylla_tasks_created" : "scylla_tasks_running", labels, 1, add);
    const startMs = timeOf(stats.start_time) ?? timeOf(status?.start_time);
    if (startMs !== undefined) {
      this.#put("scylla_tasks_oldest_age_seconds", labels, Math.max(0, nowMs - startMs) / 1000, latest);
    }
    const { progress_completed: completed = 0, progress_total: total = 0 } = status ?? {};
    const extent = `${completed}/${total}`;
    if (status !== undefined && extent !== watched.extent) {
      watched.extent = extent;
      watched.changedMs = monotonicMs;
    }
    // semantics 7: 0 of 0 means that no progress is known.
    if (isCreated || !(total > 0) || status === undefined) return;
    this.#put("scylla_tasks_longest_stall_seconds", labels, (monotonicMs - watched.changedMs) / 1000, latest);
    const key = JSON.stringify(Object.values(labels));
    const ratio = ratios.get(key) ?? { labels, sum: 0, count: 0 };
    ratio.sum += Math.min(1, Math.max(0, completed / total));
    ratio.count++;
    ratios.set(key, ratio);
  }

  #watch({ module, node, stats }: PolledTask, monotonicMs: number): Watched {
    const { type, keyspace, table, kind } = stats;
    return {
      labels: {
        instance: labelValue(node),
        module: labelValue(module),
        type: labelValue(type),
        keyspace: labelValue(keyspace),
      },
      table: labelValue(table),
      node,
      isOfCluster: kind === "cluster",
      extent: "",
      changedMs: monotonicMs,
    };
  }

  /** Sets a counter to 0 before its first failure: Prometheus does not see an increase when a series begins with 1. */
  #expectFailures({ node }: PolledTask, labels: Labels): void {
    if (this.#heard.has(node)) this.#put("scylla_tasks_failed_total", labels, 0, add);
  }

  #countEnd(watched: Watched, state: string, endMs: number): void {
    this.#put("scylla_tasks_finished_total", { ...watched.labels, state }, 1, add);
    if (state === "failed") this.#put("scylla_tasks_failed_total", watched.labels, 1, add);
    this.#noteSuccess(watched, state, endMs);
  }

  #noteSuccess({ labels, table }: Watched, state: string, endMs: number | undefined): void {
    if (state !== "done" || endMs === undefined) return;
    this.#put("scylla_tasks_last_success_timestamp_seconds", { ...labels, table }, endMs / 1000, latest);
  }

  #put(family: FamilyName, labels: Labels, value: number, combine: (before: number, now: number) => number): void {
    this.#series.put(family, labels, value, combine);
  }

  /** Forgets the tasks that left the lists the longest ago. */
  #forgetLongGone(listed: ReadonlySet<string>): void {
    let tooMany = this.#counted.size - MOST_REMEMBERED;
    for (const id of this.#counted.keys()) {
      if (tooMany <= 0) break;
      if (listed.has(id)) continue;
      this.#counted.delete(id);
      tooMany--;
    }
  }
}
