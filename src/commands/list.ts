import { addFilterOptions, readFilter, warnOfUnjudged } from "../cli/filter-options.js";
import { namedPositional, onlyOne, required, wholeNumber } from "../cli/option-values.js";
import { addRowOptions } from "../cli/output-options.js";
import { partialOutcome } from "../cli/partial.js";
import type { Registry, Run } from "../cli/registry.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { ofNodes } from "../format/reports/report.js";
import { type Place, taskList } from "../format/reports/task-reports.js";
import type { Cluster, NodeFailure } from "../nodes/cluster.js";
import { listClusterTasks, type Placed } from "../nodes/cluster-tasks.js";
import { TOPOLOGY_FIELDS, withTopology } from "../nodes/topology.js";
import { type FilterOptions, filterTasks, taskFilter, type Unjudged } from "../tasks/filter.js";
import { UsageError } from "../usage-error.js";

export interface ListRunOptions {
  /** Without it, all modules. */
  readonly module: string | undefined;
  readonly internal: boolean;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  readonly intervalSeconds: number;
  readonly iterations: number;
  readonly filter: FilterOptions | undefined;
}

const MAX_INT32 = 2_147_483_647;

export function registerList(registry: Registry): void {
  const command = registry
    .command("list")
    .description("List the tasks of a module. Tasks that are parts of other tasks show with --internal only.")
    .argument("[module]", "a name that `tasks modules` prints")
    .addOption(namedPositional("module"))
    .option("-A, --all", "the tasks of all modules, with the module in front")
    .option("--internal", "show internal tasks too: parts of other tasks, and what the server started by itself")
    .option("--keyspace <keyspace>", "only tasks that work on this keyspace (also -ks)")
    .option("-t, --table <table>", "only tasks that work on this table (also -cf, --column-family)")
    .option("--interval <seconds>", "time between repetitions", wholeNumber(0, MAX_INT32, "seconds"), 10)
    .option(
      "-i, --iterations <count>",
      "how often to repeat the list; a terminal shows it in place",
      wholeNumber(0, MAX_INT32),
      0,
    );
  addRowOptions(addFilterOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  tasks list compaction
  tasks list repair --keyspace shop --table orders
  tasks list --all --state '!done' --older-than 1h --sort start_time
  tasks list compaction --type '*cleanup*' --fields task_id,state,duration_seconds
  tasks list compaction --state running -o name | xargs -n 1 tasks abort
  tasks list compaction --interval 5 --iterations 12`,
    )
    .action(
      registry.action(runList, (parsed, [module]) => ({
        module: readModule(onlyOne("module", module, parsed.module), parsed.all === true),
        internal: parsed.internal === true,
        keyspace: parsed.keyspace,
        table: parsed.table,
        intervalSeconds: parsed.interval,
        iterations: parsed.iterations,
        filter: readFilter(parsed),
      })),
    );
}

function readModule(module: string | undefined, all: boolean): string | undefined {
  if (!all) return required("module", module);
  if (module !== undefined) throw new UsageError("give either a module or --all, not both");
  return undefined;
}

export const runList: Run<ListRunOptions> = async (runtime, client, options) => {
  const { module, intervalSeconds, iterations, filter, output, cluster } = options;
  const signal = runtime.interrupt;
  let exitCode: ExitCode = EXIT.success;
  const unsaid = new Map<string, NodeFailure>();
  for (let repetition = 0; repetition <= iterations; repetition++) {
    if (repetition > 0) {
      await runtime.clock.sleep(intervalSeconds * 1000, signal);
      await output.separate();
      cluster?.startAfresh();
    }
    const place = iterations > 0 ? { isLast: repetition === iterations } : undefined;
    const unjudged: Unjudged = { count: 0 };
    const matches = filter === undefined ? undefined : taskFilter(filter, runtime.clock.now());
    const modules: Place[] = module === undefined ? ["module"] : [];
    if (cluster === undefined) {
      const rows = filterTasks(listedTasks(client, options, signal), matches, unjudged);
      await output.print(taskList(rows, modules), place);
    } else {
      const rows = withTopology(clusterTasks(client, cluster, options), client, cluster, output);
      const report = taskList(filterTasks(rows, matches, unjudged), ["node", ...modules], TOPOLOGY_FIELDS);
      await output.print(ofNodes(report, "tasks", cluster), place);
      for (const failure of cluster.failures) unsaid.set(failure.node, failure);
    }
    // A line of stderr between two frames would push the first out of place.
    if (place?.isLast === false && runtime.stdout.isTerminal) continue;
    if ((await partialOutcome(runtime, { failures: [...unsaid.values()] })) !== EXIT.success) exitCode = EXIT.partial;
    unsaid.clear();
    if ((await warnOfUnjudged(runtime, unjudged)) !== EXIT.success) exitCode = EXIT.partial;
  }
  return exitCode;
};

/** The same over all nodes: node after node, a cluster task once. */
async function* clusterTasks(
  client: TaskManagerClient,
  cluster: Cluster,
  { module, internal, keyspace, table }: ListRunOptions,
): AsyncGenerator<(TaskStats & Placed)[]> {
  const call = { internal, keyspace, table };
  if (module !== undefined) {
    yield* listClusterTasks(cluster, module, call);
    return;
  }
  for (const each of await client.listModules(cluster.call)) {
    for await (const batch of listClusterTasks(cluster, each, call)) {
      yield batch.map(({ node, ...stats }) => ({ node, module: each, ...stats }));
    }
  }
}

/** The tasks of the module as they come, or of each module after the other. */
async function* listedTasks(
  client: TaskManagerClient,
  { module, internal, keyspace, table }: ListRunOptions,
  signal: AbortSignal,
): AsyncGenerator<TaskStats[]> {
  const call = { internal, keyspace, table, signal };
  if (module !== undefined) {
    yield* client.streamModuleTasks(module, call);
    return;
  }
  for (const each of await client.listModules({ signal })) {
    for await (const batch of client.streamModuleTasks(each, call)) {
      yield batch.map((stats) => ({ module: each, ...stats }));
    }
  }
}
