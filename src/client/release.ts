/**
 * The release of a server, and what a client has to know about it: a table with those rows of the page on releases (docs/server/)
 * that matter to a client.
 */

/** A release of the server; {@link compareReleases} compares two. */
export interface Release {
  /** As the server wrote it. */
  readonly text: string;
  /** False if the text is no version: {@link traitsOf} then assumes the newest features, and the pitfalls of old releases. */
  readonly isKnown: boolean;
  /** `2025` of `2025.4.3`, `6` of `6.2.3`. */
  readonly year: number;
  readonly minor: number;
  readonly patch: number;
  /** Number of a release candidate; `0` of a development build, `Infinity` of the release itself. */
  readonly candidate: number;
}

const RELEASED = Number.POSITIVE_INFINITY;
const DEVELOPMENT = 0;

/** Reads what `GET /storage_service/scylla_release_version` answers, e.g. `2025.4.3-0.20260110.abcdef`, `2026.3.0~rc2`. */
export function parseRelease(text: string): Release {
  const match = /^\s*(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?(?:[.~-]?(rc|dev)(\d{0,4}))?(?![0-9A-Za-z])/.exec(text);
  if (match === null) {
    return { text, isKnown: false, year: RELEASED, minor: 0, patch: 0, candidate: RELEASED };
  }
  const [, year, minor, patch = "0", stage, number = ""] = match;
  const candidate = stage === undefined ? RELEASED : stage === "dev" ? DEVELOPMENT : Math.max(1, Number(number));
  return { text, isKnown: true, year: Number(year), minor: Number(minor), patch: Number(patch), candidate };
}

/** Negative if `a` is older than `b`, 0 if they are the same, positive if it is newer. */
export function compareReleases(a: Release, b: Release): number {
  return (
    difference(a.year, b.year) ||
    difference(a.minor, b.minor) ||
    difference(a.patch, b.patch) ||
    difference(a.candidate, b.candidate)
  );
}

/** Not a subtraction, as Infinity - Infinity is NaN. */
const difference = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

/** The columns of the table, oldest first. `seed` is master of November 2024, which called itself 6.3 and 2025.1 in development. */
export const RELEASE_LINES = [
  "5.2",
  "6.0",
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

/** A column of the table: a release without its patch number. */
export type ReleaseLine = (typeof RELEASE_LINES)[number];

/** The oldest version of a line. */
function firstVersion(line: ReleaseLine): Release {
  if (line === "5.2") return parseRelease("0.0.0-dev");
  if (line === "2025.1") return parseRelease("2025.1.0~rc0");
  return parseRelease(`${line === "seed" ? "6.3" : line}.0-dev`);
}

/** The versions of the former enterprise releases begin with years, too, but they are made of older servers. */
const FIRST_ENTERPRISE_YEAR = 2018;
const LAST_ENTERPRISE_YEAR = 2024;

/** The line of a release; the newest if it is unknown or newer than the table. */
export function lineOf(release: Release): ReleaseLine {
  const { year, minor } = release;
  if (year >= FIRST_ENTERPRISE_YEAR && year <= LAST_ENTERPRISE_YEAR) {
    return year === LAST_ENTERPRISE_YEAR && minor >= 2 ? "6.0" : "5.2";
  }
  return RELEASE_LINES.findLast((line) => compareReleases(firstVersion(line), release) <= 0) as ReleaseLine;
}

/** A value that changed with a patch release. */
interface Patched<T> {
  readonly before: T;
  readonly patch: number;
  readonly since: T;
}
type Cell<T> = { readonly value: T } | Patched<T> | undefined;

/** As in the column to the left. */
const same = undefined;
const no: Cell<boolean> = { value: false };
const yes: Cell<boolean> = { value: true };
const yesFrom = (patch: number): Cell<boolean> => ({ before: false, patch, since: true });
const noFrom = (patch: number): Cell<boolean> => ({ before: true, patch, since: false });
const is = <T>(value: T): Cell<T> => ({ value });
const row = <T>(...cells: readonly Cell<T>[]): readonly Cell<T>[] => cells;

/** The `type` of the task of each kind of node operation. */
export interface NodeOperationTypes {
  readonly bootstrap: string;
  readonly replace: string;
  readonly rebuild: string;
  readonly decommission: string;
  readonly removeNode: string;
}
const NEW_TYPES: NodeOperationTypes = {
  bootstrap: "bootstrap",
  replace: "replace",
  rebuild: "rebuild",
  decommission: "decommission",
  removeNode: "remove node",
};
const OLD_TYPES: NodeOperationTypes = { ...NEW_TYPES, bootstrap: "join", decommission: "leave", removeNode: "remove" };

/** The parameters of a call; `undefined` if there is no such call. */
type Parameters = readonly string[];
const NONE: Parameters = [];
const REPAIR = ["ks", "table", "tokens"];
const REPAIR_HOSTS = [...REPAIR, "hosts_filter", "dcs_filter", "await_completion"];
const REPAIR_MODES = [...REPAIR_HOSTS, "incremental_mode"];
const BACKUP_OLD = ["endpoint", "bucket", "keyspace", "snapshot"];
const BACKUP = ["endpoint", "bucket", "prefix", "keyspace", "table", "snapshot"];
const BACKUP_MOVE = [...BACKUP, "move_files"];
const RESTORE_OLD = ["endpoint", "bucket", "snapshot", "keyspace", "table"];
const RESTORE = ["endpoint", "bucket", "prefix", "keyspace", "table"];
const RESTORE_SCOPE = [...RESTORE, "scope"];
const RESTORE_PRIMARY = [...RESTORE_SCOPE, "primary_replica_only"];
const DROP = ["drop_unfixable_sstables"];
const QUARANTINE = [...DROP, "quarantine_invalid_sstables"];

/** What a client has to know about a release. */
export interface ReleaseTraits {
  /** Reading the status or the tree of a finished node task unregisters it. */
  readonly statusUnregisters: boolean;
  /** The answer of a wait unregisters the task. */
  readonly waitUnregisters: boolean;
  readonly hasWaitTimeout: boolean;
  /** The ttl can be read, not only set. */
  readonly hasTtl: boolean;
  readonly hasUserTtl: boolean;
  readonly hasDrain: boolean;
  /** Abort answers 403 for a task that is not abortable. */
  readonly refusesAborts: boolean;
  readonly statsHaveShardAndTimes: boolean;
  /** A wait may answer `suspended`. */
  readonly canSuspend: boolean;
  /** Compaction calls answer 400 to unknown parameters. */
  readonly refusesUnknownCompactionParameters: boolean;
  /** `consider_only_existing_data` of the asynchronous keyspace compaction. */
  readonly considersOnlyExistingData: boolean;
  /** A task without known progress shows 0 of 1, and 1 of 1 once it has ended (semantics 7). */
  readonly countsUnknownProgress: boolean;
  /** Compactions show their expected total while they run, above the group. */
  readonly compactionsKnowTotals: boolean;
  readonly hasTabletTasks: boolean;
  readonly hasGlobalTopologyRequests: boolean;
  readonly clusterTasksHaveParents: boolean;
  readonly nodeOperationTypes: NodeOperationTypes;
  /** The status of a node operation can be read when it is no longer listed. */
  readonly nodeOperationsStayReadable: boolean;
  /** Node operations have the node as `entity`, and can be aborted while they are queued. */
  readonly nodeOperationsAreAbortable: boolean;
  /** The status of a tablet repair can be read after its end. It tells an abort from success; a wait does not (semantics 25, 26). */
  readonly tabletRepairReadableAfterEnd: boolean;
  readonly tabletRepairProgress: boolean;
  readonly tabletRepairChildren: boolean;
  /** A wait for a tablet task answers `done` if its table is dropped. */
  readonly droppedTableEndsWait: boolean;
  /** For some seconds after a node dies, the status of every cluster task is 500 (semantics 23). */
  readonly closedErrorWhileNodeDies: boolean;
  /** The asynchronous cleanup answers the nil UUID if the keyspace needs none. */
  readonly cleanupMayStartNothing: boolean;
  readonly hasGlobalCleanup: boolean;
  /** `repair_async` of a keyspace with tablets is 403. */
  readonly repairAsyncRefusesTablets: boolean;
  /** `seed` has the call, but no module knows the id that it answers. */
  readonly tabletRepairParameters: readonly string[];
  readonly backupParameters: readonly string[];
  readonly restoreParameters: readonly string[];
  readonly restoreIsAbortable: boolean;
  readonly hasTabletRestore: boolean;
  readonly hasTabletBackup: boolean;
  readonly hasTabletMigration: boolean;
  /** `?include=tablet_status` of a migration, and tasks of the type `pow2_convergence`. */
  readonly hasPow2Convergence: boolean;
  /** The parameters of a scrub that came with newer releases. */
  readonly scrubParameters: readonly string[];
}

type Table = { readonly [Name in keyof ReleaseTraits]: readonly Cell<ReleaseTraits[Name]>[] };

// biome-ignore format: a table is read in columns.
const TABLE: Table = {
  //                                       5.2     6.0     6.2     seed    2025.1         2025.2        2025.3        2025.4        2026.1        2026.2  2026.3  2026.4
  statusUnregisters:                   row(yes,    same,   same,   same,   no,            same,         same,         same,         same,         same,   same,   same),
  waitUnregisters:                     row(yes,    no,     same,   same,   same,          same,         same,         same,         same,         same,   same,   same),
  hasWaitTimeout:                      row(no,     same,   yes,    same,   same,          same,         same,         same,         same,         same,   same,   same),
  hasTtl:                              row(no,     same,   yes,    same,   same,          same,         same,         same,         same,         same,   same,   same),
  hasUserTtl:                          row(no,     same,   same,   yes,    same,          same,         same,         same,         same,         same,   same,   same),
  hasDrain:                            row(no,     same,   same,   same,   yes,           same,         same,         same,         same,         same,   same,   same),
  refusesAborts:                       row(no,     same,   yes,    same,   same,          same,         same,         same,         same,         same,   same,   same),
  statsHaveShardAndTimes:              row(no,     same,   same,   same,   same,          yes,          same,         same,         same,         same,   same,   same),
  canSuspend:                          row(no,     same,   same,   same,   yes,           same,         same,         same,         same,         same,   same,   same),
  refusesUnknownCompactionParameters:  row(yes,    same,   same,   same,   same,          same,         no,           same,         same,         same,   same,   same),
  considersOnlyExistingData:           row(no,     same,   same,   same,   yesFrom(11),   no,           yesFrom(7),   yes,          same,         same,   same,   same),
  countsUnknownProgress:               row(yes,    same,   same,   same,   noFrom(6),     noFrom(2),    no,           same,         same,         same,   same,   same),
  compactionsKnowTotals:               row(no,     same,   same,   same,   same,          same,         same,         yes,          same,         same,   same,   same),
  hasTabletTasks:                      row(no,     same,   same,   same,   yes,           same,         same,         same,         same,         same,   same,   same),
  hasGlobalTopologyRequests:           row(no,     same,   same,   same,   same,          same,         same,         same,         yes,          same,   same,   same),
  clusterTasksHaveParents:             row(no,     same,   same,   same,   same,          same,         same,         same,         same,         same,   yes,    same),
  nodeOperationTypes:                  row(is(OLD_TYPES), same,   same,   is(NEW_TYPES), same,          same,         same,         same,         same,         same,   same,   same),
  nodeOperationsStayReadable:          row(no,     same,   same,   yes,    same,          same,         same,         same,         same,         same,   same,   same),
  nodeOperationsAreAbortable:          row(no,     same,   same,   same,   same,          same,         same,         same,         yes,          same,   same,   same),
  tabletRepairReadableAfterEnd:        row(no,     same,   same,   same,   same,          same,         same,         yesFrom(3),   yes,          same,   same,   same),
  tabletRepairProgress:                row(no,     same,   same,   same,   same,          same,         same,         yesFrom(3),   yes,          same,   same,   same),
  tabletRepairChildren:                row(no,     same,   same,   same,   same,          yes,          same,         same,         same,         same,   same,   same),
  droppedTableEndsWait:                row(no,     same,   same,   same,   same,          same,         same,         yesFrom(8),   yesFrom(1),   yes,    same,   same),
  closedErrorWhileNodeDies:            row(yes,    same,   same,   same,   noFrom(13),    yes,          same,         noFrom(8),    noFrom(1),    no,     same,   same),
  cleanupMayStartNothing:              row(no,     same,   same,   same,   yesFrom(11),   no,           yesFrom(7),   yes,          same,         same,   same,   same),
  hasGlobalCleanup:                    row(no,     same,   same,   same,   same,          same,         same,         yes,          same,         same,   same,   same),
  repairAsyncRefusesTablets:           row(no,     same,   same,   same,   same,          same,         same,         yes,          same,         same,   same,   same),
  tabletRepairParameters:              row(is(NONE), same,   same,   is(REPAIR), is(REPAIR_HOSTS), same,         same,         is(REPAIR_MODES), same,         same,   same,   same),
  backupParameters:                    row(is(NONE), same,   is(BACKUP_OLD), is(BACKUP), same,          is(BACKUP_MOVE), same,         same,         same,         same,   same,   same),
  restoreParameters:                   row(is(NONE), same,   is(RESTORE_OLD), is(RESTORE), is(RESTORE_SCOPE), same,         same,         is(RESTORE_PRIMARY), same,         same,   same,   same),
  restoreIsAbortable:                  row(no,     same,   same,   same,   yes,           same,         same,         same,         same,         same,   same,   same),
  hasTabletRestore:                    row(no,     same,   same,   same,   same,          same,         same,         same,         same,         same,   yes,    same),
  hasTabletBackup:                     row(no,     same,   same,   same,   same,          same,         same,         same,         same,         same,   same,   yes),
  hasTabletMigration:                  row(no,     same,   same,   same,   same,          same,         same,         same,         same,         yes,    same,   same),
  hasPow2Convergence:                  row(no,     same,   same,   same,   same,          same,         same,         same,         same,         same,   yes,    same),
  scrubParameters:                     row(is(NONE), same,   same,   same,   same,          same,         same,         same,         is(DROP),     same,   same,   is(QUARANTINE)),
};

/** A trait that a release has or has not. */
export type ReleaseFeature = {
  [Name in keyof ReleaseTraits]: ReleaseTraits[Name] extends boolean ? Name : never;
}[keyof ReleaseTraits];

/**
 * What a client has to know about a release. A release that is newer than the table, or unknown, counts as the newest. But for an
 * unknown one, `statusUnregisters` is true, so that nothing is lost if it is an old one.
 */
export function traitsOf(release: Release): ReleaseTraits {
  const column = RELEASE_LINES.indexOf(lineOf(release));
  const traits = Object.fromEntries(
    Object.entries(TABLE).map(([name, cells]) => [name, valueAt<unknown>(cells, column, release.patch)]),
  ) as unknown as ReleaseTraits;
  return release.isKnown ? traits : { ...traits, statusUnregisters: true };
}

function valueAt<T>(cells: readonly Cell<T>[], column: number, patch: number): T {
  const cell = cells[column];
  if (cell === same) return valueAt(cells, column - 1, Number.POSITIVE_INFINITY);
  if ("value" in cell) return cell.value;
  return patch < cell.patch ? cell.before : cell.since;
}

/** More than any release has patch releases. */
const MAX_PATCH = 100;

/** The release from which on every one has a feature, for messages such as "needs 2026.3". */
export function firstReleaseWith(feature: ReleaseFeature): string {
  const cells: readonly Cell<boolean>[] = TABLE[feature];
  const has = (column: number, patch: number) => valueAt(cells, column, patch);
  let column = RELEASE_LINES.length - 1;
  while (column > 0 && has(column, 0) && has(column - 1, Number.POSITIVE_INFINITY)) column--;
  let patch = 0;
  while (!has(column, patch) && patch < MAX_PATCH) patch++;
  // `seed` was never released.
  if (RELEASE_LINES[column] === "seed") column++;
  return `${RELEASE_LINES[column]}${patch === 0 ? "" : `.${patch}`}`;
}
