import type { TaskStats, TaskStatus } from "../../client/wire.js";
import { type Batches, collectRows, type Pieces } from "../reports/report.js";
import { type Changes, listView } from "./list-view.js";
import type { Screen } from "./screen.js";
import { statusView } from "./status-view.js";
import { treeView } from "./tree-view.js";

export async function* listOnScreen(batches: Batches<TaskStats>, screen: Screen): Pieces {
  let rows: readonly TaskStats[] = await collectRows(batches);
  if (!screen.isSorted) rows = inStableOrder(rows);
  yield* listView(rows, screen, changesSince(rows, screen));
}

export async function* treeOnScreen(batches: Batches<TaskStatus>, screen: Screen, depth?: number): Pieces {
  yield* treeView(await collectRows(batches), screen, depth);
}

export async function* statusesOnScreen(batches: Batches<TaskStatus>, screen: Screen): Pieces {
  let separator = "";
  for await (const batch of batches) {
    for (const status of batch) {
      yield separator + statusView(status, screen);
      separator = "\n";
    }
  }
}

/**
 * rest-api: lists come in no particular order, and a view that refreshes orders its rows itself. Nodes and modules stay in
 * the order in which they were asked; within, the oldest task comes first, those of one tree together.
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
      compareTexts(a.row.start_time ?? "", b.row.start_time ?? "") ||
      compareTexts(a.row.task_id ?? "", b.row.task_id ?? ""),
  );
  return keyed.map(({ row }) => row);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares with what was on the screen before, and remembers what is on it now. */
function changesSince(rows: readonly TaskStats[], { memory }: Screen): Changes | undefined {
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
