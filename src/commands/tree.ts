import { addFilterOptions, readFilter, warnOfUnjudged } from "../cli/filter-options.js";
import { namedPositional, onlyOne, wholeNumber } from "../cli/option-values.js";
import { addRowOptions } from "../cli/output-options.js";
import { partialOutcome } from "../cli/partial.js";
import type { GlobalOptions, Registry, Run } from "../cli/registry.js";
import { HttpStatusError } from "../client/errors.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStatus } from "../client/wire.js";
import type { ExitCode } from "../exit-codes.js";
import { limitDepth } from "../format/reports/limited-depth.js";
import { ofNodes } from "../format/reports/report.js";
import { taskTree } from "../format/reports/task-reports.js";
import type { Cluster } from "../nodes/cluster.js";
import { clusterTree, clusterTrees, listClusterTasks, type Placed } from "../nodes/cluster-tasks.js";
import { TOPOLOGY_FIELDS, withTopology } from "../nodes/topology.js";
import type { Runtime } from "../runtime/runtime.js";
import { type FilterOptions, type TaskFilter, taskFilter, type Unjudged } from "../tasks/filter.js";
import { UsageError } from "../usage-error.js";

export interface TreeRunOptions {
  /** Without it, every task of every module. */
  readonly id: string | undefined;
  readonly filter: FilterOptions | undefined;
  /** Levels below the roots to show; all where absent. */
  readonly depth: number | undefined;
}

export function registerTree(registry: Registry): void {
  const command = registry
    .command("tree")
    .description(
      "Show the statuses of a task and of its descendants on this node, or of all tasks of all modules and theirs.\n" +
        "Finished children of finished children show only where they lead to a failure: the server keeps no others.\n" +
        "Without an id, --state and its like choose the tasks at the roots; their descendants come with them.",
    )
    .argument("[id]", "the task at the root; without it, every task of every module")
    .addOption(namedPositional("id"))
    .option("--depth <levels>", "only so many levels below the root", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--nested", "with --json: children within their parents");
  addRowOptions(addFilterOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  tasks tree 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks tree --state running --fields id,parent_id,state,progress_percent
  tasks tree --depth 1 --state running
  tasks tree --json | jq 'group_by(.state)'
  tasks tree --json --nested $id`,
    )
    .action(
      registry.action(runTree, (parsed, [argument]) => {
        const id = onlyOne("id", argument, parsed.id);
        const filter = readFilter(parsed);
        if (id !== undefined && filter !== undefined) {
          throw new UsageError("give either an id or what to look for (--state, --type and the like), not both");
        }
        return { id, filter, depth: parsed.depth };
      }),
    );
}

export const runTree: Run<TreeRunOptions> = async (runtime, client, options) => {
  const { id, filter, depth, output, cluster } = options;
  if (cluster !== undefined) return await runTreeOfNodes(runtime, client, cluster, options);
  const signal = runtime.interrupt;
  if (id !== undefined) {
    await output.print(taskTree(limitDepth(client.streamTaskStatusRecursive(id, { signal }), depth), [], [], depth));
    return undefined;
  }
  const unjudged: Unjudged = { count: 0 };
  const matches = filter === undefined ? undefined : taskFilter(filter, runtime.clock.now());
  const trees = everyTree(client, matches, unjudged, signal);
  await output.print(taskTree(limitDepth(trees, depth), [], [], depth));
  await warnOfUnjudged(runtime, unjudged);
  return undefined;
};

async function runTreeOfNodes(
  runtime: Runtime,
  client: TaskManagerClient,
  cluster: Cluster,
  { id, filter, depth, output }: TreeRunOptions & GlobalOptions,
): Promise<ExitCode> {
  const matches = filter === undefined ? undefined : taskFilter(filter, runtime.clock.now());
  const unjudged: Unjudged = { count: 0 };
  const trees = id === undefined ? everyTreeOfNodes(client, cluster, matches, unjudged) : oneTree(cluster, id);
  const rows = limitDepth(withTopology(trees, client, cluster, output), depth);
  const report = taskTree(rows, ["node"], TOPOLOGY_FIELDS, depth);
  await output.print(ofNodes(report, "tasks", cluster));
  await warnOfUnjudged(runtime, unjudged);
  return await partialOutcome(runtime, cluster);
}

async function* oneTree(cluster: Cluster, id: string) {
  yield await clusterTree(cluster, id);
}

/** As {@link everyTree}, over all nodes. */
async function* everyTreeOfNodes(
  client: TaskManagerClient,
  cluster: Cluster,
  filter: TaskFilter | undefined,
  unjudged: Unjudged,
): AsyncGenerator<(TaskStatus & Placed)[]> {
  for (const module of await client.listModules(cluster.call)) {
    for await (const listed of listClusterTasks(cluster, module, {})) {
      const verdicts = new Map(listed.map((stats) => [stats.task_id, filter?.(stats) ?? "yes"]));
      const candidates = listed.filter(({ task_id }) => verdicts.get(task_id) !== "no");
      for await (const tree of clusterTrees(cluster, candidates)) {
        if (isWanted(verdicts.get(tree[0]?.id), tree[0], filter, unjudged)) yield tree;
      }
    }
  }
}

/** The trees of all tasks of all modules whose roots pass, one request after the other as nodetool sends them. */
async function* everyTree(
  client: TaskManagerClient,
  filter: TaskFilter | undefined,
  unjudged: Unjudged,
  signal: AbortSignal,
): AsyncGenerator<TaskStatus[]> {
  for (const module of await client.listModules({ signal })) {
    for (const stats of await client.listModuleTasks(module, { signal })) {
      const verdict = filter?.(stats) ?? "yes";
      if (stats.task_id === undefined || verdict === "no") continue;
      const tree = await treeIfKept(client, stats.task_id, signal);
      if (isWanted(verdict, tree[0], filter, unjudged)) yield tree;
    }
  }
}

/** What a list could not say, because older servers leave it out there, the status of the root may. */
function isWanted(
  listed: ReturnType<TaskFilter> | undefined,
  root: TaskStatus | undefined,
  filter: TaskFilter | undefined,
  unjudged: Unjudged,
): boolean {
  const verdict = listed === "unknown" && root !== undefined ? (filter?.(root) ?? "yes") : (listed ?? "yes");
  if (verdict === "unknown") unjudged.count++;
  return verdict === "yes";
}

async function treeIfKept(client: TaskManagerClient, id: string, signal: AbortSignal): Promise<TaskStatus[]> {
  try {
    return await client.taskStatusRecursive(id, { signal });
  } catch (error) {
    // It ended and was unregistered since the list was made (rest-api: 400).
    if (error instanceof HttpStatusError && error.status === 400) return [];
    throw error;
  }
}
