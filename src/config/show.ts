import type { Command, Option } from "commander";
import { recordTable } from "../format/reports/record-table.js";
import { batch } from "../format/reports/report.js";
import type { ConnectionOptions } from "../nodes/connection-options.js";
import type { Runtime } from "../runtime/runtime.js";
import { UsageError } from "../usage-error.js";
import type { Printing } from "./contexts.js";
import { loadConfigReader } from "./load.js";
import { configFile } from "./location.js";

/** What is shown in place of a secret. */
const MASK = "********";

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
  if (chosen === undefined)
    throw new UsageError(`no current context in ${config.file}: give a name, or choose one with \`tasks context use\``);
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
      option: option.name(),
      value: textOf(option, root.getOptionValue(option.attributeName())),
      source: root.getOptionValueSource(option.attributeName()) as string,
    }));
  return [...where, ...options];
}

const SIZES = [
  ["GB", 1024 ** 3],
  ["MB", 1024 ** 2],
] as const;

/** A value as it can be typed: a plain number of an option that takes a duration would mean seconds. */
function textOf(option: Option, value: unknown): string {
  if (option.negate) return "true";
  if (option.flags.includes("<size>")) {
    const [unit, bytes] = SIZES.find(([, bytes]) => Number(value) % bytes === 0) ?? ["", 1];
    return `${Number(value) / bytes}${unit}`;
  }
  return option.flags.includes("<duration>") ? `${Number(value) / 1000}s` : String(value);
}
