import { cellWidth, cutCells, padCells, wrapCells } from "../format/terminal/cell-width.js";
import { explanationView } from "../format/terminal/explanation-view.js";
import type { Style } from "../format/terminal/style.js";
import { treeView } from "../format/terminal/tree-view.js";
import type { ViewOptions } from "../format/terminal/view-options.js";
import { summaryText } from "../format/text/explanation-text.js";
import { agoText } from "../format/text/task-words.js";
import { firstLine } from "../strings/first-line.js";
import { helpLines } from "./help.js";
import {
  heightsOf,
  latelyFailed,
  type Model,
  type NodeState,
  type Panel,
  type PanelContent,
  panelRows,
  selectedTask,
  showsNodes,
  type TaskPanelKind,
} from "./model.js";
import { isStalled, taskRows } from "./task-rows.js";
import { taskTitle } from "./task-title.js";

/** A part of a line, with its colour. */
type Part = readonly [role: string, text: string];

/** The rows of the screen: printable, and no wider than it. */
export function viewOf(model: Model, style: Style): string[] {
  return model.panel === undefined ? listRows(model, style) : panelView(model, model.panel, style);
}

function listRows(model: Model, style: Style): string[] {
  const { entries, scroll, selected, columns } = model;
  const { header, news, titles, footer, list } = heightsOf(model);
  const rows = taskRows(model, { columns, style });
  const shown = entries.slice(scroll, scroll + list);
  const lines = [
    ...headerLines(model, style).slice(0, header),
    ...newsLines(model, style).slice(0, news),
    ...(titles === 0 ? [] : [entries.length === 0 ? "" : rows.titles]),
    ...shown.map((entry, index) => rows.row(entry, scroll + index === selected)),
  ];
  if (entries.length === 0 && list > 0) lines.push(style.paint("quiet", cut(emptyText(model), columns, style)));
  while (lines.length < model.rows - footer) lines.push("");
  if (footer > 0) lines.push(footerLine(model, style));
  return lines;
}

function emptyText({ nodes, tasks, filter }: Model): string {
  if (nodes.length === 0) return "  loading ...";
  return tasks.size === 0 ? "  no tasks" : `  no task matches ${filter}`;
}

/** The header: the cluster, the numbers of tasks, and which nodes do not answer. */
function headerLines(model: Model, style: Style): string[] {
  const { columns } = model;
  const line = (parts: readonly Part[]) => paintedLine(parts, "", columns, style);
  return [whereLine(model, style), ...(showsNodes(model) ? [line(nodeParts(model))] : []), line(countParts(model))];
}

function whereLine(model: Model, style: Style): string {
  const { cluster, isMany, nodes, moment, intervalMs, isPaused, columns } = model;
  const releases = [...new Set(nodes.flatMap(({ release }) => (release === undefined ? [] : [release])))].sort();
  const time = new Date(moment.nowMs).toISOString().slice(11, 19);
  const rhythm = isPaused ? "paused" : `every ${secondsText(intervalMs)}`;
  const where: Part[] = [
    ["title", cluster ?? (isMany ? "cluster" : (nodes[0]?.address ?? ""))],
    ["", releases.length === 0 ? "" : `ScyllaDB ${releases.join(", ")}`],
  ];
  return paintedLine(where, `${time} UTC  ${rhythm}`, columns, style, isPaused ? "mark" : "quiet");
}

const secondsText = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}s` : `${(ms / 1000).toFixed(1)}s`);

/** Names as many lost nodes as fit: if space is short, the reasons are dropped first, then the times. */
function nodeParts({ nodes, columns }: Model): Part[] {
  const lost = nodes.filter(({ lost: isLost }) => isLost !== undefined);
  const up = nodes.length - lost.length;
  const count = `${up} of ${nodes.length} ${nodes.length === 1 ? "node answers" : "nodes answer"}`;
  const parts = (texts: readonly string[]): Part[] => [
    ["", count],
    ...texts.map((text): Part => ["failurePath", text]),
  ];
  const fits = (row: readonly Part[]) => row.reduce((cells, [, text]) => cells + 2 + cellWidth(text), -2) <= columns;
  const since = lost.map((node) => `${node.address} lost since ${sinceText(node)}`);
  const whole = parts(since.map((text, index) => `${text}: ${lost[index]?.lost?.reason}`));
  if (lost.length <= 1 || fits(whole)) return whole;
  const times = parts(since);
  return fits(times) ? times : parts([`lost: ${lost.map(({ address }) => address).join(", ")}`]);
}

function sinceText({ lost }: NodeState): string {
  if (lost === undefined) return "";
  return `${lost.isFromBeginning ? "before " : ""}${new Date(lost.sinceMs).toISOString().slice(11, 19)}`;
}

const STATES_SHOWN = ["running", "created", "failed", "done"];

function countParts(model: Model): Part[] {
  const states = new Map<string, number>(STATES_SHOWN.map((state) => [state, 0]));
  const modules = new Map<string, number>();
  let stalled = 0;
  for (const task of model.tasks.values()) {
    states.set(task.state, (states.get(task.state) ?? 0) + 1);
    modules.set(task.module, (modules.get(task.module) ?? 0) + 1);
    if (isStalled(task, model)) stalled++;
  }
  const shown = [...states].filter(([state, count]) => count > 0 || state === "running");
  return [
    ...shown.map(([state, count]): Part => [count === 0 ? "quiet" : `state:${state}`, `${count} ${state}`]),
    ...(stalled === 0 ? [] : [["error", `${stalled} stalled`] as const]),
    ...[...modules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, count]): Part => ["quiet", `${module} ${count}`]),
  ];
}

function newsLines(model: Model, style: Style): string[] {
  const { columns, moment } = model;
  return latelyFailed(model).map((task) => {
    const ago = agoText(new Date(Math.max(task.endMs ?? 0, task.changedMs ?? 0)).toISOString(), moment.nowMs);
    const parts: Part[] = [
      ["state:failed", `failed ${ago}`],
      ["", taskTitle(task) + (task.node === null || !model.isMany ? "" : ` on ${task.node}`)],
      ["error", firstLine(task.status?.error ?? "").slice(0, MOST_OF_AN_ERROR)],
    ];
    return paintedLine(parts, "", columns, style);
  });
}

const MOST_OF_AN_ERROR = 400;

/** As many parts as fit, with gaps between them, and a text at the right edge. */
function paintedLine(
  parts: readonly Part[],
  right: string,
  columns: number,
  style: Style,
  rightRole = "quiet",
): string {
  const { ellipsis } = style.glyphs;
  const edge = right !== "" && cellWidth(right) + 12 <= columns ? right : "";
  let left = columns - (edge === "" ? 0 : cellWidth(edge) + 2);
  let line = "";
  let isFirst = true;
  for (const [role, raw] of parts) {
    if (raw === "") continue;
    const gap = isFirst ? 0 : 2;
    if (left - gap < 2) break;
    const text = cutCells(style.text(raw), left - gap, ellipsis);
    line += " ".repeat(gap) + (role === "" ? text : style.paint(role as never, text));
    left -= gap + cellWidth(text);
    isFirst = false;
  }
  if (edge === "") return line;
  return `${line}${" ".repeat(left + 2)}${style.paint(rightRole as never, edge)}`;
}

const cut = (text: string, columns: number, style: Style) => cutCells(style.text(text), columns, style.glyphs.ellipsis);

/** The keys that can be pressed, or a message. */
function footerLine(model: Model, style: Style): string {
  const { columns, confirmation, message, isTyping, filter, leftOut, entries, panel } = model;
  const room = Math.max(1, columns);
  if (confirmation !== undefined) {
    const answers = " [y/N]";
    const text = cut(confirmation.text, Math.max(1, room - answers.length), style);
    return style.paint("mark", padCells(cutCells(text + answers, room, ""), room));
  }
  if (isTyping) {
    const tail = [...style.text(filter)];
    while (cellWidth(tail.join("")) > Math.max(1, room - 2)) tail.shift();
    return `/${tail.join("")}${style.paint("mark", " ")}`.slice(0, filter === "" ? undefined : Number.MAX_SAFE_INTEGER);
  }
  if (message !== undefined) {
    const text = cut(message.text, room, style);
    return message.isBad ? style.paint("error", text) : text;
  }
  const [first] = leftOut;
  if (first !== undefined) return style.paint("error", cut(first, room, style));
  const hints = panel === undefined ? listHints(model) : panelHints(panel, model);
  const place = panel === undefined && entries.length > 0 ? placeText(model) : "";
  return paintedLine(hints, place, room, style);
}

function placeText(model: Model): string {
  const { entries, selected } = model;
  const before = entries.slice(0, selected + 1);
  const tasks = (some: typeof entries) => some.reduce((sum, { kind }) => sum + Number(kind === "task"), 0);
  return `${tasks(before)}/${tasks(entries)}`;
}

/** A narrower window shows only the most important keys; the help page has all. */
const COLUMNS_FOR_ALL_HINTS = 100;

function listHints(model: Model): Part[] {
  const { filter, sort, mayAbort, columns } = model;
  const hint = (key: string, what: string): Part => ["", `${key} ${what}`];
  return [
    ...(filter === "" ? [] : [["mark", `/${filter}`] as const]),
    hint("enter", "tree"),
    hint("e", "explain"),
    ...(columns < COLUMNS_FOR_ALL_HINTS ? [] : [hint("t", "timeline")]),
    hint("/", "filter"),
    hint("s", sort),
    ...(mayAbort && selectedTask(model) !== undefined ? [hint("a", "abort")] : []),
    hint("w", "wait"),
    hint("?", "help"),
    hint("q", "quit"),
  ];
}

const TASK_PANELS: readonly (readonly [TaskPanelKind, string])[] = [
  ["tree", "enter tree"],
  ["explain", "e explain"],
  ["timeline", "t timeline"],
];

function panelHints(panel: Panel, model: Model): Part[] {
  const from = panel.scroll + 1;
  const to = Math.min(panel.scroll + panelRows(model), model.panelLines.length);
  const part = model.panelLines.length > panelRows(model) ? `lines ${from} to ${to} of ${model.panelLines.length}` : "";
  const others = panel.kind === "help" ? [] : TASK_PANELS.filter(([kind]) => kind !== panel.kind);
  return [["", "esc back"], ...others.map(([, hint]): Part => ["", hint]), ["", "j k scroll"], ["quiet", part]];
}

function panelView(model: Model, panel: Panel, style: Style): string[] {
  const { columns, rows, panelLines } = model;
  const title = panel.kind === "help" ? "keys" : panel.title;
  const body = panelLines.slice(panel.scroll, panel.scroll + panelRows(model));
  const lines = rows >= 4 ? [whereLine(model, style), style.paint("title", cut(title, columns, style)), ...body] : body;
  while (lines.length < rows - 1) lines.push("");
  if (rows >= 2) lines.push(footerLine(model, style));
  return lines.slice(0, rows);
}

/** The lines of a panel. Call it again when its content or the size of the screen has changed. */
export function panelLinesOf(model: Model, style: Style): string[] {
  const { panel, columns, moment, mayAbort } = model;
  if (panel === undefined) return [];
  if (panel.kind === "help") return helpLines(columns, style, mayAbort);
  const { found } = panel;
  if (found === undefined) return [style.paint("quiet", "loading ...")];
  if (found.kind === "error")
    return wrapCells(style.text(found.text), columns).map((line) => style.paint("error", line));
  const options: ViewOptions = { columns, style, nowMs: moment.nowMs, wide: false, header: true, isSorted: false };
  const lines = [...piecesOf(found, panel.id, options)].join("").split("\n").slice(0, -1);
  const more = restText(found, panel.id);
  if (more !== undefined) lines.push(style.paint("quiet", cut(more, columns, style)));
  return lines;
}

/** A timeline with more lanes than this is shown incompletely, like a tree. */
const MOST_LANES = 500;

function piecesOf(found: Exclude<PanelContent, { kind: "error" }>, id: string, options: ViewOptions): Iterable<string> {
  switch (found.kind) {
    case "tree":
      return treeView(found.statuses, options);
    case "timeline":
      return found.view(
        found.timeline,
        MOST_LANES,
        options,
        `tasks timeline --max-lanes ${found.timeline.lanes.length} ${id}`,
      );
    case "explanation":
      return explanationView(summaryText(found.explanation), found.explanation.failures, options);
  }
}

/** How to see the rest if it is too much for a panel. */
function restText(found: PanelContent, id: string): string | undefined {
  return found.kind === "tree" && found.more > 0 ? `${found.more} more parts: tasks tree ${id}` : undefined;
}
