import { lstatSync } from "node:fs";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { UsageError } from "../usage-error.js";
import type { ContextValues } from "./file.js";
import { loadConfigReader } from "./load.js";
import { configFile } from "./location.js";

/** What may not stand in a context: what chooses it, and what makes no sense to keep. */
const NOT_CONFIGURABLE = new Set(["context", "define", "version", "mock", "no-all-nodes"]);

/** Options that a context may hold. */
export function configurableOptions(root: Command): Option[] {
  return root.options.filter((option) => !option.hidden && !NOT_CONFIGURABLE.has(option.name()));
}

/** The context that was applied, and its token, which is no option because arguments can be seen by others. */
export interface AppliedContext {
  readonly name: string | undefined;
  readonly token: string | undefined;
}

/**
 * Lays the chosen context under what commander read: option > environment > context > default.
 * @throws UsageError where the context is not there, or holds what no option takes
 */
export async function applyContext(
  root: Command,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AppliedContext> {
  const chosen: string | undefined = root.getOptionValue("context");
  const file = configFile(env);
  if (chosen === undefined && (file === undefined || isAbsent(file))) return { name: undefined, token: undefined };
  const { readConfig, unknownContext } = await loadConfigReader();
  const config = await readConfig(file);
  const name = chosen ?? config.current;
  if (name === undefined) return { name: undefined, token: undefined };
  const values = config.contexts.get(name);
  if (values === undefined) {
    throw unknownContext(name, config);
  }
  applyValues(root, values, `${file}: context '${name}'`);
  return { name, token: values.has("token") ? String(values.get("token")) : undefined };
}

/** What cannot be read is there all the same: only what does not exist is absent. */
function isAbsent(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    // A component of the path is a file where HOME is /dev/null.
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}

function applyValues(root: Command, values: ContextValues, where: string): void {
  const options = new Map(configurableOptions(root).map((option) => [option.name(), option]));
  for (const [key, value] of values) {
    if (key === "token") continue;
    const option = options.get(key);
    if (option === undefined) throw new UsageError(`${where}: a context cannot contain option '${key}'`);
    const name = option.attributeName();
    const source = root.getOptionValueSource(name);
    if (source !== undefined && source !== "default") continue;
    root.setOptionValueWithSource(name, readValue(option, value, `${where}: ${key}`), "context");
  }
}

type ContextValue = ContextValues extends ReadonlyMap<string, infer V> ? V : never;

function readValue(option: Option, value: ContextValue, where: string): unknown {
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  if (option.isBoolean() || option.negate) {
    if (texts.length !== 1 || !/^(true|false)$/.test(texts[0] as string))
      throw new UsageError(`${where} takes true or false`);
    // The value of --no-header is that of `header`.
    return (texts[0] === "true") !== option.negate;
  }
  try {
    let result: unknown;
    for (const text of texts) result = option.parseArg ? option.parseArg(text, result as never) : text;
    return result;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${where}: '${texts.join(",")}' is invalid. ${error.message}`);
  }
}
