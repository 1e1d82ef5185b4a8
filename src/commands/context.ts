import { resolve } from "node:path";
import type { Command } from "commander";
import { required } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { configurableOptions, longName } from "../config/apply.js";
import { loadConfigReader } from "../config/load.js";
import { configFile } from "../config/location.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch } from "../format/reports/report.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";

/** What is shown in place of a secret. */
const MASK = "********";

export function register(registry: Registry): void {
  const group = registry
    .command("context")
    .usage("[options] <command>")
    .description(
      "Manage contexts: named sets of options in a configuration file, $TASKS_CONFIG or scylla-tasks/config.yaml in\n" +
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
    .description("List the contexts of the configuration file.")
    .action(registry.localAction(runContextList, (parsed) => ({ chosen: parsed.context })));
  registry
    .command("use", group)
    .usage("[options] <name>")
    .description("Switch to a context.")
    .argument("[name]", "the context")
    .action(registry.localAction(runContextUse, (_parsed, [name]) => ({ name: required("name", name) })));
  const typed = typedOptions(registry.root);
  registry
    .command("add", group)
    .usage("[options] <name>")
    .description("Add a context with the options given on this command line.")
    .argument("[name]", "name of the new context")
    .addHelpText(
      "after",
      "\nExamples:\n  tasks context add production --url https://10.0.0.1:10001 --token-file ~/token\n  tasks context add laptop -p 10001",
    )
    .action(
      registry.localAction(runContextAdd, (_parsed, [name]) => ({ name: required("name", name), values: typed })),
    );
  registry
    .command("remove", group)
    .usage("[options] <name>")
    .description("Remove a context.")
    .argument("[name]", "the context")
    .action(registry.localAction(runContextRemove, (_parsed, [name]) => ({ name: required("name", name) })));
  registry
    .command("rename", group)
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
    .description("Show the options of a context, by default of the current one.")
    .argument("[name]", "the context")
    .option("--effective", "show all options in effect, and where each comes from")
    .action(
      registry.localAction(runContextShow, async (parsed, [name]) => {
        if (parsed.effective !== true) return { name: name ?? parsed.context, effective: undefined };
        if (name !== undefined) registry.root.setOptionValueWithSource("context", name, "cli");
        return { name, effective: { root: registry.root, connection: await registry.connectionOptions() } };
      }),
    );
}

interface Printing {
  readonly output: Output;
}

interface ListOptions extends Printing {
  /** By --context or the environment. */
  readonly chosen: string | undefined;
}

export async function runContextList(runtime: Runtime, { chosen, output }: ListOptions): Promise<undefined> {
  const { contexts, current } = await (await loadConfigReader()).readConfig(configFile(runtime.env));
  const rows = [...contexts.keys()].map((name) => ({ name, current: name === (chosen ?? current) }));
  await output.print(recordTable(["name", "current"], batch(rows)));
}

interface NameOptions extends Printing {
  readonly name: string;
}

export async function runContextUse(runtime: Runtime, { name, output }: NameOptions): Promise<undefined> {
  const { readConfig, setCurrentContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (!config.contexts.has(name)) throw unknownContext(name, config);
  await setCurrentContext(config.file, name);
  await output.remark(`Switched to context '${name}'.`);
}

interface AddOptions extends NameOptions {
  /** Options by their long names, as they were typed. */
  readonly values: ReadonlyMap<string, string | string[] | boolean>;
}

export async function runContextAdd(runtime: Runtime, { name, values, output }: AddOptions): Promise<undefined> {
  const { addContext, readConfig } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (config.contexts.has(name)) {
    throw new UsageError(`there is a context '${name}' in ${config.file}: remove it first, or choose another name`);
  }
  if (values.size === 0) throw new UsageError("give the options that the context should have, such as --url or --host");
  await addContext(config.file, name, Object.fromEntries(values));
  await output.remark(`Added context '${name}'. To use it: tasks context use ${name}`);
}

export async function runContextRemove(runtime: Runtime, { name, output }: NameOptions): Promise<undefined> {
  const { readConfig, removeContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (!config.contexts.has(name)) throw unknownContext(name, config);
  const wasCurrent = await removeContext(config.file, name);
  await output.remark(`Removed context '${name}'.${wasCurrent ? " There is no current context now." : ""}`);
}

interface RenameOptions extends NameOptions {
  readonly newName: string;
}

export async function runContextRename(runtime: Runtime, { name, newName, output }: RenameOptions): Promise<undefined> {
  const { readConfig, renameContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (!config.contexts.has(name)) throw unknownContext(name, config);
  if (config.contexts.has(newName)) throw new UsageError(`there is a context '${newName}' in ${config.file}`);
  await renameContext(config.file, name, newName);
  await output.remark(`Renamed context '${name}' to '${newName}'.`);
}

/**
 * Notes the options that are given on the command line as they are typed, by their long names: what commander makes of them
 * (a duration in milliseconds) is not what a context holds.
 */
function typedOptions(root: Command): ReadonlyMap<string, string | string[] | boolean> {
  const typed = new Map<string, string | string[] | boolean>();
  for (const option of configurableOptions(root)) {
    const name = longName(option);
    root.on(`option:${option.name()}`, (text: string | null) => {
      if (text === null) {
        typed.set(name, true);
        return;
      }
      // A context holds from wherever it is used.
      const value = option.flags.includes("<file>") ? resolve(text) : text;
      const before = typed.get(name);
      const isList = Array.isArray(root.getOptionValue(option.attributeName()));
      typed.set(name, isList && before !== undefined ? [before, value].flat().map(String) : value);
    });
  }
  return typed;
}

interface ShowOptions extends Printing {
  readonly name: string | undefined;
  readonly effective: { readonly root: Command; readonly connection: ConnectionOptions } | undefined;
}

export async function runContextShow(runtime: Runtime, { name, effective, output }: ShowOptions): Promise<undefined> {
  if (effective !== undefined) {
    const { token, tokenFile } = effective.connection;
    const source = runtime.env.TASKS_TOKEN ? "env" : "context";
    const rows = effectiveOptions(effective.root).filter(({ option }) => option !== "token-file" || tokenFile);
    if (token !== undefined) rows.push({ option: "token", value: MASK, source });
    await output.print(recordTable(["option", "value", "source"], batch(rows)));
    return;
  }
  const { readConfig, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  const chosen = name ?? config.current;
  if (chosen === undefined) throw new UsageError(`no context is the current one in ${config.file}: name one`);
  const values = config.contexts.get(chosen);
  if (values === undefined) throw unknownContext(chosen, config);
  const rows = [...values].map(([option, value]) => ({
    option,
    // Spelt wrong it is refused by whatever would use it, and is a secret all the same.
    value: /^token$/i.test(option) ? MASK : String(value),
  }));
  await output.print(recordTable(["option", "value"], batch(rows)));
}

function effectiveOptions(root: Command): { option: string; value: string; source: string }[] {
  const given = (name: string) => root.getOptionValue(name) !== undefined;
  const where = given("url") || given("host") ? [] : [{ option: "host", value: "localhost", source: "default" }];
  if (!given("url") && !given("port")) where.push({ option: "port", value: "10000", source: "default" });
  const options = root.options
    .filter((option) => !option.hidden && root.getOptionValue(option.attributeName()) !== undefined)
    .filter((option) => !option.negate || root.getOptionValue(option.attributeName()) === false)
    .map((option) => ({
      option: option.long?.replace(/^--/, "") ?? "",
      value: option.negate ? "true" : String(root.getOptionValue(option.attributeName())),
      source: (root.getOptionValueSource(option.attributeName()) as string | undefined) ?? "default",
    }));
  return [...where, ...options];
}
