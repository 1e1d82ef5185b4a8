import { Option } from "commander";
import { taskList } from "../format/task-reports.js";
import { required, wholeNumber } from "./arguments.js";
import type { Registry, Run } from "./registry.js";

export interface ListRunOptions {
  readonly module: string;
  readonly internal: boolean;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  readonly intervalSeconds: number;
  readonly iterations: number;
}

const MAX_INT32 = 2_147_483_647;

export function registerList(registry: Registry): void {
  registry
    .command("list")
    .summary("list the tasks of a module")
    .description("List the tasks of a module. Tasks that are parts of other tasks show with --internal only.")
    .argument("[module]", "a name that `tasks modules` prints")
    .addOption(new Option("--module <module>").hideHelp())
    .option("--internal", "show internal tasks too: parts of other tasks, and what the server started by itself")
    .option("--keyspace <keyspace>", "only tasks that work on this keyspace (also -ks)")
    .option("-t, --table <table>", "only tasks that work on this table (also -cf, --column-family)")
    .option("--interval <seconds>", "time between repetitions", wholeNumber(0, MAX_INT32, "seconds"), 10)
    .option("-i, --iterations <count>", "how often to repeat the list", wholeNumber(0, MAX_INT32), 0)
    .addHelpText(
      "after",
      `
Examples:
  tasks list compaction
  tasks list repair --keyspace shop --table orders
  tasks list compaction --internal --json | jq -r '.[].task_id'
  tasks list compaction --interval 5 --iterations 12`,
    )
    .action(
      registry.action(runList, (parsed, [module]) => ({
        module: required("module", module ?? parsed.module),
        internal: parsed.internal === true,
        keyspace: parsed.keyspace,
        table: parsed.table,
        intervalSeconds: parsed.interval,
        iterations: parsed.iterations,
      })),
    );
}

export const runList: Run<ListRunOptions> = async (context, client, options) => {
  const { module, internal, keyspace, table, intervalSeconds, iterations, output } = options;
  const signal = context.interrupt;
  for (let repetition = 0; repetition <= iterations; repetition++) {
    if (repetition > 0) {
      await context.clock.sleep(intervalSeconds * 1000, signal);
      await output.separate();
    }
    await output.print(taskList(client.streamModuleTasks(module, { internal, keyspace, table, signal })));
  }
  return undefined;
};
