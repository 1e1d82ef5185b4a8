import type { timelineView } from "../format/terminal/timeline-view.js";
import type { LocatedStatus } from "../nodes/nodes.js";
import type { Explanation } from "../tasks/explanation.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { isFinished } from "../vocabulary.js";
import { type Entry, entriesOf, type Grouping, type Sort } from "./order.js";
import type { Moment, SeenTask, SeenTasks } from "./tasks-seen.js";
import type { TimeLeftOf } from "./time-left.js";

/** A node, and whether it answers. */
export interface NodeState {
  readonly address: string;
  readonly release: string | undefined;
  /** `undefined` if it answers. */
  readonly lost: { readonly reason: string; readonly sinceMs: number; readonly isFromBeginning: boolean } | undefined;
}

/** What can be shown about one task. */
export type TaskPanelKind = "tree" | "explain" | "timeline";

/** What is shown instead of the list. */
export type Panel =
  | { readonly kind: "help"; readonly scroll: number }
  | {
      readonly kind: TaskPanelKind;
      readonly id: string;
      readonly title: string;
      readonly scroll: number;
      /** `undefined` before the first answer. */
      readonly found: PanelContent | undefined;
    };

export type PanelContent =
  | { readonly kind: "tree"; readonly statuses: readonly LocatedStatus[]; readonly more: number }
  | { readonly kind: "explanation"; readonly explanation: Explanation }
  /** The view is part of it, as it is loaded with the first timeline. */
  | { readonly kind: "timeline"; readonly timeline: Timeline; readonly view: typeof timelineView }
  | { readonly kind: "error"; readonly text: string };

/** Shown in the last row until a key is pressed. */
interface Message {
  readonly text: string;
  readonly isBad: boolean;
}

/** Everything that the screen shows. The view turns it into rows and uses nothing else. */
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
  /** Estimates from earlier runs; `undefined` without a journal, or before it is read. */
  readonly timeLeft: TimeLeftOf | undefined;
  /** Sentences about what is not shown. */
  readonly leftOut: readonly string[];
  readonly entries: readonly Entry[];
  /** The task that the user selected; `undefined`: the first, whichever it is. */
  readonly selectedId: string | undefined;
  /** The index of the selected entry. */
  readonly selected: number;
  /** The index of the first visible entry. */
  readonly scroll: number;
  readonly filter: string;
  readonly isTyping: boolean;
  readonly sort: Sort;
  readonly grouping: Grouping;
  readonly isPaused: boolean;
  readonly panel: Panel | undefined;
  /** The lines of the panel, laid out for this width. */
  readonly panelLines: readonly string[];
  /** The task whose abort needs a confirmation. */
  readonly confirmation: { readonly id: string; readonly text: string } | undefined;
  readonly message: Message | undefined;
  /** Tasks that ring the bell when they end. */
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
    timeLeft: undefined,
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
    confirmation: undefined,
    message: undefined,
    awaited: new Set(),
  };
}

/** A failure is news for this long. */
const NEWS_MS = 10 * 60_000;

/** Recent failures, the latest first. */
export function latelyFailed({ tasks, moment }: Model): SeenTask[] {
  const since = moment.nowMs - NEWS_MS;
  const failed: { task: SeenTask; atMs: number }[] = [];
  for (const task of tasks.values()) {
    if (task.state !== "failed") continue;
    // A server's clock may be wrong, but a failure that was just seen is recent.
    const atMs = Math.max(task.endMs ?? 0, task.changedMs ?? 0);
    if (atMs >= since) failed.push({ task, atMs });
  }
  failed.sort((a, b) => b.atMs - a.atMs || (a.task.id < b.task.id ? -1 : 1));
  return failed.map(({ task }) => task);
}

/** Maximum of failures named in the header. */
const MOST_NEWS = 3;

/** How many rows each part of the screen has. */
export interface Heights {
  readonly header: number;
  readonly news: number;
  /** The column titles. */
  readonly titles: number;
  readonly list: number;
  readonly footer: number;
}

/** Whether to show a line about nodes: a single node gets one only if it does not answer. */
export const showsNodes = ({ isMany, nodes }: Pick<Model, "isMany" | "nodes">): boolean =>
  isMany || nodes.some(({ lost }) => lost !== undefined);

/** A small window keeps its list: the parts above it shrink first. */
export function heightsOf(model: Model): Heights {
  const { rows } = model;
  const footer = rows >= 2 ? 1 : 0;
  const titles = rows >= 8 ? 1 : 0;
  const most = rows >= 8 ? 3 : rows >= 5 ? 2 : rows >= 4 ? 1 : 0;
  const header = Math.min(most, showsNodes(model) ? 3 : 2);
  const news = rows < 14 ? 0 : Math.min(latelyFailed(model).length, rows >= 30 ? MOST_NEWS : 1);
  return { header, news, titles, footer, list: Math.max(0, rows - header - news - titles - footer) };
}

/** Rows for the lines of a panel: the first row of the header and the panel's title are above it. */
export const panelRows = ({ rows }: Model): number => Math.max(1, rows - (rows >= 4 ? 3 : 1));

/** Scrolls the panel to a line, but not past its end. */
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

/** Shows the tasks of a moment. The selection follows its task, wherever it is now. */
export function withTasks(model: Model, tasks: SeenTasks, moment: Moment): Model {
  return reordered({ ...model, tasks, moment });
}

/** Rebuilds the entries after something that they depend on has changed. */
export function reordered(model: Model): Model {
  const { tasks, filter, selectedId } = model;
  const entries = entriesOf(tasks.values(), filter, model);
  const found = selectedId === undefined ? -1 : entries.findIndex((one) => isTask(one) && one.task.id === selectedId);
  if (found !== -1) {
    // The selected row stays in the same place on the screen.
    const scroll = model.scroll + found - model.selected;
    return scrolled({ ...model, entries, selected: found, scroll: model.scroll === 0 ? 0 : scroll });
  }
  if (selectedId === undefined) return scrolled({ ...model, entries, selected: nearestTask(entries, 0), scroll: 0 });
  // The task is gone or filtered out: the one in its place is selected.
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
  const below = entries.findIndex((entry, other) => other >= index && isTask(entry));
  if (below !== -1) return below;
  return Math.max(0, entries.findLastIndex(isTask));
}

/** Scrolls so that the selection is visible, and no row is empty while there is something to show. */
export function scrolled(model: Model): Model {
  const { entries, selected } = model;
  const { list } = heightsOf(model);
  let { scroll } = model;
  // The heading of a group is shown together with its first task.
  const first = selected > 0 && !isTask(entries[selected - 1]) ? selected - 1 : selected;
  if (first < scroll || list <= 1) scroll = list <= 1 ? selected : first;
  if (selected >= scroll + list && list > 0) scroll = selected - list + 1;
  scroll = Math.max(0, Math.min(scroll, entries.length - list));
  return scroll === model.scroll ? model : { ...model, scroll };
}

/** Selects the task this many tasks further down. */
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

/** Selects the task at an index, or the nearest one. */
export function selectedAt(model: Model, index: number): Model {
  const selected = nearestTask(model.entries, Math.max(0, Math.min(index, model.entries.length - 1)));
  const entry = model.entries[selected];
  return scrolled({ ...model, selected, selectedId: isTask(entry) ? entry.task.id : undefined });
}

/** Awaited tasks that have ended or are gone. */
export function endedAwaited({
  awaited,
  tasks,
}: Model): { readonly id: string; readonly task: SeenTask | undefined }[] {
  return [...awaited].flatMap((id) => {
    const task = tasks.get(id);
    return task !== undefined && !isFinished(task) ? [] : [{ id, task }];
  });
}
