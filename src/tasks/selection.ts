import type { Command, OptionValues } from "commander";
import { required } from "../cli/option-values.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Cluster } from "../nodes/cluster.js";
import { listClusterTasks } from "../nodes/cluster-tasks.js";
import { matchesGlob } from "../strings/glob.js";
import { UsageError } from "../usage-error.js";
import { FINISHED_STATES } from "../vocabulary.js";

/** Tasks by what they are, instead of by id. */
export interface Selection {
  readonly module: string;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  readonly types: readonly string[] | undefined;
  /** Without it, those that are not finished. */
  readonly states: readonly string[] | undefined;
}

const list = (value: string) => value.split(",").filter((part) => part !== "");

export function addSelectionOptions(command: Command): Command {
  return command
    .option("--module <module>", "instead of ids: the tasks of this module")
    .option("--keyspace <keyspace>", "with --module: that work on this keyspace (also -ks)")
    .option("-t, --table <table>", "with --module: that work on this table (also -cf)")
    .option("--type <types>", "with --module: of these types (a list; * and ? stand for any text)", list)
    .option("--state <states>", "with --module: in these states (a list); without it, unfinished ones", list);
}

function readSelection(parsed: OptionValues): Selection | undefined {
  if (parsed.module === undefined) {
    const lonely = ["keyspace", "table", "type", "state"].find((name) => parsed[name] !== undefined);
    if (lonely !== undefined)
      throw new UsageError(`option '--${lonely}' needs --module: it selects tasks instead of ids`);
    return undefined;
  }
  return {
    module: parsed.module,
    keyspace: parsed.keyspace,
    table: parsed.table,
    types: parsed.type,
    states: parsed.state,
  };
}

/** A task that a command is to act on, and its node's address where that is known. */
export interface ChosenTask {
  readonly task_id: string;
  readonly node?: string | null;
}

/** A task that matched. */
export type Selected = TaskStats & ChosenTask;

/** The tasks that match now. Nodes that did not answer are among the cluster's failures. */
export async function selectTasks(
  client: TaskManagerClient,
  cluster: Cluster | undefined,
  selection: Selection,
  signal: AbortSignal,
): Promise<Selected[]> {
  const { module, keyspace, table, types, states } = selection;
  const batches =
    cluster === undefined
      ? client.streamModuleTasks(module, { keyspace, table, signal })
      : listClusterTasks(cluster, module, { keyspace, table });
  const selected: Selected[] = [];
  for await (const batch of batches) {
    for (const task of batch) {
      const { task_id, type = "", state = "" } = task;
      if (task_id === undefined) continue;
      if (types !== undefined && !types.some((pattern) => matchesGlob(pattern, type))) continue;
      if (states === undefined ? FINISHED_STATES.has(state) : !states.some((pattern) => matchesGlob(pattern, state)))
        continue;
      selected.push({ ...task, task_id });
    }
  }
  return selected;
}

/** Ids, each once, or a selection in their place. */
export function readTargets(
  parsed: OptionValues,
  positionals: readonly string[],
): { ids: readonly string[]; selection: Selection | undefined } {
  const selection = readSelection(parsed);
  const ids = [...new Set<string>([...(parsed.id ?? []), ...positionals])];
  if (selection !== undefined && ids.length > 0) throw new UsageError("give either ids or --module, not both");
  if (selection === undefined) required("id", ids[0]);
  return { ids, selection };
}
