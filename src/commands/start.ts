import { Option, type OptionValues } from "commander";
import { oneOf, required, wholeNumber } from "../cli/option-values.js";
import type { Registry, Run } from "../cli/registry.js";
import { QUARANTINE_MODES, SCRUB_MODES, type StartOptions } from "../client/operations.js";
import type { TaskManagerClient } from "../client/task-manager.js";
import { STARTED_TASK_FIELDS, startedTask, WAITED_TASK_FIELDS } from "../format/reports/task-reports.js";
import type { Output } from "../runtime/output.js";
import type { Runtime } from "../runtime/runtime.js";
import { tell } from "../runtime/tell.js";
import { printable } from "../strings/printable.js";
import { UsageError } from "../usage-error.js";
import { mayHaveStarted } from "../waiting/operation-run.js";
import { type WaitingOptions, waitAndReport } from "../waiting/wait-and-report.js";
import { type RollingOptions, startOnEachNode } from "./start-on-nodes.js";
import { addWaitingOptions, readWaitingOptions, waitingConnections } from "./wait.js";

/** An operation of the tasks API (rest-api: The tasks API). */
interface Operation {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  start(
    client: TaskManagerClient,
    keyspace: string,
    options: StartOptions,
    parsed: OptionValues,
  ): Promise<string | undefined>;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: "compaction",
    summary: "major compaction: rewrite all data of the tables",
    options: [
      new Option("--no-flush-memtables", "do not flush memtables first"),
      new Option("--consider-only-existing-data", "drop tombstones without looking into memtables and the commit log"),
    ],
    start: (client, keyspace, options, { flushMemtables, considerOnlyExistingData }) =>
      client.startCompaction(keyspace, {
        ...options,
        flushMemtables: flushMemtables === false ? false : undefined,
        considerOnlyExistingData,
      }),
  },
  {
    name: "cleanup",
    summary: "drop data that the node no longer owns",
    options: [],
    start: (client, keyspace, options) => client.startCleanup(keyspace, options),
  },
  {
    name: "offstrategy",
    summary: "compact the sstables that repair and streaming have written",
    options: [],
    start: (client, keyspace, options) => client.startOffstrategyCompaction(keyspace, options),
  },
  {
    name: "scrub",
    summary: "check sstables, and rewrite those that are damaged",
    options: [
      new Option("--scrub-mode <mode>", `what to do with damaged data: ${SCRUB_MODES.join(", ")}`).argParser(
        oneOf(SCRUB_MODES),
      ),
      new Option("--quarantine-mode <mode>", `which sstables: ${QUARANTINE_MODES.join(", ")}`).argParser(
        oneOf(QUARANTINE_MODES),
      ),
      new Option("--skip-corrupted", "skip corrupted partitions"),
      new Option("--disable-snapshot", "do not take a snapshot first"),
    ],
    start: (client, keyspace, options, { scrubMode, quarantineMode, skipCorrupted, disableSnapshot }) =>
      client.startScrub(keyspace, { ...options, scrubMode, quarantineMode, skipCorrupted, disableSnapshot }),
  },
  {
    name: "upgrade-sstables",
    summary: "rewrite sstables in the newest format",
    options: [new Option("--exclude-current-version", "skip sstables that are in this format already")],
    start: (client, keyspace, options, { excludeCurrentVersion }) =>
      client.startUpgradeSstables(keyspace, { ...options, excludeCurrentVersion }),
  },
];

export interface StartRunOptions extends WaitingOptions, RollingOptions {
  readonly keyspace: string;
  readonly wait: boolean;
  /** Sends the operation to a node; resolves with the id of its task, or with none where there is nothing to do. */
  readonly start: (client: TaskManagerClient, signal: AbortSignal) => Promise<string | undefined>;
}

export function registerStart(registry: Registry): void {
  const group = registry
    .command("start")
    .usage("[options] <operation>")
    .description("Start an operation on a keyspace, or on some of its tables, and print the id of its task.")
    .addHelpText(
      "after",
      `
Examples:
  id=$(tasks start compaction shop orders)
  tasks start cleanup shop --wait --timeout 2h --progress plain
  tasks start scrub shop --scrub-mode VALIDATE --wait
  tasks start cleanup shop --all-nodes          one node after the other, until one fails`,
    );
  for (const operation of OPERATIONS) {
    const command = registry
      .command(operation.name, group)
      .summary(operation.summary)
      .description(`Start an operation of the node: ${operation.summary}.`)
      .usage("[options] <keyspace> [table...]")
      .argument("[keyspace]", "the keyspace")
      .argument("[table...]", "tables of the keyspace (default: all)");
    for (const option of operation.options) command.addOption(option);
    command
      .option("--wait", "wait until it has ended, as `tasks wait` does")
      .option("--parallel <count>", "with --all-nodes: run on this many nodes at once", wholeNumber(1, 1000))
      .option("--keep-going", "with --all-nodes: continue after a node has failed");
    addWaitingOptions(command).action(
      registry.action(
        runStart,
        (parsed, [given], tables) => {
          const keyspace = required("keyspace", given);
          refuseIdleOptions(parsed);
          return {
            ...readWaitingOptions(registry.root, parsed),
            keyspace,
            wait: parsed.wait === true,
            parallel: parsed.parallel ?? 1,
            keepGoing: parsed.keepGoing === true,
            start: (client, signal) => operation.start(client, keyspace, { tables, signal }, parsed),
          };
        },
        waitingConnections,
      ),
    );
  }
}

/** @throws UsageError where an option is given that only a wait, or only a run on many nodes, makes use of */
function refuseIdleOptions(parsed: OptionValues): void {
  const isRolling = parsed.allNodes === true || (parsed.host ?? []).length > 1;
  const idle = (names: readonly string[]) => names.find((name) => parsed[name] !== undefined);
  const idleHere = isRolling ? undefined : idle(["parallel", "keepGoing"]);
  if (idleHere !== undefined) throw new UsageError(`option '--${dashed(idleHere)}' needs --all-nodes`);
  const idleNow = isRolling || parsed.wait === true ? undefined : idle(["quiet", "timeout", "abortOnTimeout"]);
  if (idleNow !== undefined) throw new UsageError(`option '--${dashed(idleNow)}' needs --wait`);
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const runStart: Run<StartRunOptions> = async (runtime, nodes, options) => {
  const { output } = options;
  const start = (node: TaskManagerClient) => startOnce(runtime, node, options);
  if (nodes.isMany) return await startOnEachNode(runtime, nodes, options, start);
  if (!options.wait) await output.checkFields(STARTED_TASK_FIELDS);
  else if (!options.quiet) await output.checkFields(WAITED_TASK_FIELDS);
  const client = nodes.contact;
  const id = await start(client);
  if (id === undefined)
    await tell(runtime, `nothing to do: keyspace ${printable(options.keyspace)} needs no such operation`);
  if (id === undefined || !options.wait) {
    if (!options.wait || !options.quiet) await printId(runtime, output, id);
    return undefined;
  }
  await tell(runtime, `started task ${printable(id)}`);
  return await waitAndReport(runtime, [{ id, client, reached: true }], nodes, options);
};

/** An id that could not be printed is not lost: whatever became of stdout, stderr has it. */
async function printId(runtime: Runtime, output: Output, id: string | undefined): Promise<void> {
  try {
    await output.print(startedTask(id));
  } catch (error) {
    if (id !== undefined) await tell(runtime, `started task ${printable(id)}`);
    throw error;
  }
}

/** An operation whose answer was lost may run all the same: it is never sent again, and the user is told how to look. */
async function startOnce(
  runtime: Runtime,
  client: TaskManagerClient,
  { keyspace, start, sameNodes }: StartRunOptions,
): Promise<string | undefined> {
  try {
    return await start(client, runtime.interrupt);
  } catch (error) {
    if (mayHaveStarted(error)) {
      const look = printable(`${sameNodes} list compaction --keyspace ${keyspace}`);
      await tell(runtime, `warning: the operation may have started all the same; look with: ${look}`);
    }
    throw error;
  }
}
