import { resolve } from "node:path";
import { Command, Option } from "commander";
import { configurableOptions } from "../config/apply.js";
import { UsageError } from "../usage-error.js";

/** Options by their long names, as they were typed. */
export type TypedOptions = ReadonlyMap<string, string | string[] | boolean>;

/**
 * Reads the options of the command line once more, by their long names and as they are typed: what commander makes of them
 * (a duration in milliseconds) is not what a context holds.
 * @throws UsageError where a context cannot have one of them
 */
export function typedOptions(root: Command & { readonly rawArgs?: readonly string[] }): TypedOptions {
  const typed = new Map<string, string | string[] | boolean>();
  const reader = new Command().helpOption(false).allowUnknownOption();
  const configurable = new Set(configurableOptions(root));
  for (const option of root.options) {
    const again = new Option(option.flags);
    reader.addOption(again);
    const name = option.name();
    reader.on(`option:${again.name()}`, (text: string | undefined) => {
      if (!configurable.has(option)) throw new UsageError(`a context cannot contain option '--${name}'`);
      if (text === undefined) {
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
  reader.parseOptions([...(root.rawArgs as string[])]);
  return typed;
}
