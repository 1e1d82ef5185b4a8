import type { TaskStats } from "../../client/wire.js";
import { agoText, durationText } from "../text/task-words.js";
import type { FitStep } from "./fit-columns.js";
import type { Screen } from "./screen.js";
import { type ScreenColumn, screenTable } from "./screen-table.js";

/** What happens to make a list fit, in this order (docs/output.md). The id is never touched. */
export const LIST_STEPS: readonly FitStep[] = [
  { column: "seq" },
  { column: "kind" },
  { column: "entity", shortenTo: 12 },
  { column: "shard" },
  { column: "entity" },
  { column: "scope" },
  { column: "type", shortenTo: 18 },
  { column: "started" },
  { column: "type", shortenTo: 12 },
  { column: "table", shortenTo: 10 },
  { column: "keyspace", shortenTo: 10 },
  { column: "table" },
  { column: "duration" },
  { column: "module", shortenTo: 10 },
  { column: "keyspace" },
  { column: "module" },
  { column: "state", shortenTo: 1, isAtOnce: true },
  { column: "type", shortenTo: 6 },
  { column: "node" },
  { column: "type" },
  { column: "state" },
];

/** How the rows of a list differ from those of the same list before. */
export interface Changes {
  /** `+` for a task that is new, `*` for one whose state changed, else nothing. */
  markOf(row: TaskStats): string;
}

/** The table of `list` on a terminal. */
export function* listView(rows: readonly TaskStats[], screen: Screen, changes?: Changes): Generator<string> {
  if (rows.length === 0) {
    yield `${screen.style.paint("quiet", "no tasks")}\n`;
    return;
  }
  yield* screenTable(listColumns(screen, changes), rows, LIST_STEPS, screen);
}

function listColumns({ style, nowMs, wide }: Screen, changes: Changes | undefined): ScreenColumn<TaskStats>[] {
  const field = (name: string, key = name): ScreenColumn<TaskStats> => ({
    name,
    text: (row) => style.text(wordOf(row[key])),
  });
  const state: ScreenColumn<TaskStats> = {
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
    field("entity"),
    { ...field("shard"), alignRight: true },
    field("kind"),
    { ...field("seq", "sequence_number"), alignRight: true },
    { name: "started", text: (row: TaskStats) => agoText(row.start_time, nowMs), alignRight: true },
    { name: "duration", text: (row: TaskStats) => durationText(row, nowMs), alignRight: true },
    ...(wide ? [field("start_time"), field("end_time")] : []),
  ];
  if (changes === undefined) return columns;
  const mark: ScreenColumn<TaskStats> = {
    name: " ",
    text: (row) => changes.markOf(row) || " ",
    paint: (row, cell) => (changes.markOf(row) === "" ? cell : style.paint("mark", cell)),
  };
  return [mark, ...columns];
}

/** rest-api: an absent value is unknown, and an epoch time is "not yet": both are empty cells. */
function wordOf(value: unknown): string {
  if (value === undefined || value === null || value === "1970-01-01T00:00:00Z") return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
