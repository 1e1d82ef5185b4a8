import type { TaskStatus } from "../../client/wire.js";
import { preorder, type TreeNode, taskForest } from "../../tasks/forest.js";
import { FINISHED_STATES, isFinished } from "../../vocabulary.js";
import { WIDEST_COLUMN } from "../text/padded-table.js";
import { piecesOf } from "../text/pieces.js";
import { percentText, progressBar } from "../text/progress-text.js";
import { amountText, durationText, nodeText, scopeText } from "../text/task-words.js";
import { cellWidth, cutCells, cutMiddle, padCells, wrapCells } from "./cell-width.js";
import { errorLines } from "./error-lines.js";
import { type FitStep, fitColumns, GAP } from "./fit-columns.js";
import type { ViewOptions } from "./view-options.js";

const BAR_CELLS = 10;
/** Shows only the first lines of an error: `status` and `explain` show all of it. */
const ERROR_LINES = 4;
const MOST_OF_AN_ERROR = 4096;
/** Limits the indent if there is no width: the branches of a very deep tree would otherwise fill the disk. */
const WIDEST_INDENT_LEVELS = 100;

/** The steps that make the lines of a tree fit, in this order (docs/output.md). */
const TREE_STEPS: readonly FitStep[] = [
  { column: "id" },
  { column: "amount" },
  { column: "task", shortenTo: 44 },
  { column: "bar" },
  { column: "task", shortenTo: 30 },
  { column: "duration" },
  { column: "percent" },
  { column: "task", shortenTo: 1 },
];

const FOLDED =
  "finished children of finished tasks may be missing: servers forget them, except those that led to a failure";

interface Line {
  /** The branches, and the glyph of the state. */
  readonly head: string;
  readonly headCells: number;
  /** What to draw before the lines below it. */
  readonly margin: string;
  readonly marginCells: number;
  readonly node: TreeNode;
}

/**
 * Draws trees of tasks.
 * @param depth levels below the roots to show; `undefined`: all
 */
export function* treeView(statuses: readonly TaskStatus[], options: ViewOptions, depth?: number): Generator<string> {
  if (statuses.length === 0) {
    yield `${options.style.paint("quiet", "no tasks")}\n`;
    return;
  }
  yield* piecesOf(treeLines(taskForest(statuses), options, depth));
}

function* treeLines(roots: readonly TreeNode[], options: ViewOptions, depth: number | undefined): Generator<string> {
  const { style, columns } = options;
  const draw = new LineWriter(options, widthsOf(roots, options, depth));
  let isFolded = false;
  for (const line of branches(roots, options, depth)) {
    const { node } = line;
    if (node.depth === 0 && node !== roots[0]) yield "";
    if (node.depth === 0 && !draw.showsIds) {
      // Never cut, as other commands take it as an argument.
      yield style.paint("quiet", style.text(node.status.id ?? ""));
    }
    yield draw.line(line);
    yield* draw.error(line);
    const hidden = hiddenChildren(node, depth);
    if (hidden !== undefined) yield* draw.below(line, hidden);
    isFolded ||= node.depth > 0 && isFinished(node.status);
  }
  if (isFolded) {
    const { ellipsis } = style.glyphs;
    for (const text of wrapCells(`${ellipsis} ${FOLDED}`, columns)) yield style.paint("quiet", text);
  }
}

/** A remark about children that have no line. */
function hiddenChildren(node: TreeNode, depth: number | undefined): string | undefined {
  if (depth !== undefined && node.depth === depth) {
    const count = Math.max(node.children.length, node.status.children_ids?.length ?? 0);
    return count === 0 ? undefined : `${count} ${count === 1 ? "child" : "children"} below --depth ${depth}`;
  }
  // semantics 20: a node only reports its own tasks.
  if (node.status.kind !== "cluster") return undefined;
  const shown = new Set(node.children.map(({ status }) => status.id));
  const missing = (node.status.children_ids ?? []).filter(({ task_id }) => !shown.has(task_id));
  if (missing.length === 0) return undefined;
  const count = `${missing.length} ${missing.length === 1 ? "child" : "children"}`;
  // A tree of many nodes has a line even for a child that is gone: only --limit leaves some out.
  if ("node" in node.status) return `${count} not shown`;
  const addresses = [...new Set(missing.map(({ node: address }) => address))].filter(Boolean).sort();
  const where =
    addresses.length === 0
      ? ""
      : ` on ${addresses.slice(0, 3).join(", ")}${addresses.length > 3 ? ", and others" : ""}`;
  return `${count} elsewhere${where}: --all-nodes`;
}

/** The branches before each task. They take at most half of the width; deeper tasks show their depth as a number. */
function* branches(roots: readonly TreeNode[], options: ViewOptions, depth: number | undefined): Generator<Line> {
  const { style, columns, wide } = options;
  const { glyphs } = style;
  const levelCells = cellWidth(glyphs.line);
  const levels = wide ? WIDEST_INDENT_LEVELS : Math.max(2, Math.floor(columns / 2 / levelCells));
  /** For each depth of the path: the margin below that task, and the last of its children that leads to a failure. */
  const margins: { text: string; cells: number }[] = [{ text: "", cells: 0 }];
  const lastFailing = new Map<readonly TreeNode[], number>();
  const lastFailingOf = (siblings: readonly TreeNode[]): number => {
    let last = lastFailing.get(siblings);
    if (last === undefined) {
      last = siblings.findLastIndex(({ leadsToFailure }) => leadsToFailure);
      lastFailing.set(siblings, last);
    }
    return last;
  };
  for (const { node, index, siblings } of preorder(roots)) {
    if (depth !== undefined && node.depth > depth) continue;
    let head = "";
    let headCells = 0;
    let margin = { text: "", cells: 0 };
    if (node.depth > 0) {
      const outer = margins[node.depth - 1] as { text: string; cells: number };
      const isLast = index === siblings.length - 1;
      const isAboveFailing = index < lastFailingOf(siblings);
      const branch = branchOf(node.leadsToFailure, isLast, isAboveFailing, glyphs);
      const level = isLast ? " ".repeat(levelCells) : isAboveFailing ? glyphs.heavyLine : glyphs.line;
      if (node.depth <= levels) {
        head = outer.text + paintBranch(branch, node.leadsToFailure || isAboveFailing);
        headCells = outer.cells + levelCells;
        margin = { text: outer.text + paintBranch(level, isAboveFailing), cells: headCells };
      } else {
        // The lines above already show the path.
        const number = `${glyphs.ellipsis}${node.depth} `;
        head = style.paint("quiet", number) + paintBranch(branch, node.leadsToFailure || isAboveFailing);
        headCells = cellWidth(number) + levelCells;
        margin = { text: " ".repeat(headCells), cells: headCells };
      }
    }
    margins[node.depth] = margin;
    margins.length = node.depth + 1;
    const state = node.status.state ?? "";
    const glyph = style.stateGlyph(state);
    yield {
      head: `${head}${style.paint(`state:${state}`, glyph)} `,
      headCells: headCells + cellWidth(glyph) + 1,
      margin: margin.text,
      marginCells: margin.cells,
      node,
    };
  }

  function paintBranch(text: string, isHeavy: boolean): string {
    return style.paint(isHeavy ? "failurePath" : "quiet", text);
  }
}

function branchOf(
  isFailing: boolean,
  isLast: boolean,
  isAboveFailing: boolean,
  glyphs: ViewOptions["style"]["glyphs"],
): string {
  if (isFailing) {
    if (isLast) return glyphs.heavyLastBranch;
    return isAboveFailing ? glyphs.heavyBranch : glyphs.heavyBranchAboveLight;
  }
  if (isLast) return glyphs.lastBranch;
  return isAboveFailing ? glyphs.branchBesideHeavy : glyphs.branch;
}

/** The cells after the task's name. */
interface Cells {
  readonly task: string;
  /** The node, after the task's words. It is never cut. */
  readonly address: string;
  readonly bar: string;
  readonly percent: string;
  readonly amount: string;
  readonly duration: string;
  readonly id: string;
}

function cellsOf({ status, node, parent }: TreeNode, { style, nowMs }: ViewOptions): Cells {
  const { progress_completed: completed = 0, progress_total: total = 0, state = "" } = status;
  const scope = scopeText(status);
  // A type is shown only if it differs from the parent's: in the tree of one operation, most lines would repeat it.
  const type = parent !== undefined && parent.status.type === status.type ? "" : (status.type ?? "");
  const address = node !== undefined && node !== parent?.node ? style.text(nodeText(node)) : "";
  const words = [state, type, scope].filter(Boolean).join("  ");
  const isUnfinished = !FINISHED_STATES.has(state) || completed < total;
  const showsBar = total > 0 && isUnfinished;
  return {
    task: style.text(words === "" ? (status.id ?? "") : words),
    address,
    bar: showsBar ? progressBar(status, BAR_CELLS, style) : "",
    percent: percentText(status),
    amount: style.text(amountText(completed, total, status.progress_units ?? "")),
    duration: durationText(status, nowMs),
    id: style.text(status.id ?? ""),
  };
}

const COLUMNS = ["task", "bar", "percent", "amount", "duration", "id"] as const;

function widthsOf(
  roots: readonly TreeNode[],
  options: ViewOptions,
  depth: number | undefined,
): ReadonlyMap<string, number> {
  const natural = new Map<string, number>(COLUMNS.map((name) => [name, 0]));
  for (const { node, headCells } of branches(roots, options, depth)) {
    const cells = cellsOf(node, options);
    for (const name of COLUMNS) {
      const width = name === "task" ? headCells + taskCells(cells) : cellWidth(cells[name]);
      if (width > (natural.get(name) as number)) natural.set(name, Math.min(width, WIDEST_COLUMN));
    }
  }
  for (const name of COLUMNS) if (natural.get(name) === 0) natural.delete(name);
  return options.wide ? natural : fitColumns(natural, options.columns, TREE_STEPS);
}

const taskCells = ({ task, address }: Cells) =>
  cellWidth(task) + (address === "" ? 0 : cellWidth(address) + (task === "" ? 0 : GAP));

/** The words of a task in this many cells. The node is kept whole, as it tells the children of a cluster task apart. */
function taskText({ task, address }: Cells, room: number, ellipsis: string): string {
  if (address === "") return cutMiddle(task, room, ellipsis);
  const words = cutMiddle(task, Math.max(0, room - cellWidth(address) - GAP), ellipsis);
  return words === "" ? cutCells(address, room, ellipsis) : words + " ".repeat(GAP) + address;
}

class LineWriter {
  readonly showsIds: boolean;

  constructor(
    private readonly options: ViewOptions,
    private readonly widths: ReadonlyMap<string, number>,
  ) {
    this.showsIds = widths.has("id");
  }

  line({ head, headCells, node }: Line): string {
    const { style, wide } = this.options;
    const { ellipsis } = style.glyphs;
    const cells = cellsOf(node, this.options);
    const room = Math.max(0, (this.widths.get("task") ?? 0) - headCells);
    const task = padCells(taskText(cells, wide ? Number.MAX_SAFE_INTEGER : room, ellipsis), room);
    const { state = "" } = node.status;
    let line = head + (node.leadsToFailure ? style.paint("failurePath", task) : paintState(task, state, style));
    for (const name of COLUMNS) {
      const width = this.widths.get(name);
      if (name === "task" || width === undefined) continue;
      const isNumber = name === "percent" || name === "duration" || name === "amount";
      const text = isNumber
        ? cells[name].padStart(width - (cellWidth(cells[name]) - cells[name].length))
        : padCells(cells[name], width);
      line +=
        " ".repeat(GAP) +
        (name === "bar" ? style.paint("bar", text) : name === "id" ? style.paint("quiet", text) : text);
    }
    return line.trimEnd();
  }

  /** The error of a failed task, unless a child has the same error. */
  *error(line: Line): Generator<string> {
    const { style, columns, wide } = this.options;
    const { status, children } = line.node;
    const { error = "" } = status;
    if (error === "" || children.some((child) => child.status.error === error)) return;
    const prefix = this.#prefixBelow(line);
    const room = wide ? Number.MAX_SAFE_INTEGER : columns - prefix.cells;
    const lines = errorLines(wide ? error : error.slice(0, MOST_OF_AN_ERROR), style)
      .filter((text) => text.trim() !== "")
      .flatMap((text) => wrapCells(text, room));
    const shown = wide ? lines : lines.slice(0, ERROR_LINES);
    for (const text of shown) yield prefix.text + style.paint("error", text);
    if (shown.length < lines.length) {
      const more = `${style.glyphs.ellipsis} more: tasks explain`;
      yield prefix.text + style.paint("quiet", cutCells(more, room, style.glyphs.ellipsis));
    }
  }

  /** A remark below a task. */
  *below(line: Line, text: string): Generator<string> {
    const { style, columns, wide } = this.options;
    const prefix = this.#prefixBelow(line);
    const remark = `${style.glyphs.ellipsis} ${style.text(text)}`;
    const lines = wide ? [remark] : wrapCells(remark, columns - prefix.cells);
    for (const each of lines) yield prefix.text + style.paint("quiet", each);
  }

  /** Continues the branches; shortened in deep trees to leave room for words. */
  #prefixBelow({ margin, marginCells, node }: Line): { text: string; cells: number } {
    const { style } = this.options;
    const { line, heavyLine } = style.glyphs;
    if (node.children.length === 0) return { text: `${margin}  `, cells: marginCells + 2 };
    const bar = node.leadsToFailure && node.children.some((child) => child.leadsToFailure) ? heavyLine : line;
    const isHeavy = bar === heavyLine;
    return {
      text: margin + style.paint(isHeavy ? "failurePath" : "quiet", bar.slice(0, 2)),
      cells: marginCells + 2,
    };
  }
}

function paintState(task: string, state: string, style: ViewOptions["style"]): string {
  return state !== "" && task.startsWith(state)
    ? style.paint(`state:${state}`, state) + task.slice(state.length)
    : task;
}
