import type { Output } from "../runtime/output.js";
import type { ListedTask, LocatedStats, Nodes } from "./nodes.js";

/** What the status of a task says of its progress, and its row in a list does not. */
export const PROGRESS_FIELDS = ["progress_completed", "progress_total", "progress_units"] as const;

/** What is computed of these. */
const ASKED_FOR = [...PROGRESS_FIELDS, "progress", "progress_percent", "eta_seconds"];

/** A terminal with fewer cells in a line has no room for progress beside the rest. */
const WIDE_COLUMNS = 120;
/** Tasks that are looked at where nobody asked for their progress: as many as a large screen shows. */
const MOST_UNASKED = 100;

interface RowSource {
  /** Without it, a row says its module. */
  readonly module: string | undefined;
  readonly internal: boolean;
}

/**
 * Rows with their progress, where the user asked for it, and on a wide terminal those that run. It takes a request for each task; a task
 * that cannot be looked at has none.
 */
export async function* withProgress(
  batches: AsyncIterable<LocatedStats[]>,
  nodes: Nodes,
  output: Output,
  source: RowSource,
): AsyncGenerator<LocatedStats[]> {
  const isAsked = output.namesAny(ASKED_FOR);
  const isShown = !source.internal && (output.viewColumns ?? 0) >= WIDE_COLUMNS;
  if (!isAsked && !isShown) {
    yield* batches;
    return;
  }
  let left = isAsked ? Number.POSITIVE_INFINITY : MOST_UNASKED;
  for await (const batch of batches) {
    const wanted = batch.filter((row) => {
      const isWanted = row.task_id !== undefined && (isAsked || row.state === "running") && left > 0;
      if (isWanted) left--;
      return isWanted;
    }) as ListedTask[];
    const looked = await progressOf(wanted, nodes, source.module);
    yield wanted.length === 0 ? batch : batch.map((row) => ({ ...row, ...looked.get(row) }));
  }
}

type RowProgress = Partial<Record<(typeof PROGRESS_FIELDS)[number], unknown>> & { start_time?: string };

async function progressOf(
  tasks: readonly ListedTask[],
  nodes: Nodes,
  module: string | undefined,
): Promise<ReadonlyMap<LocatedStats, RowProgress>> {
  const byModule = new Map<string, ListedTask[]>();
  for (const task of tasks) {
    const name = module ?? String(task.module);
    const some = byModule.get(name);
    if (some === undefined) byModule.set(name, [task]);
    else some.push(task);
  }
  const found = new Map<LocatedStats, RowProgress>();
  for (const [name, some] of byModule) {
    const statuses = await nodes.lookAt(some, name);
    for (const [index, task] of some.entries()) {
      const status = statuses[index];
      if (status === undefined || status === "gone") continue;
      const progress: RowProgress = {};
      for (const field of PROGRESS_FIELDS) if (status[field] !== undefined) progress[field] = status[field];
      // Servers before 2025.2 list no times, and what is left to do is computed from the start.
      if (task.start_time === undefined && status.start_time !== undefined) progress.start_time = status.start_time;
      found.set(task, progress);
    }
  }
  return found;
}
