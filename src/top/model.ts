import type { timelineView } from "../format/terminal/timeline-view.js";
import type { LocatedStatus } from "../nodes/nodes.js";
import type { Explanation } from "../tasks/explanation.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { isFinished } from "../vocabulary.js";
import { type Entry, entriesOf, type Grouping, type Sort } from "./order.js";
import type { Past } from "./past.js";
import type { Moment, SeenTask, SeenTasks } from "./tasks-seen.js";

/** A node, and whether it answers. */
export interface NodeState {
  readonly address: string;
  readonly release: string | undefined;
  /** Nothing where it answers. */
  readonly lost: { readonly reason: string; readonly sinceMs: number; readonly isFromBeginning: boolean } | undefined;
}

/** What can be seen of one task. */
export type TaskPanelKind = "tree" | "explain" | "timeline";

/** What is shown in place of the list. */
export type Panel =
  | { readonly kind: "help"; readonly scroll: number }
  | {
      readonly kind: TaskPanelKind;
      readonly id: string;
      readonly title: string;
      readonly scroll: number;
      /** Nothing before the first answer. */
      readonly found: PanelContent | undefined;
    };

export type PanelContent =
  | { readonly kind: "tree"; readonly statuses: readonly LocatedStatus[]; readonly more: number }
  | { readonly kind: "explanation"; readonly explanation: Explanation }
  /** Its view comes with it: it is loaded for the first timeline. */
  | { readonly kind: "timeline"; readonly timeline: Timeline; readonly view: typeof timelineView }
  | { readonly kind: "error"; readonly text: string };

/** What stands in the last row until a key is pressed. */
export interface Message {
  readonly text: string;
  readonly isBad: boolean;
}

/** All that the screen shows; the view makes rows of it, and nothing else. */
export interface Model {
  readonly rows: number;
  readonly columns: number;
  readonly moment: Moment;
  readonly intervalMs: number;
  readonly stalledForMs: number;
  readonly mayAbort: boolean;
  readonly cluster: string | undefined;
  readonly isMany: boolean;
  readonly nodes: readonly NodeState[];
  readonly tasks: SeenTasks;
  /** What earlier runs say; nothing where no journal is there, or before it is read. */
  readonly past: Past | undefined;
  /** Sentences on what is not shown. */
  readonly leftOut: readonly string[];
  readonly entries: readonly Entry[];
  /** The task that was chosen; nothing while it is the first, whatever that is. */
  readonly selectedId: string | undefined;
  /** Its place among the entries. */
  readonly selected: number;
  /** The first entry that is on the screen. */
  readonly scroll: number;
  readonly filter: string;
  readonly isTyping: boolean;
  readonly sort: Sort;
  readonly grouping: Grouping;
  readonly isPaused: boolean;
  readonly panel: Panel | undefined;
  /** What the panel holds, laid out for this width. */
  readonly panelLines: readonly string[];
  /** The task whose abort is to be confirmed. */
  readonly asked: { readonly id: string; readonly text: string } | undefined;
  readonly message: Message | undefined;
  /** Tasks whose ends ring. */
  readonly awaited: ReadonlySet<string>;
}

export type ModelOptions = Pick<
  Model,
  "rows" | "columns" | "moment" | "intervalMs" | "stalledForMs" | "mayAbort" | "isMany" | "filter"
>;

export function initialModel(options: ModelOptions): Model {
  return {
    ...options,
    cluster: undefined,
    nodes: [],
    tasks: new Map(),
    past: undefined,
    leftOut: [],
    entries: [],
    selectedId: undefined,
    selected: 0,
    scroll: 0,
    isTyping: false,
    sort: "age",
    grouping: "none",
    isPaused: false,
    panel: undefined,
    panelLines: [],
    asked: undefined,
    message: undefined,
    awaited: new Set(),
  };
}

/** Failures this long ago are news. */
export const NEWS_MS = 10 * 60_000;

/** What failed lately, the latest first. */
export function latelyFailed({ tasks, moment }: Model): SeenTask[] {
  const since = moment.nowMs - NEWS_MS;
  const failed: { task: SeenTask; atMs: number }[] = [];
  for (const task of tasks.values()) {
    if (task.state !== "failed") continue;
    // The clock of a server may be wrong; that it failed before our eyes is not.
    const atMs = Math.max(task.endMs ?? 0, task.changedMs ?? 0);
    if (atMs >= since) failed.push({ task, atMs });
  }
  failed.sort((a, b) => b.atMs - a.atMs || (a.task.id < b.task.id ? -1 : 1));
  return failed.map(({ task }) => task);
}

/** Most failures that are named in the header. */
const MOST_NEWS = 3;

/** How the rows of the screen are shared out. */
export interface Heights {
  readonly header: number;
  readonly news: number;
  /** Titles of the columns. */
  readonly titles: number;
  readonly list: number;
  readonly footer: number;
}

/** A node alone is worth a line only where it does not answer. */
export const tellsOfNodes = ({ isMany, nodes }: Pick<Model, "isMany" | "nodes">): boolean =>
  isMany || nodes.some(({ lost }) => lost !== undefined);

/** A small window keeps its list: what is above it gives way. */
export function heightsOf(model: Model): Heights {
  const { rows } = model;
  const footer = rows >= 2 ? 1 : 0;
  const titles = rows >= 8 ? 1 : 0;
  const most = rows >= 8 ? 3 : rows >= 5 ? 2 : rows >= 4 ? 1 : 0;
  const header = Math.min(most, tellsOfNodes(model) ? 3 : 2);
  const news = rows < 14 ? 0 : Math.min(latelyFailed(model).length, rows >= 30 ? MOST_NEWS : 1);
  return { header, news, titles, footer, list: Math.max(0, rows - header - news - titles - footer) };
}

/** Rows in which a panel shows its lines: above are the header's first and the panel's title. */
export const panelRows = ({ rows }: Model): number => Math.max(1, rows - (rows >= 4 ? 3 : 1));

/** The panel scrolled to a line, as far as it has lines. */
export function panelScrolled(model: Model, line: number): Model {
  const { panel, panelLines } = model;
  if (panel === undefined) return model;
  const scroll = Math.max(0, Math.min(line, panelLines.length - panelRows(model)));
  return scroll === panel.scroll ? model : { ...model, panel: { ...panel, scroll } };
}

const isTask = (entry: Entry | undefined): entry is Extract<Entry, { kind: "task" }> => entry?.kind === "task";

export function selectedTask({ entries, selected }: Model): SeenTask | undefined {
  const entry = entries[selected];
  return isTask(entry) ? entry.task : undefined;
}

/** What was found at a moment; the selection stays with its task, wherever that is by now. */
export function withTasks(model: Model, tasks: SeenTasks, moment: Moment): Model {
  return reordered({ ...model, tasks, moment });
}

/** The model with its entries made anew, after what they are made of has changed. */
export function reordered(model: Model): Model {
  const { tasks, filter, selectedId } = model;
  const entries = entriesOf(tasks.values(), filter, model);
  const found = selectedId === undefined ? -1 : entries.findIndex((one) => isTask(one) && one.task.id === selectedId);
  if (found !== -1) {
    // The row under the eyes stays where it was.
    const scroll = model.scroll + found - model.selected;
    return scrolled({ ...model, entries, selected: found, scroll: model.scroll === 0 ? 0 : scroll });
  }
  if (selectedId === undefined) return scrolled({ ...model, entries, selected: nearestTask(entries, 0), scroll: 0 });
  // The task is gone, or filtered out: what stands in its place is chosen.
  const selected = nearestTask(entries, Math.min(model.selected, entries.length - 1));
  const entry = entries[selected];
  const id = isTask(entry) ? entry.task.id : undefined;
  return scrolled({
    ...model,
    entries,
    selected,
    selectedId: tasks.has(selectedId) && id === undefined ? selectedId : id,
  });
}

function nearestTask(entries: readonly Entry[], index: number): number {
  const below = entries.findIndex((entry, place) => place >= index && isTask(entry));
  if (below !== -1) return below;
  return Math.max(0, entries.findLastIndex(isTask));
}

/** The scroll that keeps the selection on the screen, and no row empty that could show something. */
export function scrolled(model: Model): Model {
  const { entries, selected } = model;
  const { list } = heightsOf(model);
  let { scroll } = model;
  // The heading of the first group is seen with its first task.
  const first = selected > 0 && !isTask(entries[selected - 1]) ? selected - 1 : selected;
  if (first < scroll || list <= 1) scroll = list <= 1 ? selected : first;
  if (selected >= scroll + list && list > 0) scroll = selected - list + 1;
  scroll = Math.max(0, Math.min(scroll, entries.length - list));
  return scroll === model.scroll ? model : { ...model, scroll };
}

/** Chooses the task that is so many tasks further down. */
export function moved(model: Model, by: number): Model {
  const { entries } = model;
  let { selected } = model;
  const step = Math.sign(by);
  for (let left = Math.abs(by); left > 0; left--) {
    let next = selected + step;
    while (next >= 0 && next < entries.length && !isTask(entries[next])) next += step;
    if (!isTask(entries[next])) break;
    selected = next;
  }
  return selectedAt(model, selected);
}

/** Chooses the task at a place, or the nearest to it. */
export function selectedAt(model: Model, index: number): Model {
  const selected = nearestTask(model.entries, Math.max(0, Math.min(index, model.entries.length - 1)));
  const entry = model.entries[selected];
  return scrolled({ ...model, selected, selectedId: isTask(entry) ? entry.task.id : undefined });
}

/** Those that were waited for and have ended, or are gone. */
export function endedAwaited({
  awaited,
  tasks,
}: Model): { readonly id: string; readonly task: SeenTask | undefined }[] {
  return [...awaited].flatMap((id) => {
    const task = tasks.get(id);
    return task !== undefined && !isFinished(task) ? [] : [{ id, task }];
  });
}
