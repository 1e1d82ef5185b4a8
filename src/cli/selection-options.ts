import type { Command, OptionValues } from "commander";
import { unfinishedUnlessStated } from "../tasks/filter.js";
import type { Selection } from "../tasks/selection.js";
import { checkedId } from "../tasks/task-id.js";
import { UsageError } from "../usage-error.js";
import { addFilterOptions, FILTER_OPTION_NAMES, readFilter } from "./filter-options.js";
import { required } from "./positionals.js";

/** Adds options that choose tasks by their properties instead of by id; without --state, only unfinished tasks. */
export function addSelectionOptions(command: Command): Command {
  return addFilterOptions(
    command
      .optionsGroup("Instead of ids (unfinished tasks, unless --state is given):")
      .option("--module <module>", "the tasks of this module")
      .option("--keyspace <keyspace>", "only tasks that work on this keyspace (also -ks)")
      .option("-t, --table <table>", "only tasks that work on this table (also -cf)"),
  );
}

const NEED_MODULE = ["keyspace", "table", ...FILTER_OPTION_NAMES];

function readSelection(parsed: OptionValues): Selection | undefined {
  const { module, keyspace, table } = parsed;
  if (module !== undefined) return { module, keyspace, table, filter: unfinishedUnlessStated(readFilter(parsed)) };
  const misplaced = NEED_MODULE.find((name) => parsed[name] !== undefined);
  if (misplaced === undefined) return undefined;
  const option = misplaced.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`option '--${option}' needs --module`);
}

/** Reads ids or prefixes, without duplicates, or a selection instead of them. */
export function readIdsOrSelection(
  parsed: OptionValues,
  positionals: readonly string[],
): { ids: readonly string[]; selection: Selection | undefined } {
  const selection = readSelection(parsed);
  const ids = [...new Set<string>([...(parsed.id ?? []), ...positionals])].map(checkedId);
  if (selection !== undefined && ids.length > 0) throw new UsageError("give either ids or --module, not both");
  if (selection === undefined)
    required("id", ids[0], "Give task ids (`tasks list --all` shows them), or select tasks with --module.");
  return { ids, selection };
}
