import { chosenLanes, foldedLane, type Lane } from "../../tasks/timeline/lanes.js";
import { type Interval, isFailed, type Span } from "../../tasks/timeline/span.js";
import type { Timeline } from "../../tasks/timeline/timeline.js";
import { piecesOf } from "../text/pieces.js";
import { timeTicks } from "../text/time-axis.js";
import {
  isOfManyNodes,
  laneText,
  laneTookText,
  percentOf,
  spanText,
  timelineSentences,
} from "../text/timeline-text.js";
import { cellWidth, cutMiddle, padCells, wrapCells } from "./cell-width.js";
import type { Role, Style } from "./style.js";
import type { ViewOptions } from "./view-options.js";

/** The content of a bar's cell. A later one hides earlier ones. */
const CELLS = ["nothing", "open", "busy", "critical", "running", "failed"] as const;
type Cell = (typeof CELLS)[number];

const ROLES: Readonly<Record<Cell, Role>> = {
  nothing: "quiet",
  open: "quiet",
  busy: "bar",
  critical: "critical",
  running: "state:running",
  failed: "failurePath",
};

/** The legend. */
const MEANINGS: readonly (readonly [Cell, string])[] = [
  ["critical", "critical path"],
  ["busy", "running"],
  ["open", "waiting for its parts"],
  ["running", "still running"],
  ["failed", "failed"],
];

const GAP = "  ";
/** Minimum of cells for a bar. To keep it, names are cut first, and then numbers dropped. */
const LEAST_BAR = 20;
const WIDEST_LABEL = 40;
const TICK_CELLS = 14;
/** The share of a line for names; names of tasks get more. */
const LABEL_SHARE = [0.35, 0.5] as const;

/**
 * Bars over time for a person, one per lane.
 * @param toShowAll the option to suggest if lanes are left out
 */
export function* timelineView(
  timeline: Timeline,
  maxLanes: number,
  options: ViewOptions,
  toShowAll = `--max-lanes ${timeline.lanes.length}`,
): Generator<string> {
  yield* piecesOf(lines(timeline, maxLanes, options, toShowAll));
}

function* lines(timeline: Timeline, maxLanes: number, options: ViewOptions, toShowAll: string): Generator<string> {
  const { style, columns, wide } = options;
  const { range, lanes } = timeline;
  for (const [index, sentence] of timelineSentences(timeline).entries()) {
    const text = style.text(sentence);
    for (const line of wide ? [text] : wrapCells(text, columns)) yield index === 0 ? style.paint("title", line) : line;
  }
  if (range === undefined || lanes.length === 0) return;
  const { shown, folded } = chosenLanes(lanes, wide ? Number.MAX_SAFE_INTEGER : maxLanes);
  const rows = [
    ...shown.map((lane) => ({ lane, label: labelOf(lane, timeline, style) })),
    ...(folded.length === 0
      ? []
      : [{ lane: foldedLane(folded), label: `${style.glyphs.ellipsis} ${folded.length} more lanes` }]),
  ];
  const layout = layoutOf(rows, timeline, options);
  yield "";
  yield* axis(range, layout, style);
  const seen = new Set<Cell>();
  for (const { lane, label } of rows) {
    const cells = cellsOf(lane, range, layout.barCells);
    for (const cell of cells) seen.add(cell);
    const name = padCells(cutMiddle(label, layout.labelCells, style.glyphs.ellipsis), layout.labelCells);
    const numbers = layout.numbers.map(({ cells: width, text }) => GAP + text(lane).padStart(width)).join("");
    yield (name + GAP + painted(cells, style) + numbers).trimEnd();
  }
  yield "";
  const legend = MEANINGS.filter(([cell]) => seen.has(cell)).map(
    ([cell, meaning]) => `${glyphOf(cell, style)} ${meaning}`,
  );
  for (const line of inLines(legend, columns)) yield style.paint("quiet", line);
  const all = `(${toShowAll} shows all lanes)`;
  if (folded.length > 0) for (const line of wrapCells(all, columns)) yield style.paint("quiet", line);
}

/** Wraps words into lines. A word is only broken if it is longer than a line. */
function inLines(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}${GAP}${word}`;
    if (lines.length > 0 && cellWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(...wrapCells(word, columns));
  }
  return lines;
}

/** The name of a lane; tasks are indented by depth, up to a few levels. */
function labelOf(lane: Lane, { lanes }: Timeline, style: Style): string {
  const [span] = lane.spans;
  if (lane.kind !== "task" || span === undefined) return style.text(laneText(lane, isOfManyNodes(lanes)));
  const glyph = style.stateGlyph(span.task.state ?? "");
  return `${" ".repeat(Math.min(span.depth, 12))}${glyph} ${style.text(taskWords(span))}`;
}

/** Names the type only if it differs from the parent's; the same for the node. */
function taskWords(span: Span): string {
  const { task, node, parent } = span;
  const words = spanText(parent?.task.type === task.type ? { ...span, task: { ...task, type: "" } } : span);
  return node === undefined || node === parent?.node ? words : `${words} on ${node}`;
}

interface Layout {
  readonly labelCells: number;
  readonly barCells: number;
  readonly numbers: readonly { readonly title: string; readonly cells: number; text(lane: Lane): string }[];
}

function layoutOf(
  rows: readonly { readonly lane: Lane; readonly label: string }[],
  { root, kind }: Timeline,
  { columns }: ViewOptions,
): Layout {
  const totalMs = root?.time === undefined ? 0 : root.time.to - root.time.from;
  const textOf = {
    busy: laneTookText,
    share: ({ criticalMs }: Lane) => (criticalMs === 0 ? "" : `${percentOf(criticalMs, totalMs)}%`),
  };
  let label = 0;
  const widths = { busy: 0, share: 0 };
  for (const { lane, label: text } of rows) {
    label = Math.max(label, Math.min(cellWidth(text), WIDEST_LABEL));
    widths.busy = Math.max(widths.busy, textOf.busy(lane).length);
    widths.share = Math.max(widths.share, textOf.share(lane).length);
  }
  const all = (["busy", "share"] as const).filter((name) => widths[name] > 0);
  for (const names of [all, all.slice(1), []]) {
    const numbers = names.map((name) => ({ title: name, cells: widths[name], text: textOf[name] }));
    const taken = numbers.reduce((sum, { cells }) => sum + GAP.length + cells, GAP.length);
    const labelCells = Math.min(
      label,
      Math.max(8, Math.floor((columns - taken) * LABEL_SHARE[kind === "task" ? 1 : 0])),
    );
    const barCells = columns - taken - labelCells;
    if (barCells >= LEAST_BAR || names.length === 0) return { labelCells, barCells: Math.max(1, barCells), numbers };
  }
  throw new Error("unreachable: the last layout has no numbers");
}

/** The times above the bars, each above its mark. */
function* axis(range: Interval, { labelCells, barCells }: Layout, style: Style): Generator<string> {
  const margin = " ".repeat(labelCells + GAP.length);
  const { axis: rule, tick } = style.glyphs.timeline;
  let times = "";
  const marks = Array.from({ length: barCells }, () => rule);
  for (const { ms, text } of timeTicks(range, Math.floor(barCells / TICK_CELLS))) {
    const cell = cellAt(ms, range, barCells);
    // No time may be cut off at the end, or overlap another.
    if (cell + text.length > barCells || (times !== "" && cell < times.length + 1)) continue;
    times = times.padEnd(cell) + text;
    marks[cell] = tick;
  }
  yield (margin + times).trimEnd();
  yield margin + style.paint("quiet", marks.join(""));
}

function cellAt(ms: number, { from, to }: Interval, cells: number): number {
  if (to <= from) return 0;
  return Math.min(cells - 1, Math.floor(((ms - from) * cells) / (to - from)));
}

/** The cells of a lane, each with the most important thing in it. Everything gets at least one cell, however short it was. */
function cellsOf(lane: Lane, range: Interval, count: number): Cell[] {
  const levels = new Uint8Array(count);
  const paint = (intervals: readonly Interval[], cell: Cell) => {
    const level = CELLS.indexOf(cell);
    for (const { from, to } of intervals) {
      const first = cellAt(from, range, count);
      // The end is exclusive: what ends where a cell begins is not in that cell.
      const last = Math.max(first, to > from ? cellAt(to - 1, range, count) : first);
      for (let index = first; index <= last; index++) levels[index] = Math.max(levels[index] as number, level);
    }
  };
  paint(lane.open, "open");
  paint(lane.busy, "busy");
  paint(lane.critical, "critical");
  for (const span of lane.spans) {
    if (span.time === undefined) continue;
    const { to, end } = span.time;
    const isEnd = { from: Math.max(span.time.from, to - 1), to };
    if (isFailed(span)) paint([isEnd], "failed");
    else if (end === "running") paint([isEnd], "running");
  }
  return Array.from(levels, (level) => CELLS[level] as Cell);
}

function glyphOf(cell: Cell, { glyphs }: Style): string {
  if (cell === "failed" || cell === "running") return glyphs.states[cell] ?? glyphs.otherState;
  return glyphs.timeline[cell];
}

/** Colours runs of equal cells together. */
function painted(cells: readonly Cell[], style: Style): string {
  let text = "";
  for (let start = 0, end = 0; start < cells.length; start = end) {
    const cell = cells[start] as Cell;
    while (end < cells.length && cells[end] === cell) end++;
    const run = glyphOf(cell, style).repeat(end - start);
    text += cell === "nothing" ? run : style.paint(ROLES[cell], run);
  }
  return text;
}
