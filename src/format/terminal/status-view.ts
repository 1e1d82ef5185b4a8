import { parentOf, STATUS_FIELD_NAMES, type TaskStatus } from "../../client/wire.js";
import { EPOCH } from "../../vocabulary.js";
import { percentText, progressBar } from "../text/progress-text.js";
import { agoText, amountText, durationText, entityText, nodeText } from "../text/task-words.js";
import { errorLines } from "./error-lines.js";
import { entry, type Group, type LabelledValue, labelledGroups } from "./labelled-groups.js";
import type { ViewOptions } from "./view-options.js";

const BAR_CELLS = 20;
/** Fields that belong to a group; anything else that the server sent comes last. */
const PLACED = new Set(["node", "entity_node", ...STATUS_FIELD_NAMES]);

/** The statuses of tasks on a terminal, in groups. Empty fields are left out. */
export function* statusView(statuses: readonly TaskStatus[], options: ViewOptions): Generator<string> {
  let separator = "";
  for (const status of statuses) {
    yield separator + labelledGroups(groupsOf(status, options), options);
    separator = "\n";
  }
}

function groupsOf(status: TaskStatus, options: ViewOptions): Group[] {
  return [
    { title: "What", entries: whatOf(status, options) },
    { title: "When", entries: whenOf(status, options) },
    { title: "Progress", entries: progressOf(status, options) },
    { title: "Error", entries: errorOf(status, options) },
    { title: "Children", entries: childrenOf(status, options) },
    { title: "Other", entries: otherOf(status, options) },
  ];
}

function whatOf(status: TaskStatus, options: ViewOptions): LabelledValue[] {
  const { style } = options;
  const { state = "" } = status;
  const stateEntry: LabelledValue = {
    name: "state",
    lines: [`${style.stateGlyph(state)} ${style.text(state)}`],
    paint: (line) => style.paint(`state:${state}`, line),
  };
  return [
    ...entry(options, "id", status.id),
    ...(state === "" ? [] : [stateEntry]),
    ...entry(options, "type", status.type),
    ...entry(options, "scope", status.scope),
    ...entry(options, "kind", status.kind),
    ...entry(options, "node", status.node),
    ...entry(options, "keyspace", status.keyspace),
    ...entry(options, "table", status.table),
    ...entry(options, "entity", entityText(status)),
    ...entry(options, "shard", status.shard),
    ...entry(options, "sequence_number", status.sequence_number),
    ...entry(options, "is_abortable", status.is_abortable),
    ...entry(options, "parent_id", parentOf(status)),
  ];
}

function whenOf(status: TaskStatus, options: ViewOptions): LabelledValue[] {
  const time = (name: "start_time" | "end_time") => {
    const value = status[name];
    if (value === undefined || value === "" || value === EPOCH) return [];
    const ago = agoText(value, options.nowMs);
    return entry(options, name, ago === "" ? value : `${value} (${ago})`);
  };
  return [
    ...time("start_time"),
    ...time("end_time"),
    ...entry(options, "duration", durationText(status, options.nowMs)),
  ];
}

function progressOf(status: TaskStatus, options: ViewOptions): LabelledValue[] {
  const { progress_completed: completed, progress_total: total, progress_units: units = "" } = status;
  if (completed === undefined || total === undefined) return [];
  // semantics 7: 0 of 0 means that nothing is known, not that nothing is left to do.
  if (completed === 0 && total === 0) return entry(options, "completed", "unknown");
  const exact = `${completed}/${total}${units === "" ? "" : ` ${units}`}`;
  const amount = amountText(completed, total, units);
  const bar: LabelledValue = {
    name: "completed",
    lines: [`${progressBar(status, BAR_CELLS, options.style)} ${percentText(status)}`],
    paint: (line) => options.style.paint("bar", line),
  };
  return [
    ...(total > 0 ? [bar] : []),
    ...entry(options, "amount", amount),
    ...(amount === exact ? [] : entry(options, "exact", exact)),
  ];
}

function errorOf({ error = "" }: TaskStatus, { style }: ViewOptions): LabelledValue[] {
  if (error === "") return [];
  return [
    {
      name: "error",
      lines: errorLines(error, style),
      paint: (line) => style.paint("error", line),
    },
  ];
}

/** Maximum of children to list: a cluster task may have one on each of a thousand nodes. */
const MOST_CHILDREN = 20;

function childrenOf({ children_ids: children }: TaskStatus, { style, wide }: ViewOptions): LabelledValue[] {
  if (children === undefined || children === null || children.length === 0) return [];
  const shown = wide ? children : children.slice(0, MOST_CHILDREN);
  const lines = shown.map(({ task_id, node }) => style.text(node === "" ? task_id : `${task_id} ${nodeText(node)}`));
  if (shown.length < children.length)
    lines.push(`${style.glyphs.ellipsis} ${children.length - shown.length} more: --wide`);
  return [{ name: "children_ids", lines }];
}

function otherOf(status: TaskStatus, options: ViewOptions): LabelledValue[] {
  return Object.entries(status)
    .filter(([name]) => !PLACED.has(name))
    .flatMap(([name, value]) => entry(options, name, value));
}
