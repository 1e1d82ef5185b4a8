import type { ListedTask, Nodes } from "../nodes/nodes.js";
import { matchesGlob } from "../strings/glob.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** Which unfinished tasks count as work that must not be disturbed. */
export interface DisturbedWork {
  /** Without any, those of {@link HARMED_MODULES} that the server has. */
  readonly modules: readonly string[] | undefined;
  /** Patterns; without any, every type of the modules. */
  readonly types: readonly string[] | undefined;
}

/** A task that runs, or waits to run. */
export type RunningTask = ListedTask & { readonly module: string };

/**
 * What a restart of a node would harm: node operations, repairs, moves of tablets, restores, backups; by module the types that it would
 * not. A migration to tablets runs for days, and restarts are a part of it: it is not among them (semantics 28).
 */
const HARMED_MODULES: ReadonlyMap<string, readonly string[]> = new Map([
  ["node_ops", []],
  ["repair", []],
  ["tablets", ["split", "merge"]],
  ["global_topology_requests", []],
  ["sstables_loader", []],
  ["snapshot", []],
]);

/** Those that any of the nodes has: in the midst of an upgrade, the newer ones have more. */
async function harmedModules(nodes: Nodes): Promise<string[]> {
  const known = new Set<string>();
  for await (const { value } of nodes.each((client, call) => client.listModules(call))) {
    for (const module of value) if (HARMED_MODULES.has(module)) known.add(module);
  }
  return [...known];
}

/** The tasks that run now; a task counts as running unless the server says that it has ended. */
export async function runningTasks(nodes: Nodes, { modules, types }: DisturbedWork): Promise<RunningTask[]> {
  const asked = modules ?? (await harmedModules(nodes));
  const running: RunningTask[] = [];
  for (const module of asked) {
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
