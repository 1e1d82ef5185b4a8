import { namedPositional, readTaskId } from "../cli/positionals.js";
import type { Registry, Run } from "../cli/registry.js";
import { addTaskWatchOptions, loadWatch, readWatch, watchNeeds } from "../cli/watch-options.js";
import { STATUS_FIELD_NAMES } from "../client/wire.js";
import { taskStatus } from "../format/reports/task-reports.js";
import { ENTITY_NODE, withEntityNode } from "../nodes/fields-on-request.js";
import { resolveId } from "../nodes/resolve-ids.js";
import type { WatchOptions } from "../watch/watch.js";

export function register(registry: Registry): void {
  const command = registry
    .command("status")
    .description(
      "Show the status of a task. Servers before 2025.1 forget a finished task once its status has been read; " +
        "to keep it, use `tasks wait <id> --timeout 1`.",
    )
    .usage("[options] <id>")
    .argument("[id]", "task id, or its first characters; - reads it from stdin")
    .addOption(namedPositional("id"));
  addTaskWatchOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  tasks status 5e1f4b0c-8a1d-4c1e-9d43-1b2a3c4d5e6f
  tasks status --watch --exit-status -- "$id" && echo done
  tasks status --json -- "$id" | jq .state`,
    )
    .action(
      registry.action(
        runStatus,
        (parsed, [id]) => ({ id: readTaskId(id, parsed), watch: readWatch(parsed) }),
        watchNeeds,
      ),
    );
}

interface StatusRunOptions {
  readonly id: string;
  readonly watch: WatchOptions | undefined;
}

const runStatus: Run<StatusRunOptions> = async (runtime, nodes, { id: word, watch: options, output }) => {
  // On an older server the question unregisters the task: nothing may go wrong once it was asked.
  await output.checkFields([...nodes.nodeFields, ...STATUS_FIELD_NAMES, ENTITY_NODE]);
  const id = await resolveId(runtime, nodes, word);
  if (options !== undefined) {
    let state = "";
    const look = async () => {
      const status = await withEntityNode(await nodes.look(id), nodes, output);
      state = status.state ?? "";
      return taskStatus(status, nodes.nodeFields, [ENTITY_NODE]);
    };
    return await (await loadWatch()).watch(runtime, nodes, output, options, { look, state: () => state });
  }
  const status = await withEntityNode(await nodes.status(id), nodes, output);
  await output.print(taskStatus(status, nodes.nodeFields, [ENTITY_NODE]));
  return undefined;
};
