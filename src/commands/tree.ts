import { addFilterOptions, readFilter } from "../cli/filter-options.js";
import { wholeNumber } from "../cli/option-values.js";
import { addRowOptions } from "../cli/output-options.js";
import { namedPositional, onlyOne } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addTaskWatchOptions, loadWatch, readWatch, watchNeeds } from "../cli/watch-options.js";
import { batch, ofNodes } from "../format/reports/report.js";
import { taskTree, taskTrees } from "../format/reports/task-reports.js";
import { fieldsOnRequest, withFieldsOnRequest } from "../nodes/fields-on-request.js";
import type { LocatedStatus } from "../nodes/nodes.js";
import { resolveId } from "../nodes/resolve-ids.js";
import { type FilterOptions, taskFilter } from "../tasks/filter.js";
import { inStableOrder } from "../tasks/stable-order.js";
import { checkedId } from "../tasks/task-id.js";
import { UsageError } from "../usage-error.js";
import { treesInPlace } from "../watch/trees-in-place.js";
import type { WatchOptions } from "../watch/watch.js";

interface TreeRunOptions {
  /** Without it, every task of every module. */
  readonly id: string | undefined;
  readonly filter: FilterOptions | undefined;
  /** Levels below the roots to show; all where absent. */
  readonly depth: number | undefined;
  readonly watch: WatchOptions | undefined;
}

export function register(registry: Registry): void {
  const command = registry
    .command("tree")
    .description(
      "Show a task and its descendants, or all tasks and theirs.\n" +
        "The server forgets finished children, except those that led to a failure.\n" +
        "Without an id, filters such as --state select the root tasks.",
    )
    .argument("[id]", "id of the root task, or its first characters; - reads it from stdin (default: all tasks)")
    .addOption(namedPositional("id"))
    .option("--depth <levels>", "show this many levels below the root", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--nested", "with --json: nest children inside their parents");
  addRowOptions(addFilterOptions(addTaskWatchOptions(command)))
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
      registry.action(
        runTree,
        (parsed, [argument]) => {
          const named = onlyOne("id", argument, parsed.id);
          const id = named === undefined ? undefined : checkedId(named);
          const filter = readFilter(parsed);
          if (id !== undefined && filter !== undefined) {
            throw new UsageError("give either an id or a filter (--state, --type and others), not both");
          }
          const watching = readWatch(parsed);
          if (watching?.exitStatus === true && id === undefined) {
            throw new UsageError("option '--exit-status' needs an id");
          }
          return { id, filter, depth: parsed.depth, watch: watching };
        },
        watchNeeds,
      ),
    );
}

const runTree: Run<TreeRunOptions> = async (runtime, nodes, options) => {
  const { filter, depth, output } = options;
  const id = options.id === undefined ? undefined : await resolveId(runtime, nodes, options.id);
  const reportOf = (trees: AsyncIterable<LocatedStatus[]>) => {
    const rows = withFieldsOnRequest(trees, nodes, output);
    const report = (id === undefined ? taskTrees : taskTree)(rows, nodes.nodeFields, fieldsOnRequest(nodes), depth);
    return ofNodes(report, "tasks", nodes);
  };
  const matches = () => (filter === undefined ? undefined : taskFilter(filter, runtime.clock.now()));
  if (options.watch === undefined) {
    await output.print(reportOf(id === undefined ? nodes.trees(matches()) : nodes.tree(id)));
    return undefined;
  }
  if (id === undefined) {
    const { watch } = await loadWatch();
    const look = async () => reportOf(treesInPlace(nodes, matches()));
    return await watch(runtime, nodes, output, options.watch, { look });
  }
  let state = "";
  const look = async () => {
    const tree = inStableOrder(await nodes.lookAtTree(id, { isRepeated: true }));
    state = tree[0]?.state ?? "";
    return reportOf(batch(tree) as AsyncGenerator<LocatedStatus[]>);
  };
  return await (await loadWatch()).watch(runtime, nodes, output, options.watch, { look, state: () => state });
};
