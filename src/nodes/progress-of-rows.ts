import type { Output } from "../runtime/output.js";
import type { ListedTask, LocatedStats, Nodes } from "./nodes.js";

/** Progress fields, which a status has and a row does not. */
export const PROGRESS_FIELDS = ["progress_completed", "progress_total", "progress_units"] as const;

/** Fields computed from these. */
const ASKED_FOR = [...PROGRESS_FIELDS, "progress", "progress_percent", "eta_seconds"];

/** A narrower terminal has no room for progress. */
const WIDE_COLUMNS = 120;
/** Tasks whose progress is read without being asked for: as many as fit on a large screen. */
const MOST_UNASKED = 100;

interface RowSource {
  /** Default: each row has its module. */
  readonly module: string | undefined;
  readonly internal: boolean;
}

/**
 * Rows with their progress, if the user asked for it, or for running tasks on a wide terminal. It takes a request for
 * each task; a task whose status cannot be read has none.
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
      // Servers before 2025.2 list no times, and the ETA is computed from the start time.
      if (task.start_time === undefined && status.start_time !== undefined) progress.start_time = status.start_time;
      found.set(task, progress);
    }
  }
  return found;
}
