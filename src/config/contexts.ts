import { recordTable } from "../format/reports/record-table.js";
import { batch } from "../format/reports/report.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { shellWord } from "../strings/shell-word.js";
import { UsageError } from "../usage-error.js";
import { loadConfigReader } from "./load.js";
import { configFile } from "./location.js";

/** What `tasks context` does to the contexts of the configuration file. */

export interface Printing {
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
    throw new UsageError(`context '${name}' already exists in ${config.file}: remove it first, or choose another name`);
  }
  if (values.size === 0) throw new UsageError("give the options of the context, such as --url or --host");
  await addContext(config.file, name, Object.fromEntries(values));
  await output.remark(`Added context '${name}'. To use it: tasks context use ${shellWord(name)}`);
}

export async function runContextRemove(runtime: Runtime, { name, output }: NameOptions): Promise<undefined> {
  const { readConfig, removeContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (!config.contexts.has(name)) throw unknownContext(name, config);
  const wasCurrent = await removeContext(config.file, name);
  await output.remark(`Removed context '${name}'.${wasCurrent ? " No context is current now." : ""}`);
}

interface RenameOptions extends NameOptions {
  readonly newName: string;
}

export async function runContextRename(runtime: Runtime, { name, newName, output }: RenameOptions): Promise<undefined> {
  const { readConfig, renameContext, unknownContext } = await loadConfigReader();
  const config = await readConfig(configFile(runtime.env));
  if (!config.contexts.has(name)) throw unknownContext(name, config);
  if (config.contexts.has(newName)) throw new UsageError(`context '${newName}' already exists in ${config.file}`);
  await renameContext(config.file, name, newName);
  await output.remark(`Renamed context '${name}' to '${newName}'.`);
}
