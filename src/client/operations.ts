import type { Transport, TransportRequest } from "./transport.js";
import {
  type RepairState,
  readBoolean,
  readInteger,
  readIntegers,
  readNewTaskId,
  readRepairState,
  readTabletMigration,
  readTabletTaskId,
  type TabletMigration,
} from "./wire.js";

/** What every call takes. */
export interface CallOptions {
  /** Ends the request; the call then throws a `RequestAbortedError`. */
  readonly signal?: AbortSignal;
  /** Limit for the whole answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Parameters of the tasks API. Those that are `undefined` are not sent, and the server's default applies. */
export interface StartOptions extends CallOptions {
  readonly tables?: readonly string[];
}

export interface CompactAllOptions extends CallOptions {
  readonly flushMemtables?: boolean;
  readonly considerOnlyExistingData?: boolean;
}

export interface CompactionOptions extends StartOptions, CompactAllOptions {}

export const SCRUB_MODES = ["ABORT", "SKIP", "SEGREGATE", "VALIDATE"] as const;
export const QUARANTINE_MODES = ["INCLUDE", "EXCLUDE", "ONLY"] as const;

export interface ScrubOptions extends StartOptions {
  readonly disableSnapshot?: boolean;
  readonly skipCorrupted?: boolean;
  readonly scrubMode?: (typeof SCRUB_MODES)[number];
  readonly quarantineMode?: (typeof QUARANTINE_MODES)[number];
  /** Since 2026.1, with `SEGREGATE` only. */
  readonly dropUnfixableSstables?: boolean;
  /** Since 2026.4, with `VALIDATE` only. */
  readonly quarantineInvalidSstables?: boolean;
}

export interface UpgradeSstablesOptions extends StartOptions {
  readonly excludeCurrentVersion?: boolean;
}

export interface BackupOptions extends CallOptions {
  /** Name of a configured object storage. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Not on 6.2. */
  readonly prefix?: string;
  readonly keyspace: string;
  /** Not on 6.2, which takes all of the keyspace. */
  readonly table?: string;
  /** Must exist. */
  readonly snapshot?: string;
  /** Deletes each file once it is uploaded. */
  readonly moveFiles?: boolean;
}

export const RESTORE_SCOPES = ["all", "dc", "rack", "node"] as const;

export interface RestoreOptions extends CallOptions {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly keyspace: string;
  readonly table: string;
  readonly scope?: (typeof RESTORE_SCOPES)[number];
  readonly primaryReplicaOnly?: boolean;
  /** Keys of the TOC components, relative to the prefix. */
  readonly sstables: readonly string[];
}

/** Where the backup of a datacenter is stored. */
export interface BackupLocation {
  readonly datacenter: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix?: string;
}

export interface ClusterBackupOptions extends CallOptions {
  /** Created if it does not exist. */
  readonly snapshot: string;
  /** Default all. */
  readonly keyspaces?: readonly string[];
  /** Only with exactly one keyspace; default all. */
  readonly tables?: readonly string[];
  readonly moveFiles?: boolean;
  /** One for each datacenter to back up. */
  readonly locations: readonly Required<BackupLocation>[];
}

export interface TabletRestoreOptions extends CallOptions {
  readonly keyspace: string;
  readonly table: string;
  readonly snapshot: string;
  readonly location: BackupLocation & { readonly manifests: readonly string[] };
}

/** Parameters of a repair of vnodes; lists are joined by commas. */
export interface RepairOptions extends CallOptions {
  readonly tables?: readonly string[];
  /** Only the ranges for which the node is the primary replica. */
  readonly primaryRange?: boolean;
  /** `start:end` pairs. */
  readonly ranges?: readonly string[];
  readonly startToken?: string;
  readonly endToken?: string;
  readonly dataCenters?: readonly string[];
  readonly hosts?: readonly string[];
  readonly ignoreNodes?: readonly string[];
  readonly rangesParallelism?: number;
  readonly smallTableOptimization?: boolean;
  /** The server accepts it, and ignores it. */
  readonly parallelism?: string;
  readonly incremental?: boolean;
  readonly jobThreads?: number;
  readonly trace?: boolean;
  readonly pullRepair?: boolean;
  readonly ignoreUnreplicatedKeyspaces?: boolean;
}

export const INCREMENTAL_MODES = ["incremental", "full", "disabled"] as const;

export interface TabletRepairOptions extends CallOptions {
  readonly keyspace: string;
  readonly table: string;
  /** The tablets that own these tokens, or all tablets. */
  readonly tokens: "all" | readonly string[];
  /** Host ids. */
  readonly hosts?: readonly string[];
  readonly dataCenters?: readonly string[];
  /** Whether the call answers only when the repair has ended. */
  readonly awaitCompletion?: boolean;
  readonly incrementalMode?: (typeof INCREMENTAL_MODES)[number];
}

export interface RemoveNodeOptions extends CallOptions {
  /** Host ids or addresses of dead nodes to ignore. */
  readonly ignoreNodes?: readonly string[];
}

export interface RebuildOptions extends CallOptions {
  readonly sourceDatacenter?: string;
  /** Only with a datacenter. */
  readonly force?: boolean;
}

/** Results of {@link Operations.scrubKeyspace}. */
export const SCRUB_RESULTS = { done: 0, aborted: 1, invalidSstablesFound: 3 } as const;

const flag = (value: boolean | undefined) => (value === undefined ? undefined : String(value));
const list = (values: readonly string[] | undefined) =>
  values === undefined || values.length === 0 ? undefined : values.join(",");
const count = (value: number | undefined) => value?.toString();

/**
 * Starts work on a node: a method per endpoint. Parameters that are `undefined` are not sent, and the server's default applies. No
 * request is sent twice.
 *
 * Methods that begin with `start` answer at once, most of them with the id of the new task, or `undefined` if there is nothing to
 * do. The others answer when the work has ended, which may take hours, and have no limit but the caller's.
 */
export abstract class Operations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  startCompaction(keyspace: string, options: CompactionOptions = {}): Promise<string | undefined> {
    return this.#startCompaction("POST", "keyspace_compaction", keyspace, options, compactionQuery(options));
  }

  /** @returns `undefined` if the keyspace needs no cleanup */
  startCleanup(keyspace: string, options: StartOptions = {}): Promise<string | undefined> {
    return this.#startCompaction("POST", "keyspace_cleanup", keyspace, options);
  }

  startOffstrategyCompaction(keyspace: string, options: StartOptions = {}): Promise<string | undefined> {
    return this.#startCompaction("POST", "keyspace_offstrategy_compaction", keyspace, options);
  }

  startScrub(keyspace: string, options: ScrubOptions = {}): Promise<string | undefined> {
    return this.#startCompaction("GET", "keyspace_scrub", keyspace, options, scrubQuery(options));
  }

  startUpgradeSstables(keyspace: string, options: UpgradeSstablesOptions = {}): Promise<string | undefined> {
    return this.#startCompaction("GET", "keyspace_upgrade_sstables", keyspace, options, upgradeQuery(options));
  }

  /** operations: Backup of one table on one node. */
  startBackup(options: BackupOptions): Promise<string | undefined> {
    const { endpoint, bucket, prefix, keyspace, table, snapshot, moveFiles } = options;
    const query = { endpoint, bucket, prefix, keyspace, table, snapshot, move_files: flag(moveFiles) };
    return this.#start(options, "POST", ["storage_service", "backup"], { query }, readNewTaskId);
  }

  /** operations: Restore of one table. */
  startRestore(options: RestoreOptions): Promise<string | undefined> {
    const { endpoint, bucket, prefix, keyspace, table, scope, primaryReplicaOnly, sstables } = options;
    const query = { endpoint, bucket, prefix, keyspace, table, scope, primary_replica_only: flag(primaryReplicaOnly) };
    return this.#start(options, "POST", ["storage_service", "restore"], { query, body: sstables }, readNewTaskId);
  }

  /** operations: Cluster backup. The task is on the asked node. */
  startClusterBackup(options: ClusterBackupOptions): Promise<string | undefined> {
    const { snapshot, keyspaces, tables, moveFiles, locations } = options;
    const query = { snapshot, keyspace: list(keyspaces), table: list(tables), move_files: flag(moveFiles) };
    const path = ["storage_service", "tablets", "backup"];
    return this.#start(options, "POST", path, { query, body: locations }, readNewTaskId);
  }

  /** operations: Tablet-aware restore. The server reads the manifests before it answers. */
  startTabletRestore(options: TabletRestoreOptions): Promise<string | undefined> {
    const { keyspace, table, snapshot, location } = options;
    const path = ["storage_service", "tablets", "restore"];
    const query = { keyspace, table, snapshot };
    return this.#start(options, "POST", path, { query, body: [location], isLong: true }, readNewTaskId);
  }

  /**
   * operations: Repair of a vnode keyspace.
   * @returns the number of the repair: the sequence number of its task. If there is nothing to repair, no task has it.
   */
  startRepair(keyspace: string, options: RepairOptions = {}): Promise<number> {
    const query = {
      columnFamilies: list(options.tables),
      primaryRange: flag(options.primaryRange),
      ranges: list(options.ranges),
      startToken: options.startToken,
      endToken: options.endToken,
      dataCenters: list(options.dataCenters),
      hosts: list(options.hosts),
      ignore_nodes: list(options.ignoreNodes),
      ranges_parallelism: count(options.rangesParallelism),
      small_table_optimization: flag(options.smallTableOptimization),
      trace: flag(options.trace),
      ignoreUnreplicatedKeyspaces: flag(options.ignoreUnreplicatedKeyspaces),
      parallelism: options.parallelism,
      incremental: flag(options.incremental),
      pullRepair: flag(options.pullRepair),
      jobThreads: count(options.jobThreads),
    };
    return this.#start(options, "POST", ["storage_service", "repair_async", keyspace], { query }, readInteger);
  }

  /** The state of the repair with this number; 400 if there is none. */
  repairState(keyspace: string, number: number, options: CallOptions = {}): Promise<RepairState> {
    const query = { id: String(number) };
    const path = ["storage_service", "repair_async", keyspace];
    return this.#transport.json({ ...options, method: "GET", path, query }, readRepairState);
  }

  /** Answers when the repair with this number has ended, or with `RUNNING` when the server's timeout is over. */
  awaitRepair(number: number, options: CallOptions & { readonly timeoutSeconds?: number } = {}): Promise<RepairState> {
    const { timeoutSeconds, ...call } = options;
    const query = { id: String(number), timeout: count(timeoutSeconds) };
    const path = ["storage_service", "repair_status", ""];
    return this.#transport.json({ ...call, method: "GET", path, query, isLong: true }, readRepairState);
  }

  /** The numbers of the running repairs. */
  activeRepairs(options: CallOptions = {}): Promise<number[]> {
    const path = ["storage_service", "active_repair", ""];
    return this.#transport.json({ ...options, method: "GET", path }, readIntegers);
  }

  /** Aborts all repairs of the node. */
  terminateRepairs(options: CallOptions = {}): Promise<void> {
    const path = ["storage_service", "force_terminate_repair"];
    return this.#transport.nothing({ ...options, method: "POST", path });
  }

  /** operations: Repair of a tablet table. */
  startTabletRepair(options: TabletRepairOptions): Promise<string | undefined> {
    const { keyspace, table, tokens, hosts, dataCenters, awaitCompletion, incrementalMode } = options;
    const query = {
      ks: keyspace,
      table,
      tokens: tokens === "all" ? tokens : tokens.join(","),
      hosts_filter: list(hosts),
      dcs_filter: list(dataCenters),
      incremental_mode: incrementalMode,
      await_completion: flag(awaitCompletion),
    };
    const path = ["storage_service", "tablets", "repair"];
    return this.#start(options, "POST", path, { query, isLong: awaitCompletion }, readTabletTaskId);
  }

  /** Major compaction of a keyspace. */
  compactKeyspace(keyspace: string, options: CompactionOptions = {}): Promise<void> {
    const query = { cf: list(options.tables), ...compactionQuery(options) };
    return this.#work(options, "POST", ["storage_service", "keyspace_compaction", keyspace], query);
  }

  /** Major compaction of all keyspaces. */
  compactAll(options: CompactAllOptions = {}): Promise<void> {
    return this.#work(options, "POST", ["storage_service", "compact"], compactionQuery(options));
  }

  cleanupKeyspace(keyspace: string, options: StartOptions = {}): Promise<void> {
    const query = { cf: list(options.tables) };
    return this.#work(options, "POST", ["storage_service", "keyspace_cleanup", keyspace], query);
  }

  /** Cleans up all keyspaces of the node; with `global`, of all nodes that need it. */
  cleanupAll(options: CallOptions & { readonly global?: boolean } = {}): Promise<void> {
    return this.#work(options, "POST", ["storage_service", "cleanup_all", ""], { global: flag(options.global) });
  }

  /** @returns whether there was something to do */
  compactOffstrategy(keyspace: string, options: StartOptions = {}): Promise<boolean> {
    const query = { cf: list(options.tables) };
    const path = ["storage_service", "keyspace_offstrategy_compaction", keyspace];
    return this.#start(options, "POST", path, { query, isLong: true }, readBoolean);
  }

  /** @returns one of {@link SCRUB_RESULTS} */
  scrubKeyspace(keyspace: string, options: ScrubOptions = {}): Promise<number> {
    const query = { cf: list(options.tables), ...scrubQuery(options) };
    const path = ["storage_service", "keyspace_scrub", keyspace];
    return this.#start(options, "GET", path, { query, isLong: true }, readInteger);
  }

  upgradeKeyspaceSstables(keyspace: string, options: UpgradeSstablesOptions = {}): Promise<void> {
    const query = { cf: list(options.tables), ...upgradeQuery(options) };
    return this.#work(options, "GET", ["storage_service", "keyspace_upgrade_sstables", keyspace], query);
  }

  /** Takes the asked node out of the cluster. */
  decommission(options: CallOptions = {}): Promise<void> {
    return this.#work(options, "POST", ["storage_service", "decommission"], {});
  }

  /** Takes a dead node out of the cluster. */
  removeNode(hostId: string, options: RemoveNodeOptions = {}): Promise<void> {
    const query = { host_id: hostId, ignore_nodes: list(options.ignoreNodes) };
    return this.#work(options, "POST", ["storage_service", "remove_node"], query);
  }

  /** Streams the data of the asked node from other nodes. */
  rebuild(options: RebuildOptions = {}): Promise<void> {
    const query = { source_dc: options.sourceDatacenter, force: flag(options.force) };
    return this.#work(options, "POST", ["storage_service", "rebuild"], query);
  }

  /** operations: From vnodes to tablets, step 1: creates the task. */
  startTabletMigration(keyspace: string, options: CallOptions = {}): Promise<void> {
    return this.#work(options, "POST", [...MIGRATIONS, "keyspaces", keyspace], {}, false);
  }

  /** Step 2: sets how the asked node stores its data after its next restart. */
  setStorageMode(mode: "tablets" | "vnodes", options: CallOptions = {}): Promise<void> {
    return this.#work(options, "PUT", [...MIGRATIONS, "node", "storage_mode"], { intended_mode: mode }, false);
  }

  /** Step 3: shows the progress of the migration. */
  tabletMigration(
    keyspace: string,
    options: CallOptions & { readonly includeTabletStatus?: boolean } = {},
  ): Promise<TabletMigration> {
    const { includeTabletStatus, ...call } = options;
    const query = { include: includeTabletStatus === true ? "tablet_status" : undefined };
    const path = [...MIGRATIONS, "keyspaces", keyspace];
    return this.#transport.json({ ...call, method: "GET", path, query }, readTabletMigration);
  }

  /** Step 4: ends the task. */
  finalizeTabletMigration(keyspace: string, options: CallOptions = {}): Promise<void> {
    return this.#work(options, "POST", [...MIGRATIONS, "keyspaces", keyspace, "finalization"], {}, false);
  }

  /** rest-api: The tasks API. */
  #startCompaction(
    method: "GET" | "POST",
    operation: string,
    keyspace: string,
    options: StartOptions,
    parameters: Query = {},
  ): Promise<string | undefined> {
    const query = { cf: list(options.tables), ...parameters };
    return this.#start(options, method, ["tasks", "compaction", operation, keyspace], { query }, readNewTaskId);
  }

  #start<T>(
    { signal, timeoutMs }: CallOptions,
    method: TransportRequest["method"],
    path: readonly string[],
    more: Pick<TransportRequest, "query" | "body" | "isLong">,
    read: (value: unknown) => T,
  ): Promise<T> {
    return this.#transport.json({ signal, timeoutMs, method, path, repeatable: false, ...more }, read);
  }

  /** A call without a result. */
  #work(
    { signal, timeoutMs }: CallOptions,
    method: TransportRequest["method"],
    path: readonly string[],
    query: Query,
    isLong = true,
  ): Promise<void> {
    return this.#transport.nothing({ signal, timeoutMs, method, path, query, repeatable: false, isLong });
  }
}

const MIGRATIONS = ["storage_service", "vnode_tablet_migrations"];

type Query = NonNullable<TransportRequest["query"]>;

const compactionQuery = (options: CompactAllOptions): Query => ({
  flush_memtables: flag(options.flushMemtables),
  consider_only_existing_data: flag(options.considerOnlyExistingData),
});

const scrubQuery = (options: ScrubOptions): Query => ({
  disable_snapshot: flag(options.disableSnapshot),
  skip_corrupted: flag(options.skipCorrupted),
  scrub_mode: options.scrubMode,
  quarantine_mode: options.quarantineMode,
  drop_unfixable_sstables: flag(options.dropUnfixableSstables),
  quarantine_invalid_sstables: flag(options.quarantineInvalidSstables),
});

const upgradeQuery = (options: UpgradeSstablesOptions): Query => ({
  exclude_current_version: flag(options.excludeCurrentVersion),
});
