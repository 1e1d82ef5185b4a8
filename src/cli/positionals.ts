import { Option, type OptionValues } from "commander";
import { checkedId } from "../tasks/task-id.js";
import { UsageError } from "../usage-error.js";

/** nodetool also accepts a positional as an option. This one is hidden from the help, and keeps all values that are given. */
export function namedPositional(name: string): Option {
  return new Option(`--${name} <${name}>`)
    .argParser((value, previous: string[] | undefined) => [...(previous ?? []), value])
    .hideHelp();
}

/**
 * The value of a positional, given either way.
 * @throws UsageError in nodetool's words if it is given more than once
 */
export function onlyOne(
  name: string,
  positional: string | undefined,
  named: readonly string[] = [],
): string | undefined {
  const [value, ...more] = positional === undefined ? named : [positional, ...named];
  if (more.length > 0) throw new UsageError(`option '--${name}' cannot be specified more than once`);
  return value;
}

/**
 * @param hint possible values, on lines below
 * @throws UsageError in nodetool's words if the argument is missing
 */
export function required(name: string, value: string | undefined, hint = ""): string {
  if (value === undefined) throw new UsageError(`required parameter is missing: ${name}${hint && `\n${hint}`}`);
  return value;
}

/**
 * The word that names the command's task: see {@link checkedId}.
 * @throws UsageError in nodetool's words if it is missing or given more than once, or cannot be a task's
 */
export function readTaskId(positional: string | undefined, { id }: OptionValues): string {
  return checkedId(required("id", onlyOne("id", positional, id), "`tasks list --all` shows the ids of tasks."));
}
