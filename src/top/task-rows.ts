import { cellWidth, cutCells, cutMiddle, padCells } from "../format/terminal/cell-width.js";
import { type FitStep, fitColumns, GAP } from "../format/terminal/fit-columns.js";
import type { Style } from "../format/terminal/style.js";
import { duration } from "../format/text/duration.js";
import { percentText, progressBar, rateText } from "../format/text/progress-text.js";
import { numberOf } from "../strings/number-of.js";
import { FINISHED_STATES, isFinished } from "../vocabulary.js";
import type { Model } from "./model.js";
import type { Entry } from "./order.js";
import { type Moment, type SeenTask, stalledMs } from "./tasks-seen.js";

/** How tasks are laid out. */
export interface TaskRowOptions {
  readonly columns: number;
  readonly style: Style;
}

const BAR_CELLS = 20;
const ID_CELLS = 8;
/** The width of columns depends on this many rows at the top, so that scrolling does not change it. */
const MOST_MEASURED = 300;

type ColumnName =
  | "state"
  | "task"
  | "place"
  | "node"
  | "module"
  | "bar"
  | "percent"
  | "rate"
  | "eta"
  | "timeLeft"
  | "age"
  | "id";

interface Column {
  readonly name: ColumnName;
  readonly title: string;
  readonly alignRight?: boolean;
  text(task: SeenTask): string;
}

/** The steps that make rows fit, in this order. */
const STEPS: readonly FitStep[] = [
  { column: "id", shortenTo: ID_CELLS, isAtOnce: true },
  { column: "module" },
  { column: "bar", shortenTo: 12, isAtOnce: true },
  { column: "place", shortenTo: 24 },
  { column: "task", shortenTo: 20 },
  { column: "place", shortenTo: 18 },
  { column: "state", shortenTo: 1, isAtOnce: true },
  { column: "timeLeft" },
  { column: "rate" },
  { column: "id" },
  { column: "place", shortenTo: 14 },
  { column: "task", shortenTo: 14 },
  { column: "bar" },
  { column: "eta" },
  { column: "node", shortenTo: 8 },
  { column: "age" },
  { column: "place", shortenTo: 6 },
  { column: "node" },
  { column: "task", shortenTo: 6 },
  { column: "place" },
  { column: "percent" },
  { column: "state" },
  { column: "task", shortenTo: 1 },
];

/** @param showsTimeLeft whether estimates have their own column; otherwise they stand in for what cannot be measured */
function columnsOf(model: Model, style: Style, showsTimeLeft: boolean): Column[] {
  const { moment, grouping, isMany, timeLeft } = model;
  const isRunning = ({ state }: SeenTask) => !FINISHED_STATES.has(state);
  const node: Column = { name: "node", title: "node", text: ({ node: address }) => style.text(address ?? "all") };
  const module: Column = { name: "module", title: "module", text: (task) => style.text(task.module) };
  return [
    { name: "state", title: "state", text: ({ state }) => `${style.stateGlyph(state)} ${style.text(state)}` },
    { name: "task", title: "task", text: ({ stats }) => style.text(stats.type ?? "") },
    { name: "place", title: "what", text: ({ place }) => style.text(place) },
    ...(isMany && grouping !== "node" ? [node] : []),
    ...(grouping === "module" ? [] : [module]),
    {
      name: "bar",
      title: "progress",
      // For a finished task, the state says it all.
      text: (task) => (isRunning(task) ? progressBar(task.status ?? {}, BAR_CELLS - 2, style) : ""),
    },
    {
      name: "percent",
      title: "%",
      alignRight: true,
      text: (task) => (isRunning(task) ? percentText(task.status ?? {}) : ""),
    },
    {
      name: "rate",
      title: "rate",
      alignRight: true,
      text: (task) => {
        const stalled = stalledText(task, model);
        if (stalled !== undefined) return stalled;
        const { unitsPerSecond } = task.pace.meter;
        if (!isRunning(task) || unitsPerSecond === undefined || unitsPerSecond <= 0) return "";
        return rateText(unitsPerSecond, task.status?.progress_units ?? "");
      },
    },
    {
      name: "eta",
      title: "eta",
      alignRight: true,
      text: (task) => {
        if (!isRunning(task)) return "";
        const { remainingSeconds } = task.pace.meter;
        if (remainingSeconds !== undefined) return duration(remainingSeconds);
        return (showsTimeLeft ? undefined : timeLeft?.(task, moment.nowMs)?.mark) ?? "";
      },
    },
    {
      name: "timeLeft",
      title: "by earlier runs",
      text: (task) => (showsTimeLeft ? timeLeft?.(task, moment.nowMs)?.text : undefined) ?? "",
    },
    {
      name: "age",
      title: "age",
      alignRight: true,
      text: (task) => ageText(task, moment),
    },
    { name: "id", title: "id", text: ({ id }) => style.text(id) },
  ];
}

/** How long a task has been running, or ran. */
function ageText({ state, startMs, endMs }: SeenTask, { nowMs }: Moment): string {
  const toMs = endMs ?? (FINISHED_STATES.has(state) ? undefined : nowMs);
  return startMs === undefined || toMs === undefined ? "" : duration((toMs - startMs) / 1000);
}

/** `stalled 7m12s`, if the task has made no progress for unusually long. */
function stalledText(task: SeenTask, { moment, stalledForMs }: Model): string | undefined {
  const ms = stalledMs(task, moment);
  return ms === undefined || ms < stalledForMs ? undefined : `stalled ${duration(ms / 1000)}`;
}

export const isStalled = (task: SeenTask, model: Model): boolean => stalledText(task, model) !== undefined;

/** The column titles, and the rows of the tasks. */
export interface TaskRows {
  readonly titles: string;
  row(entry: Entry, isSelected: boolean): string;
}

/** The width of the marks before each row: selected, rings the bell, stalled. */
const MARK_CELLS = 2;

export function taskRows(model: Model, { columns: cells, style }: TaskRowOptions): TaskRows {
  const room = Math.max(1, cells - MARK_CELLS);
  const { columns, widths } = fitted(model, style, room);
  const shown = columns.filter(({ name }) => widths.has(name));
  const widthOf = (name: ColumnName) => widths.get(name) as number;
  const { ellipsis } = style.glyphs;

  const titles = shown.map(({ name, title, alignRight }) => {
    const text = title.length > widthOf(name) ? "" : title;
    return alignRight ? text.padStart(widthOf(name)) : text.padEnd(widthOf(name));
  });

  function cell(column: Column, task: SeenTask): string {
    const { name, alignRight } = column;
    const width = widthOf(name);
    let text = column.text(task);
    if (name === "bar" && text !== "" && width < BAR_CELLS) text = progressBar(task.status ?? {}, width - 2, style);
    else if (cellWidth(text) > width) {
      if (name === "id") text = text.slice(0, width);
      else text = name === "place" ? cutMiddle(text, width, ellipsis) : cutCells(text, width, ellipsis);
      if (name === "state") text = style.stateGlyph(task.state);
    }
    return alignRight ? " ".repeat(Math.max(0, width - cellWidth(text))) + text : padCells(text, width);
  }

  function painted(name: ColumnName, task: SeenTask, text: string): string {
    if (name === "state") return style.paint(`state:${task.state}`, text);
    if (name === "bar") return style.paint("bar", text);
    if (name === "id" || name === "module") return style.paint("quiet", text);
    if (name === "rate" && isStalled(task, model)) return style.paint("error", text);
    return isFinished(task) && task.state !== "failed" ? style.paint("quiet", text) : text;
  }

  return {
    titles: style.paint("title", cutCells(`  ${titles.join(" ".repeat(GAP))}`.trimEnd(), cells, ellipsis)),
    row(entry, isSelected) {
      if (entry.kind === "group") {
        const { name, count, running } = entry;
        const tasks = `${numberOf(count, "task")}${running === 0 ? "" : `, ${running} running`}`;
        return style.paint("title", cutCells(`${style.text(name)}  ${tasks}`, cells, ellipsis));
      }
      const { task } = entry;
      const pointer = isSelected ? style.glyphs.arrow : " ";
      const mark = isStalled(task, model) ? "!" : model.awaited.has(task.id) ? "w" : " ";
      const texts = shown.map((column) => ({ name: column.name, text: cell(column, task) }));
      const gap = " ".repeat(GAP);
      if (isSelected) {
        const line = `${pointer}${mark}${texts.map(({ text }) => text).join(gap)}`;
        return style.paint("mark", padCells(cutCells(line, cells, ellipsis), cells));
      }
      const line = texts.map(({ name, text }) => painted(name, task, text)).join(gap);
      return `${pointer}${mark === "!" ? style.paint("error", mark) : mark}${line}`;
    },
  };
}

/** Estimates from earlier runs get their own column if there is room for it. */
function fitted(model: Model, style: Style, room: number) {
  const columns = columnsOf(model, style, model.timeLeft !== undefined);
  const widths = widthsOf(model, columns, room);
  if (model.timeLeft === undefined || widths.has("timeLeft")) return { columns, widths };
  const fewer = columnsOf(model, style, false);
  return { columns: fewer, widths: widthsOf(model, fewer, room) };
}

function widthsOf(model: Model, columns: readonly Column[], room: number): Map<string, number> {
  const natural = new Map<string, number>(columns.map(({ name }) => [name, 0]));
  let measured = 0;
  for (const entry of model.entries) {
    if (entry.kind !== "task") continue;
    for (const { name, text } of columns) {
      const width = cellWidth(text(entry.task));
      if (width > (natural.get(name) as number)) natural.set(name, width);
    }
    if (++measured === MOST_MEASURED) break;
  }
  for (const { name, title } of columns) {
    const width = natural.get(name) as number;
    if (width === 0) natural.delete(name);
    else natural.set(name, Math.max(width, title.length));
  }
  const widths = fitColumns(natural, room, STEPS);
  // Remaining room goes between the names and the figures, so that figures are at the right edge.
  const used = [...widths.values()].reduce((sum, width) => sum + width + GAP, -GAP);
  const grows = widths.has("place") ? "place" : "task";
  const width = widths.get(grows);
  if (width !== undefined && used < room) widths.set(grows, width + Math.min(room - used, 40));
  return widths;
}
