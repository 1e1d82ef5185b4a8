/**
 * The releases that the mock can play, as a table. It has the rows of docs/server/releases.md in their order, without those that are
 * the same in every release and those about nodetool.
 */

/** Oldest first. `seed` is master of 29 November 2024, which was never released; `2026.4` is in development. */
export const RELEASE_NAMES = [
  "6.2",
  "seed",
  "2025.1",
  "2025.2",
  "2025.3",
  "2025.4",
  "2026.1",
  "2026.2",
  "2026.3",
  "2026.4",
] as const;
export type ReleaseName = (typeof RELEASE_NAMES)[number];

/** The newest release that is not in development. */
const LATEST: ReleaseName = "2026.3";

/** A value that holds from a patch release on, where another one held before. */
class Patched<T> {
  constructor(
    readonly before: T,
    readonly patch: number,
    readonly since: T,
  ) {}
}

/** `undefined` is as in the column to the left. */
type Cell<T> = T | Patched<T> | undefined;
type Row<T> = readonly Cell<T>[];

/** As in the column to the left. */
const same = undefined;
const no = false;
const yes = true;
const patched = <T>(before: T, patch: number, since: T) => new Patched(before, patch, since);
const row = <T>(...cells: Row<T>): Row<T> => cells;

const MODULES = ["compaction", "repair", "node_ops", "snapshot", "sstables_loader"];
const TABLETS = [...MODULES, "tablets"];
const TOPOLOGY = [...TABLETS, "global_topology_requests"];
const MIGRATION = [...TOPOLOGY, "vnodes_to_tablets_migration"];

/** All modules that any release has. */
export const ALL_MODULES: readonly string[] = MIGRATION;

/** Former types of node operations, by their present types. */
type NodeOperationNames = ReadonlyMap<string, string>;
const OLD_NAMES: NodeOperationNames = new Map([
  ["bootstrap", "join"],
  ["decommission", "leave"],
  ["remove node", "remove"],
]);
const NAMES: NodeOperationNames = new Map();

/** The parameters of a call; `404` if there is no such call. */
type Parameters = readonly string[] | "404";
const REPAIR = ["ks", "table", "tokens"];
const REPAIR_OF = [...REPAIR, "hosts_filter", "dcs_filter", "await_completion"];
const REPAIR_MODES = [...REPAIR_OF, "incremental_mode"];
const BACKUP = ["endpoint", "bucket", "keyspace", "snapshot"];
const BACKUP_TABLE = ["endpoint", "bucket", "prefix", "keyspace", "table", "snapshot"];
const BACKUP_MOVE = [...BACKUP_TABLE, "move_files"];
const RESTORE = ["endpoint", "bucket", "snapshot", "keyspace", "table"];
const RESTORE_BODY = ["endpoint", "bucket", "prefix", "keyspace", "table"];
const RESTORE_SCOPE = [...RESTORE_BODY, "scope"];
const RESTORE_PRIMARY = [...RESTORE_SCOPE, "primary_replica_only"];
const DROP = ["drop_unfixable_sstables"];
const QUARANTINE = [...DROP, "quarantine_invalid_sstables"];
const GROWING_BYTES = "bytes ('total' may grow along the way)";

type RepairOfTablets = "repairs" | "403";
type Emptiness = "empty" | "absent";
type Stopped = "sstables" | "compaction" | "abort";

// biome-ignore format: a table is read in columns.
const TABLE = {
  //                                          6.2         seed           2025.1                2025.2            2025.3               2025.4               2026.1               2026.2      2026.3          2026.4
  /** The version that the server answers: that of the newest patch release. */
  version: row<string>(                       "6.2.3",    "6.3.0-dev",   "2025.1.14",          "2025.2.5",       "2025.3.8",          "2025.4.10",         "2026.1.11",         "2026.2.5", "2026.3.0-rc2", "2026.4.0-dev"),
  statusUnregisters: row<boolean>(            yes,        yes,           no,                   same,             same,                same,                same,                same,       same,           same),
  recursiveStatusUnregisters: row<boolean>(   yes,        yes,           no,                   same,             same,                same,                same,                same,       same,           same),
  defaultTtlSeconds: row<number>(             0,          same,          same,                 same,             same,                same,                same,                same,       same,           same),
  /** `404`: there is no such call. */
  defaultUserTtlSeconds: row<number | "404">( "404",      3600,          same,                 same,             same,                same,                same,                same,       same,           same),
  hasDrain: row<boolean>(                     no,         no,            yes,                  same,             same,                same,                same,                same,       same,           same),
  statsHaveShardAndTimes: row<boolean>(       no,         no,            no,                   yes,              same,                same,                same,                same,       same,           same),
  canSuspend: row<boolean>(                   no,         no,            yes,                  same,             same,                same,                same,                same,       same,           same),
  /** What an empty `?keyspace=` or `?table=` means: tasks with an empty one, or no filter. */
  emptyFilter: row<Emptiness>(                "empty",    same,          same,                 same,             same,                "absent",            same,                same,       same,           same),
  /** What an empty `?timeout=` means: an error, or no timeout. */
  emptyTimeout: row<Emptiness>(               "empty",    same,          same,                 same,             same,                "absent",            same,                same,       same,           same),
  abortedReshape: row<Stopped>(               "sstables", same,          same,                 same,             same,                "compaction",        same,                same,       same,           same),
  abortedCleanupGroup: row<Stopped>(          "abort",    same,          same,                 same,             same,                "compaction",        same,                same,       same,           same),
  refusesUnknownParameters: row<boolean>(     yes,        same,          same,                 same,             no,                  same,                same,                same,       same,           same),
  considersOnlyExistingData: row<boolean>(    no,         same,          patched(no, 11, yes), no,               patched(no, 7, yes), yes,                 same,                same,       same,           same),
  /** The total of a task with no children and no expectation. */
  idleTotal: row<0 | 1>(                      1,          same,          patched(1, 6, 0),     patched(1, 2, 0), 0,                   same,                same,                same,       same,           same),
  compactionsExpectTotals: row<boolean>(      no,         no,            no,                   no,               no,                  yes,                 same,                same,       same,           same),
  modules: row<readonly string[]>(            MODULES,    same,          TABLETS,              same,             same,                same,                TOPOLOGY,            MIGRATION,  same,           same),
  clusterChildrenAreInternal: row<boolean>(   yes,        same,          no,                   same,             same,                same,                same,                same,       same,           same),
  clusterTasksHaveParents: row<boolean>(      no,         same,          same,                 same,             same,                same,                same,                same,       yes,            same),
  nodeOperationNames: row<NodeOperationNames>(OLD_NAMES,  NAMES,         same,                 same,             same,                same,                same,                same,       same,           same),
  /** Their status can be read when they are no longer listed. */
  nodeOperationsAreReadable: row<boolean>(    no,         yes,           same,                 same,             same,                same,                same,                same,       same,           same),
  /** While queued or running they are abortable, and their entity is the node. */
  nodeOperationsAreAbortable: row<boolean>(   no,         same,          same,                 same,             same,                same,                yes,                 same,       same,           same),
  /** They are so after their end, too. */
  nodeOperationsStayAbortable: row<boolean>(  no,         same,          same,                 same,             same,                same,                same,                same,       same,           yes),
  /** Their status can be read after their end. */
  tabletRepairsAreReadable: row<boolean>(     no,         same,          no,                   no,               no,                  patched(no, 3, yes), yes,                 same,       same,           same),
  tabletRepairsHaveProgress: row<boolean>(    no,         same,          no,                   same,             same,                patched(no, 3, yes), yes,                 same,       same,           same),
  tabletRepairsHaveChildren: row<boolean>(    no,         same,          no,                   yes,              same,                same,                same,                same,       same,           same),
  /** A wait on a tablet task answers `done` if the table is dropped meanwhile; otherwise an error. */
  droppedTableIsDone: row<boolean>(           no,         same,          no,                   same,             same,                patched(no, 8, yes), patched(no, 1, yes), yes,        same,           same),
  /** While a node goes down, requests about cluster tasks fail with `connection is closed`. */
  closesWhileNodeGoesDown: row<boolean>(      yes,        same,          patched(yes, 13, no), yes,              yes,                 patched(yes, 8, no), patched(yes, 1, no), no,         no,             same),
  /** An asynchronous cleanup of a keyspace that needs none answers the nil UUID. */
  skipsNeedlessCleanup: row<boolean>(         no,         same,          patched(no, 11, yes), no,               patched(no, 7, yes), yes,                 same,                same,       same,           same),
  hasGlobalCleanup: row<boolean>(             no,         same,          same,                 same,             same,                yes,                 same,                same,       same,           same),
  repairAsyncOfTablets: row<RepairOfTablets>( "repairs",  same,          same,                 same,             same,                "403",               same,                same,       same,           same),
  tabletRepairParameters: row<Parameters>(    "404",      REPAIR,        REPAIR_OF,            same,             same,                REPAIR_MODES,        same,                same,       same,           same),
  refusesColocatedTables: row<boolean>(       no,         same,          same,                 same,             same,                yes,                 same,                same,       same,           same),
  backupParameters: row<Parameters>(          BACKUP,     BACKUP_TABLE,  same,                 BACKUP_MOVE,      same,                same,                same,                same,       same,           same),
  backupUnits: row<string>(                   "",         GROWING_BYTES, same,                 "bytes",          same,                same,                same,                same,       same,           same),
  restoreParameters: row<Parameters>(         RESTORE,    RESTORE_BODY,  RESTORE_SCOPE,        same,             same,                RESTORE_PRIMARY,     same,                same,       same,           same),
  restoreUnits: row<string>(                  "",         "sstables",    "batches",            same,             same,                same,                same,                same,       same,           same),
  restoreIsAbortable: row<boolean>(           no,         no,            yes,                  same,             same,                same,                same,                same,       same,           same),
  hasTabletRestore: row<boolean>(             no,         same,          same,                 same,             same,                same,                same,                same,       yes,            same),
  hasTabletBackup: row<boolean>(              no,         same,          same,                 same,             same,                same,                same,                same,       same,           yes),
  /** A backup of an unknown snapshot fails the call, not the task. */
  refusesUnknownSnapshots: row<boolean>(      no,         same,          same,                 same,             same,                same,                same,                same,       same,           yes),
  hasTabletMigration: row<boolean>(           no,         same,          same,                 same,             same,                same,                same,                yes,        same,           same),
  /** `?include=tablet_status`, and tasks of the type `pow2_convergence`. */
  hasPow2Convergence: row<boolean>(           no,         same,          same,                 same,             same,                same,                same,                same,       yes,            same),
  /** The parameters that came with newer releases. */
  scrubParameters: row<readonly string[]>(    [],         same,          same,                 same,             same,                same,                DROP,                same,       same,           QUARANTINE),
};

type Table = typeof TABLE;

/** How the releases differ. */
type Traits = { readonly [Name in keyof Table]: Table[Name] extends Row<infer T> ? T : never };

/** A release, or one of its patch releases. */
export interface Release extends Traits {
  readonly name: ReleaseName;
}

/**
 * @param text - a release such as `2025.4`, which means its newest patch release; a patch release such as `2025.4.2`; or `latest`
 * @throws RangeError that lists what is possible
 */
export function releaseOf(text: string): Release {
  for (const [column, name] of RELEASE_NAMES.entries()) {
    if (text === name || text === TABLE.version[column] || (text === "latest" && name === LATEST))
      return releaseAt(column);
    if (name === "seed" || !text.startsWith(`${name}.`)) continue;
    const patch = text.slice(name.length + 1);
    const newest = newestPatch(column);
    if (/^\d+$/.test(patch) && Number(patch) <= newest) return releaseAt(column, Number(patch));
    throw new RangeError(`invalid release '${text}': ${name} has the patch releases ${name}.0 to ${name}.${newest}`);
  }
  throw new RangeError(`invalid release '${text}': expected one of ${RELEASE_NAMES.join(", ")}, latest`);
}

function releaseAt(column: number, patch?: number): Release {
  const name = RELEASE_NAMES[column] as ReleaseName;
  const traits = Object.entries(TABLE).map(([trait, cells]) => [
    trait,
    valueAt(cells, column, patch ?? Number.POSITIVE_INFINITY),
  ]);
  const version = patch === undefined ? {} : { version: `${name}.${patch}` };
  return { ...(Object.fromEntries(traits) as Traits), name, ...version };
}

function valueAt(cells: Row<unknown>, column: number, patch: number): unknown {
  const cell = cells[column];
  if (cell === same) return valueAt(cells, column - 1, Number.POSITIVE_INFINITY);
  if (!(cell instanceof Patched)) return cell;
  return patch < cell.patch ? cell.before : cell.since;
}

function newestPatch(column: number): number {
  return Number(/^\d+\.\d+\.(\d+)/.exec(String(TABLE.version[column]))?.[1] ?? 0);
}
