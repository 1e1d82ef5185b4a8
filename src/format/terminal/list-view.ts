import type { TaskStats } from "../../client/wire.js";
import { compare } from "../../strings/compare.js";
import { EPOCH } from "../../vocabulary.js";
import { percentText } from "../text/progress-text.js";
import { agoText, durationText, entityText } from "../text/task-words.js";
import type { FitStep } from "./fit-columns.js";
import type { ViewOptions } from "./view-options.js";
import { type ViewColumn, viewTable } from "./view-table.js";

/** The steps that make a list fit, in this order (docs/output.md). The id is never shortened. */
const LIST_STEPS: readonly FitStep[] = [
  { column: "seq" },
  { column: "kind" },
  { column: "entity", shortenTo: 12 },
  { column: "shard" },
  { column: "entity" },
  { column: "scope" },
  { column: "type", shortenTo: 18 },
  { column: "progress" },
  { column: "started" },
  { column: "duration" },
  { column: "type", shortenTo: 12 },
  { column: "table", shortenTo: 10 },
  { column: "keyspace", shortenTo: 10 },
  { column: "module", shortenTo: 10 },
  { column: "state", shortenTo: 1, isAtOnce: true },
  { column: "table" },
  { column: "module" },
  { column: "type", shortenTo: 6 },
  { column: "keyspace" },
  { column: "node" },
  { column: "type" },
  { column: "state" },
];

/** The table of `list` on a terminal. */
export function* listView(rows: readonly TaskStats[], options: ViewOptions): Generator<string> {
  const changes = changesSince(rows, options);
  if (rows.length === 0) {
    yield `${options.style.paint("quiet", "no tasks")}\n`;
    return;
  }
  const ordered = options.isSorted ? rows : inStableOrder(rows);
  yield* viewTable(listColumns(options, changes), ordered, LIST_STEPS, options);
}

function listColumns({ style, nowMs, wide }: ViewOptions, changes: Changes | undefined): ViewColumn<TaskStats>[] {
  const field = (name: string, key = name): ViewColumn<TaskStats> => ({
    name,
    text: (row) => style.text(wordOf(row[key])),
  });
  const state: ViewColumn<TaskStats> = {
    name: "state",
    text: ({ state: word = "" }) => (word === "" ? "" : `${style.stateGlyph(word)} ${style.text(word)}`),
    shorten: ({ state: word = "" }) => style.stateGlyph(word),
    paint: ({ state: word = "" }, cell) => style.paint(`state:${word}`, cell),
  };
  const columns = [
    field("node"),
    field("module"),
    field("task_id"),
    state,
    field("type"),
    field("scope"),
    field("keyspace"),
    field("table"),
    { name: "entity", text: (row: TaskStats) => style.text(entityText(row)) },
    { ...field("shard"), alignRight: true },
    field("kind"),
    { ...field("seq", "sequence_number"), alignRight: true },
    { name: "started", text: (row: TaskStats) => agoText(row.start_time, nowMs), alignRight: true },
    { name: "progress", text: percentText, alignRight: true },
    { name: "duration", text: (row: TaskStats) => durationText(row, nowMs), alignRight: true },
    ...(wide ? [field("start_time"), field("end_time")] : []),
  ];
  if (changes === undefined) return columns;
  const mark: ViewColumn<TaskStats> = {
    name: " ",
    text: (row) => changes.markOf(row) || " ",
    paint: (row, cell) => (changes.markOf(row) === "" ? cell : style.paint("mark", cell)),
  };
  return [mark, ...columns];
}

/** rest-api: an absent value is unknown, and an epoch time means "not yet": both are empty cells. */
function wordOf(value: unknown): string {
  if (value === undefined || value === null || value === EPOCH) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * rest-api: lists have no particular order, so a view that refreshes sorts its rows. Nodes and modules stay in the order in which
 * they were queried; within these, the oldest task comes first, and tasks of the same tree stay together.
 */
function inStableOrder(rows: readonly TaskStats[]): TaskStats[] {
  const groups = new Map<string, number>();
  const keyed = rows.map((row) => {
    const name = JSON.stringify([row.node, row.module]);
    const group = groups.get(name) ?? groups.size;
    groups.set(name, group);
    return { row, group };
  });
  keyed.sort(
    (a, b) =>
      a.group - b.group ||
      (a.row.sequence_number ?? 0) - (b.row.sequence_number ?? 0) ||
      compare(a.row.start_time ?? "", b.row.start_time ?? "") ||
      compare(a.row.task_id ?? "", b.row.task_id ?? ""),
  );
  return keyed.map(({ row }) => row);
}

/** Differences to the list that was shown before. */
interface Changes {
  /** `+` for a new task, `*` for one whose state changed, otherwise empty. */
  markOf(row: TaskStats): string;
}

/** Compares rows with what the terminal showed before, and remembers what it shows now. */
function changesSince(rows: readonly TaskStats[], { memory }: ViewOptions): Changes | undefined {
  if (memory === undefined) return undefined;
  const before = memory.states;
  memory.states = new Map(rows.map(({ task_id = "", state = "" }) => [task_id, state]));
  if (before === undefined) return { markOf: () => "" };
  return {
    markOf({ task_id = "", state = "" }) {
      const known = before.get(task_id);
      return known === undefined ? "+" : known === state ? "" : "*";
    },
  };
}
