import { required } from "../cli/positionals.js";
import type { Registry } from "../cli/registry.js";
import { typedOptions } from "../cli/typed-options.js";
import {
  runContextAdd,
  runContextList,
  runContextRemove,
  runContextRename,
  runContextUse,
} from "../config/contexts.js";
import { runContextShow } from "../config/show.js";

export function register(registry: Registry): void {
  const group = registry
    .command("context")
    .usage("[options] <command>")
    .description(
      "Manage contexts: named sets of options in a configuration file, $TASKS_CONFIG or scylla-tasks/config.yaml in " +
        "$XDG_CONFIG_HOME or ~/.config. Options override environment variables, and those override the context.",
    )
    .addHelpText(
      "after",
      `
The file:
  current: production
  contexts:
    production:
      url: https://10.0.0.1:10001
      token-file: /etc/scylla-tasks/token
      node-url: https://%h:10001
    laptop:
      port: 10001

Examples:
  tasks context add production --url https://10.0.0.1:10001 --token-file /etc/scylla-tasks/token
  tasks context list
  tasks context use production
  tasks context show --effective`,
    );
  registry
    .command("list", group)
    .summary("list the contexts")
    .description("List the contexts of the configuration file.")
    .action(registry.localAction(runContextList, (parsed) => ({ chosen: parsed.context })));
  registry
    .command("use", group)
    .summary("switch to a context")
    .usage("[options] <name>")
    .description("Switch to a context.")
    .argument("[name]", "the context")
    .action(registry.localAction(runContextUse, (_parsed, [name]) => ({ name: required("name", name) })));
  registry
    .command("add", group)
    .summary("add a context")
    .usage("[options] <name>")
    .description("Add a context with the options given on this command line.")
    .argument("[name]", "name of the new context")
    .addHelpText(
      "after",
      "\nExamples:\n  tasks context add production --url https://10.0.0.1:10001 --token-file ~/token\n  tasks context add laptop -p 10001",
    )
    .action(
      registry.localAction(runContextAdd, (_parsed, [name]) => ({
        name: required("name", name),
        values: typedOptions(registry.root),
      })),
    );
  registry
    .command("remove", group)
    .summary("remove a context")
    .usage("[options] <name>")
    .description("Remove a context.")
    .argument("[name]", "the context")
    .action(registry.localAction(runContextRemove, (_parsed, [name]) => ({ name: required("name", name) })));
  registry
    .command("rename", group)
    .summary("rename a context")
    .usage("[options] <name> <new-name>")
    .description("Rename a context.")
    .argument("[name]", "the context")
    .argument("[new-name]", "its new name")
    .action(
      registry.localAction(runContextRename, (_parsed, [name, newName]) => ({
        name: required("name", name),
        newName: required("new-name", newName),
      })),
    );
  registry
    .command("show", group)
    .summary("show the options of a context")
    .description("Show the options of a context (default: the current one).")
    .argument("[name]", "the context")
    .option("--effective", "show all effective options and their sources")
    .action(
      registry.localAction(runContextShow, async (parsed, [name]) => {
        if (parsed.effective !== true) return { name: name ?? parsed.context, effective: undefined };
        if (name !== undefined) registry.root.setOptionValueWithSource("context", name, "cli");
        return { name, effective: { root: registry.root, connection: await registry.connectionOptions() } };
      }),
    );
}
