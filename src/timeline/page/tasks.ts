import { duration, tookText as tookOf } from "../../format/text/duration.js";
import { FLAG, type PageData } from "../page-data.js";

/** A task on the page. */
export interface Task {
  readonly index: number;
  readonly parent: Task | undefined;
  readonly children: Task[];
  readonly depth: number;
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly node: string;
  readonly shard: number;
  /** -1 if no time is known. */
  readonly from: number;
  readonly to: number;
  /** It may have begun, and ended, up to this many milliseconds earlier. */
  readonly fromWithin: number;
  readonly toWithin: number;
  readonly isRunning: boolean;
  readonly isStartKnown: boolean;
  readonly isEndKnown: boolean;
  readonly isCritical: boolean;
  readonly id: string;
  readonly error: string;
  readonly progress: string;
  /** Its share of the critical path. */
  readonly critical: (readonly [from: number, to: number])[];
}

/** @throws if the data is not from this page */
export function readTasks({ tasks, texts, critical }: PageData): Task[] {
  const text = (place: number) => texts[place] ?? "";
  const all: Task[] = [];
  for (const [parent, name, type, state, node, shard, from, to, ...more] of tasks) {
    const [fromWithin, toWithin, flags, id, error, progress] = more;
    const above = all[parent];
    const task: Task = {
      index: all.length,
      parent: above,
      children: [],
      depth: above === undefined ? 0 : above.depth + 1,
      name: text(name),
      type: text(type),
      state: text(state),
      node: text(node),
      shard,
      from,
      to,
      fromWithin,
      toWithin,
      isRunning: (flags & FLAG.running) !== 0,
      isStartKnown: (flags & FLAG.startUnknown) === 0,
      isEndKnown: (flags & FLAG.endUnknown) === 0,
      isCritical: (flags & FLAG.critical) !== 0,
      id: text(id),
      error: text(error),
      progress: text(progress),
      critical: [],
    };
    above?.children.push(task);
    all.push(task);
  }
  for (const [place, from, to] of critical) all[place]?.critical.push([from, to]);
  return all;
}

export const isTimed = ({ from }: Task): boolean => from >= 0;

export const tookText = (task: Task): string => {
  if (!isTimed(task)) return task.state === "created" ? "not started" : "";
  const about = task.isStartKnown && task.isEndKnown ? "" : "~";
  return about + tookOf({ ms: task.to - task.from, withinMs: task.fromWithin + task.toWithin });
};

/** Names the type only if it differs from the parent's; the same for the node. */
export function shortName({ name, type, node, parent }: Task): string {
  const words = parent?.type === type && name.startsWith(`${type}, `) ? name.slice(type.length + 2) : name;
  return node === "" || node === "cluster" || node === parent?.node ? words : `${words} on ${node}`;
}

export const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

const earlierText = (withinMs: number): string =>
  withinMs === 0 ? "" : `, or up to ${duration(Math.max(1, withinMs / 1000))} earlier`;

/** The label and value of everything about a task except its name. */
export function factsOf(task: Task): (readonly [string, string])[] {
  const { state, node, shard, from, to, fromWithin, toWithin, progress, id, isCritical } = task;
  const { isRunning, isStartKnown, isEndKnown } = task;
  const facts: [string, string][] = [
    ["state", state],
    ["node", node],
    ["shard", shard < 0 ? "" : String(shard)],
    ["start", isTimed(task) ? `${isStartKnown ? "" : "about "}${timeText(from)} UTC${earlierText(fromWithin)}` : ""],
    [
      "end",
      isTimed(task) && !isRunning ? `${isEndKnown ? "" : "about "}${timeText(to)} UTC${earlierText(toWithin)}` : "",
    ],
    [isRunning ? "runs for" : "took", tookText(task)],
    ["progress", progress],
    ["critical path", isCritical ? "yes" : ""],
    ["id", id],
  ];
  return facts.filter(([, value]) => value !== "");
}
