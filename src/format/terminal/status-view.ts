import { parentOf, STATUS_FIELD_NAMES, type TaskStatus } from "../../client/wire.js";
import { EPOCH } from "../../vocabulary.js";
import { percentText, progressBar } from "../text/progress-bar.js";
import { agoText, amountText, durationText, errorLines } from "../text/task-words.js";
import { type Entry, entry, type Group, labelledGroups } from "./labelled-groups.js";
import type { Screen } from "./screen.js";

const BAR_CELLS = 20;
/** Fields that have their place in a group; whatever else the server sent comes last. */
const PLACED = new Set(["node", ...STATUS_FIELD_NAMES]);

/** The status of one task on a terminal, in groups; what is empty is left out. */
export function statusView(status: TaskStatus, screen: Screen): string {
  return labelledGroups(groupsOf(status, screen), screen);
}

function groupsOf(status: TaskStatus, screen: Screen): Group[] {
  return [
    { title: "What", entries: whatOf(status, screen) },
    { title: "When", entries: whenOf(status, screen) },
    { title: "Progress", entries: progressOf(status, screen) },
    { title: "Error", entries: errorOf(status, screen) },
    { title: "Children", entries: childrenOf(status, screen) },
    { title: "Other", entries: otherOf(status, screen) },
  ];
}

function whatOf(status: TaskStatus, screen: Screen): Entry[] {
  const { style } = screen;
  const { state = "" } = status;
  const stateEntry: Entry = {
    name: "state",
    lines: [`${style.stateGlyph(state)} ${style.text(state)}`],
    paint: (line) => style.paint(`state:${state}`, line),
  };
  return [
    ...entry(screen, "id", status.id),
    ...(state === "" ? [] : [stateEntry]),
    ...entry(screen, "type", status.type),
    ...entry(screen, "scope", status.scope),
    ...entry(screen, "kind", status.kind),
    ...entry(screen, "node", status.node),
    ...entry(screen, "keyspace", status.keyspace),
    ...entry(screen, "table", status.table),
    ...entry(screen, "entity", status.entity),
    ...entry(screen, "shard", status.shard),
    ...entry(screen, "sequence_number", status.sequence_number),
    ...entry(screen, "is_abortable", status.is_abortable),
    ...entry(screen, "parent_id", parentOf(status)),
  ];
}

function whenOf(status: TaskStatus, screen: Screen): Entry[] {
  const time = (name: "start_time" | "end_time") => {
    const value = status[name];
    if (value === undefined || value === "" || value === EPOCH) return [];
    const ago = agoText(value, screen.nowMs);
    return entry(screen, name, ago === "" ? value : `${value} (${ago})`);
  };
  return [...time("start_time"), ...time("end_time"), ...entry(screen, "duration", durationText(status, screen.nowMs))];
}

function progressOf(status: TaskStatus, screen: Screen): Entry[] {
  const { progress_completed: completed, progress_total: total, progress_units: units = "" } = status;
  if (completed === undefined || total === undefined) return [];
  // semantics 7: 0 of 0 says that nothing is known, not that nothing is left.
  if (completed === 0 && total === 0) return entry(screen, "completed", "unknown");
  const exact = `${completed}/${total}${units === "" ? "" : ` ${units}`}`;
  const amount = amountText(completed, total, units);
  const bar: Entry = {
    name: "completed",
    lines: [`${progressBar(completed, total, BAR_CELLS, screen.style)} ${percentText(completed, total)}`.trimEnd()],
    paint: (line) => screen.style.paint("bar", line),
  };
  return [
    ...(total > 0 ? [bar] : []),
    ...entry(screen, "amount", amount),
    ...(amount === exact ? [] : entry(screen, "exact", exact)),
  ];
}

function errorOf({ error = "" }: TaskStatus, { style }: Screen): Entry[] {
  if (error === "") return [];
  return [
    {
      name: "error",
      lines: errorLines(error, style),
      paint: (line) => style.paint("error", line),
    },
  ];
}

/** How many children are listed: a cluster task may have one on each of a thousand nodes. */
const MOST_CHILDREN = 20;

function childrenOf({ children_ids: children }: TaskStatus, { style, wide }: Screen): Entry[] {
  if (children === undefined || children === null || children.length === 0) return [];
  const shown = wide ? children : children.slice(0, MOST_CHILDREN);
  const lines = shown.map(({ task_id, node }) => style.text(node === "" ? task_id : `${task_id} ${node}`));
  if (shown.length < children.length)
    lines.push(`${style.glyphs.ellipsis} ${children.length - shown.length} more: --wide`);
  return [{ name: "children_ids", lines }];
}

function otherOf(status: TaskStatus, screen: Screen): Entry[] {
  return Object.entries(status)
    .filter(([name]) => !PLACED.has(name))
    .flatMap(([name, value]) => entry(screen, name, value));
}
