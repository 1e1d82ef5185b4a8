import { resolve } from "node:path";
import { Command, Option } from "commander";
import { configurableOptions } from "../config/apply.js";
import { UsageError } from "../usage-error.js";

/** Options as they were typed, by their long names. */
export type TypedOptions = ReadonlyMap<string, string | string[] | boolean>;

/**
 * Reads the options of the command line again, by their long names and as they were typed. A context stores these, and not what
 * commander makes of them (such as a duration in milliseconds).
 * @throws UsageError if a context cannot have one of them
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
      // A context can be used from any directory.
      const value = option.flags.includes("<file>") ? resolve(text) : text;
      const before = typed.get(name);
      const isList = Array.isArray(root.getOptionValue(option.attributeName()));
      typed.set(name, isList && before !== undefined ? [before, value].flat().map(String) : value);
    });
  }
  reader.parseOptions([...(root.rawArgs as string[])]);
  return typed;
}
