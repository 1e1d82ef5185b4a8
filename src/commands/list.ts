import type { OptionValues } from "commander";
import { addFilterOptions, readFilter } from "../cli/filter-options.js";
import { wholeNumber } from "../cli/option-values.js";
import { addRowOptions } from "../cli/output-options.js";
import { namedPositional, onlyOne, required } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addWatchOption, loadWatch, readWatch, watchNeeds } from "../cli/watch-options.js";
import { EXIT } from "../exit-codes.js";
import { ofNodes } from "../format/reports/report.js";
import { type OriginField, taskList } from "../format/reports/task-reports.js";
import { fieldsOnRequest, withFieldsOnRequest } from "../nodes/fields-on-request.js";
import { Matched } from "../nodes/matched.js";
import type { TaskQuery } from "../nodes/nodes.js";
import { PROGRESS_FIELDS, withProgress } from "../nodes/progress-of-rows.js";
import { type FilterOptions, taskFilter } from "../tasks/filter.js";
import { UsageError } from "../usage-error.js";
import { MODULE_NAMES } from "../vocabulary.js";
import type { WatchOptions } from "../watch/watch.js";

interface ListRunOptions extends Omit<TaskQuery, "filter"> {
  readonly internal: boolean;
  readonly filter: FilterOptions | undefined;
  /** Whether the exit code says that a task matches. */
  readonly exitCode: boolean;
  readonly intervalSeconds: number;
  readonly iterations: number;
  readonly watch: WatchOptions | undefined;
}

const MAX_INT32 = 2_147_483_647;

export function register(registry: Registry): void {
  const command = registry
    .command("list")
    .description("List the tasks of a module. Parts of other tasks are shown only with --internal.")
    .usage("[options] <module> | --all")
    .argument("[module]", "name of the module, see `tasks modules`")
    .addOption(namedPositional("module"))
    .option("-A, --all", "list the tasks of all modules")
    .option("--internal", "also list internal tasks: parts of other tasks, and those that the server starts by itself")
    .option("--keyspace <keyspace>", "only tasks of this keyspace (also -ks)")
    .option("-t, --table <table>", "only tasks of this table (also -cf, --column-family)")
    .option("--exit-code", "exit with 1 if any task matches, else with 0")
    .option("--interval <seconds>", "time between repetitions", wholeNumber(0, MAX_INT32, "seconds"), 10)
    .option(
      "-i, --iterations <count>",
      "repeat the list this many times, in place on a terminal",
      wholeNumber(0, MAX_INT32),
      0,
    );
  addRowOptions(addFilterOptions(addWatchOption(command, "the list")))
    .addHelpText(
      "after",
      `
Examples:
  tasks list compaction
  tasks list repair --keyspace shop --table orders
  tasks list --all --state '!done' --older-than 1h --sort start_time
  tasks list compaction --type '*cleanup*' --fields task_id,state,duration_seconds
  tasks list compaction --state running -o name | xargs -n 1 tasks abort --
  tasks list repair --state running --fields task_id,keyspace,progress,eta_seconds
  tasks list --all --state failed --newer-than 1d --exit-code || echo "look at these"
  tasks list --all --watch
  tasks list compaction --interval 5 --iterations 12`,
    )
    .action(
      registry.action(
        runList,
        (parsed, [module]) => ({
          module: readModule(onlyOne("module", module, parsed.module), parsed.all === true),
          internal: parsed.internal === true,
          keyspace: parsed.keyspace,
          table: parsed.table,
          exitCode: parsed.exitCode === true,
          intervalSeconds: parsed.interval,
          iterations: parsed.iterations,
          filter: readFilter(parsed),
          watch: watchAlone(parsed),
        }),
        watchNeeds,
      ),
    );
}

function watchAlone(parsed: OptionValues): WatchOptions | undefined {
  const watching = readWatch(parsed);
  if (watching === undefined) return undefined;
  if (parsed.iterations > 0) throw new UsageError("give either --watch or --iterations, not both");
  if (parsed.exitCode === true) throw new UsageError("give either --watch or --exit-code, not both");
  return watching;
}

function readModule(module: string | undefined, all: boolean): string | undefined {
  if (!all)
    return required("module", module, `Modules of ScyllaDB: ${MODULE_NAMES.join(", ")}. --all lists the tasks of all.`);
  if (module !== undefined) throw new UsageError("give either a module or --all, not both");
  return undefined;
}

const runList: Run<ListRunOptions> = async (runtime, nodes, options) => {
  const { module, internal, keyspace, table, filter, intervalSeconds, iterations, output } = options;
  const originFields: OriginField[] = [...nodes.nodeFields, ...(module === undefined ? (["module"] as const) : [])];
  let matched: Matched | undefined;
  const look = () => {
    const matches = filter === undefined ? undefined : taskFilter(filter, runtime.clock.now());
    matched = new Matched(nodes.tasks({ module, internal, keyspace, table, filter: matches }));
    const rows = withFieldsOnRequest(withProgress(matched.rows(), nodes, output, { module, internal }), nodes, output);
    const report = taskList(rows, originFields, [...fieldsOnRequest(nodes), ...PROGRESS_FIELDS]);
    return ofNodes(report, "tasks", nodes);
  };
  if (options.watch !== undefined) {
    return await (await loadWatch()).watch(runtime, nodes, output, options.watch, { look: async () => look() });
  }
  for (let repetition = 0; repetition <= iterations; repetition++) {
    if (repetition > 0) {
      await runtime.clock.sleep(intervalSeconds * 1000, runtime.interrupt);
      await output.separate();
      await nodes.startRound();
    }
    const shown = iterations > 0 ? { isLast: repetition === iterations } : undefined;
    await output.print(look(), shown);
  }
  return options.exitCode && (await matched?.any()) === true ? EXIT.matches : undefined;
};
