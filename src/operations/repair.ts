import { INCREMENTAL_MODES } from "../client/operations.js";
import { nearest } from "../strings/nearest.js";
import { UsageError } from "../usage-error.js";
import { beforeStart } from "./before-start.js";
import { flag, keyspaceOrAll, list, number, text } from "./given.js";
import { KEYSPACE_AND_TABLES } from "./keyspace-work.js";
import type { Given, Job, Operation, OperationOption, Planning } from "./operation.js";
import { repairedSince } from "./repaired-lately.js";

type Replication = "tablets" | "vnodes";

const BOTH: readonly OperationOption[] = [
  { flags: "--in-dc <datacenters>", description: "only replicas in these datacenters", isList: true },
  {
    flags: "--in-hosts <hosts>",
    description: "only replicas on these nodes: addresses for vnodes, host ids for tablets",
    isList: true,
  },
];
const FOR_TABLETS: readonly OperationOption[] = [
  { flags: "--tablet-tokens <tokens>", description: "tablets: only tablets that contain these tokens", isList: true },
  {
    flags: "--incremental-mode <mode>",
    description: "tablets: how to treat data that is already repaired",
    words: INCREMENTAL_MODES,
  },
];
const FOR_VNODES: readonly OperationOption[] = [
  { flags: "--partitioner-range", description: "vnodes: only the node's primary ranges (also -pr)" },
  { flags: "--in-local-dc", description: "vnodes: only replicas in the node's own datacenter (also -local)" },
  { flags: "--ranges <ranges>", description: "vnodes: only these ranges, each start:end", isList: true },
  { flags: "--start-token <token>", description: "vnodes: first token (also -st)" },
  { flags: "--end-token <token>", description: "vnodes: last token (also -et)" },
  { flags: "--ignore-nodes <nodes>", description: "vnodes: ignore these nodes", isList: true },
  {
    flags: "--ranges-parallelism <count>",
    description: "vnodes: how many ranges to repair at once",
    range: [1, 2 ** 31 - 1],
  },
  { flags: "--small-table-optimization", description: "vnodes: repair all ranges of small tables at once" },
];

export const repair: Operation = {
  name: "repair",
  summary: "repair tables: make their replicas consistent",
  details:
    "Keyspaces with tablets are repaired table by table, with a cluster task for each; those with vnodes, node by node. " +
    "With --all-nodes, vnodes are repaired on every node, tablets once.",
  usage: "<keyspace> [table...] | --all-keyspaces",
  positionals: KEYSPACE_AND_TABLES,
  options: [
    { flags: "--all-keyspaces", description: "all keyspaces, except local ones" },
    {
      flags: "--replication <kind>",
      description: "with --all-keyspaces: only keyspaces of this kind",
      words: ["tablets", "vnodes"],
    },
    {
      flags: "--skip-done-since <duration>",
      description: "skip tables with tablets that were repaired within this time: 12h",
      isDuration: true,
    },
    ...BOTH,
    ...FOR_TABLETS,
    ...FOR_VNODES,
  ],
  isOfMany: ({ positionals: [, ...tables] }) => tables.length !== 1,
  examples: [
    "tasks start repair shop orders --wait",
    "tasks start repair --all-keyspaces --all-nodes --keep-going --skip-done-since 12h",
  ],
  async plan(planning, given) {
    // The server would read it as the token 0 (operations: Repair of a tablet table).
    const wrong = list(given, "tabletTokens")?.find((token) => token !== "all" && !/^-?\d+$/.test(token));
    if (wrong !== undefined)
      throw new UsageError(`option '--tablet-tokens' argument '${wrong}' is invalid. It takes whole numbers.`);
    const keyspaces = await chosenKeyspaces(planning, given);
    for (const replication of new Set(keyspaces.map(({ kind }) => kind))) refuseForeign(given, replication, keyspaces);
    const named = [...new Set(given.positionals.slice(1))];
    let tablesOf: (keyspace: string) => readonly string[] = () => named;
    if (named.length === 0 && keyspaces.some(({ kind }) => kind === "tablets")) {
      const all = await planning.client.tables(planning.call);
      tablesOf = (keyspace) => all.flatMap(({ ks, cf }) => (ks === keyspace && cf !== undefined ? [cf] : []));
    }
    const jobs = keyspaces.flatMap(({ name, kind }) =>
      kind === "vnodes"
        ? [vnodeJob(name, named, given)]
        : tablesOf(name).map((table) => tabletJob(name, table, named.length === 0, given)),
    );
    return await withoutDone(planning, given, jobs);
  },
};

interface ChosenKeyspace {
  readonly name: string;
  readonly kind: Replication;
}

/** The keyspaces and their kinds, from the same requests that nodetool sends. */
async function chosenKeyspaces({ client, call }: Planning, given: Given): Promise<readonly ChosenKeyspace[]> {
  const isAll = flag(given, "allKeyspaces") === true;
  const keyspace = keyspaceOrAll(given, isAll, "--all-keyspaces");
  const only = text(given, "replication") as Replication | undefined;
  if (keyspace !== undefined) {
    if (only !== undefined) throw new UsageError("option '--replication' needs --all-keyspaces");
    const all = await client.keyspaces(call);
    if (!all.includes(keyspace)) {
      const near = nearest(keyspace, all);
      throw new UsageError(
        `keyspace '${keyspace}' does not exist${near === undefined ? "" : `\n(Did you mean ${near}?)`}`,
      );
    }
    const tablets = await client.keyspaces({ ...call, replication: "tablets" });
    return [{ name: keyspace, kind: tablets.includes(keyspace) ? "tablets" : "vnodes" }];
  }
  const chosen: ChosenKeyspace[] = [];
  for (const kind of ["vnodes", "tablets"] as const) {
    if (only !== undefined && kind !== only) continue;
    const names = await client.keyspaces({ ...call, type: "non_local_strategy", replication: kind });
    chosen.push(...names.map((name) => ({ name, kind })));
  }
  return chosen;
}

/** @throws UsageError if an option is given that repairs of this kind do not have */
function refuseForeign(given: Given, kind: Replication, keyspaces: readonly ChosenKeyspace[]): void {
  const [foreign, other] = kind === "tablets" ? [FOR_VNODES, "vnodes"] : [FOR_TABLETS, "tablets"];
  const wrong = foreign.find(({ flags }) => given.options[attributeOf(flags)] !== undefined);
  if (wrong === undefined) return;
  const [option = ""] = wrong.flags.split(" ");
  const example = keyspaces.find((keyspace) => keyspace.kind === kind)?.name ?? "";
  throw new UsageError(
    `option '${option}' works only on keyspaces with ${other}; '${example}' has ${kind}` +
      (keyspaces.length > 1 ? ` (--replication ${other} repairs only keyspaces with ${other})` : ""),
  );
}

/** `--in-dc <x>`: `inDc`. */
function attributeOf(flags: string): string {
  const [, long = ""] = /--([a-z-]+)/.exec(flags) ?? [];
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function tabletJob(keyspace: string, table: string, isUnnamed: boolean, given: Given): Job {
  const options = {
    keyspace,
    table,
    tokens: list(given, "tabletTokens") ?? ("all" as const),
    hosts: list(given, "inHosts"),
    dataCenters: list(given, "inDc"),
    incrementalMode: text(given, "incrementalMode") as (typeof INCREMENTAL_MODES)[number] | undefined,
  };
  return {
    keyspace,
    table,
    module: "tablets",
    needs: { what: "a repair of tablets", since: "2025.1" },
    isOfCluster: true,
    start: { kind: "answered", send: (client, call) => client.startTabletRepair({ ...call, ...options }) },
    ...(isUnnamed ? { skips: (refusal) => reasonToSkip(keyspace, table, refusal) } : {}),
  };
}

/** For tables that the user did not name: a colocated table is repaired with its base table, and a dropped one needs no repair. */
function reasonToSkip(keyspace: string, table: string, refusal: string): string | undefined {
  const [, base] = /colocated with the\s+base table '[^']*'\.'([^']*)'/.exec(refusal) ?? [];
  if (base !== undefined) return `${keyspace}.${table} is repaired together with ${keyspace}.${base} (colocated)`;
  return refusal.includes("Can't find a column family") ? `${keyspace}.${table} no longer exists` : undefined;
}

function vnodeJob(keyspace: string, tables: readonly string[], given: Given): Job {
  const isLocal = flag(given, "inLocalDc") === true;
  const options = {
    tables,
    primaryRange: flag(given, "partitionerRange"),
    ranges: list(given, "ranges"),
    startToken: text(given, "startToken"),
    endToken: text(given, "endToken"),
    dataCenters: list(given, "inDc"),
    hosts: list(given, "inHosts"),
    ignoreNodes: list(given, "ignoreNodes"),
    rangesParallelism: number(given, "rangesParallelism"),
    smallTableOptimization: flag(given, "smallTableOptimization"),
  };
  if (options.hosts !== undefined && (options.dataCenters ?? options.ignoreNodes) !== undefined) {
    throw new UsageError("option '--in-hosts' cannot be used together with --in-dc or --ignore-nodes");
  }
  return {
    keyspace,
    ...(tables.length === 1 ? { table: tables[0] as string } : {}),
    module: "repair",
    isOfCluster: false,
    start: {
      kind: "numbered",
      keyspace,
      send: async (client, call) => {
        const local = isLocal ? { dataCenters: [await beforeStart(client.datacenter(undefined, call))] } : {};
        return await client.startRepair(keyspace, { ...call, ...options, ...local });
      },
    },
  };
}

/** Drops the jobs of tables that were repaired recently, if the user asked for that. */
async function withoutDone(planning: Planning, given: Given, jobs: readonly Job[]): Promise<readonly Job[]> {
  const durationMs = number(given, "skipDoneSince");
  if (durationMs === undefined) return jobs;
  if (jobs.some(({ isOfCluster }) => !isOfCluster)) {
    await planning.say(
      "warning: servers do not tell which tables a vnode repair covered, so --skip-done-since skips none of those",
    );
  }
  const done = await repairedSince(planning, planning.nowMs - durationMs);
  const isDone = ({ keyspace, table, isOfCluster }: Job) => isOfCluster && done.has(`${keyspace}.${table}`);
  for (const job of jobs)
    if (isDone(job)) await planning.say(`${job.keyspace}.${job.table} skipped: repaired recently`);
  return jobs.filter((job) => !isDone(job));
}
