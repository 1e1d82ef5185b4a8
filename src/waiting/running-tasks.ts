import type { ListedTask, Nodes } from "../nodes/nodes.js";
import { matchesGlob } from "../strings/glob.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** Which unfinished tasks count as running. */
export interface RunningTaskFilter {
  /** Default: those of {@link HARMED_MODULES} that the server has. */
  readonly modules: readonly string[] | undefined;
  /** Patterns; default: every type of the modules. */
  readonly types: readonly string[] | undefined;
}

/** A task that runs, or has not started yet. */
export type RunningTask = ListedTask & { readonly module: string };

/**
 * Tasks that restarting a node would harm: node operations, repairs, tablet migrations, restores, backups; per module,
 * the types that it would not harm. A migration from vnodes to tablets runs for days and includes restarts, so it does
 * not count (semantics 28).
 */
const HARMED_MODULES: ReadonlyMap<string, readonly string[]> = new Map([
  ["node_ops", []],
  ["repair", []],
  ["tablets", ["split", "merge"]],
  ["global_topology_requests", []],
  ["sstables_loader", []],
  ["snapshot", []],
]);

/** Modules that any of the nodes has: during an upgrade, newer nodes have more. */
async function harmedModules(nodes: Nodes): Promise<string[]> {
  const known = new Set<string>();
  for await (const { value } of nodes.each((client, call) => client.listModules(call))) {
    for (const module of value) if (HARMED_MODULES.has(module)) known.add(module);
  }
  return [...known];
}

/** The running tasks; a task counts as running unless the server says that it has ended. */
export async function runningTasks(nodes: Nodes, { modules, types }: RunningTaskFilter): Promise<RunningTask[]> {
  const checked = modules ?? (await harmedModules(nodes));
  const running: RunningTask[] = [];
  for (const module of checked) {
    const harmless = modules === undefined && types === undefined ? (HARMED_MODULES.get(module) ?? []) : [];
    for await (const batch of nodes.tasks({ module })) {
      for (const { task_id, ...task } of batch) {
        const { type = "", state = "" } = task;
        if (task_id === undefined || FINISHED_STATES.has(state) || harmless.includes(type)) continue;
        if (types !== undefined && !types.some((pattern) => matchesGlob(pattern, type))) continue;
        running.push({ ...task, task_id, module });
      }
    }
  }
  return running;
}
