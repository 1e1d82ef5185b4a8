import type { Command } from "commander";
import type { ConnectionOptions } from "../cli/connection-options.js";
import { required } from "../cli/option-values.js";
import type { Registry } from "../cli/registry.js";
import { loadConfigReader } from "../config/load.js";
import { configFile } from "../config/location.js";
import { recordTable } from "../format/reports/record-table.js";
import { batch } from "../format/reports/report.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";

/** What is shown in place of a secret. */
const MASK = "********";

export function registerContext(registry: Registry): void {
  const group = registry
    .command("context")
    .usage("[options] <command>")
    .description(
      "Contexts are named sets of options in a configuration file: $TASKS_CONFIG, or scylla-tasks/config.yaml below " +
        "$XDG_CONFIG_HOME or ~/.config. An option on the command line wins over the environment, and that over the context.",
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
    .description("Make a context the current one.")
    .argument("[name]", "the context")
    .action(registry.localAction(runContextUse, (_parsed, [name]) => ({ name: required("name", name) })));
  registry
    .command("show", group)
    .description("Show the options of a context, by default of the current one.")
    .argument("[name]", "the context")
    .option("--effective", "show all options that would hold now, and where each comes from")
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
  const rows = Object.keys(contexts).map((name) => ({ name, current: name === (chosen ?? current) }));
  await output.print(recordTable(["name", "current"], batch(rows)));
}

export async function runContextUse(runtime: Runtime, { name }: { readonly name: string }): Promise<undefined> {
  const { readConfig, setCurrentContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (config.contexts[name] === undefined) throw unknownContext(name, config);
  await setCurrentContext(config.file, name);
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
  const values = config.contexts[chosen];
  if (values === undefined) throw unknownContext(chosen, config);
  const rows = Object.entries(values).map(([option, value]) => ({
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
