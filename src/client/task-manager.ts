import type { Transport } from "./transport.js";
import {
  type HostId,
  readHostIds,
  readString,
  readStrings,
  readTableNames,
  readTaskStats,
  readTaskStatus,
  type TableName,
  type TaskStats,
  type TaskStatus,
} from "./wire.js";

/** What every call takes. */
export interface CallOptions {
  /** Ends the request; the call then throws a `RequestAbortedError`. */
  readonly signal?: AbortSignal;
  /** Limit for the whole answer, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  /** Also tasks that are parts of other tasks. */
  readonly internal?: boolean;
  readonly keyspace?: string;
  readonly table?: string;
}

export interface WaitOptions extends CallOptions {
  /** Sent to the server, which answers 408 when it runs out. Without it the wait has no limit at all. */
  readonly timeoutSeconds?: number;
}

/** Parameters of the tasks API; what is `undefined` is not sent, so that the server's default holds. */
export interface StartOptions extends CallOptions {
  readonly tables?: readonly string[];
}

export interface CompactionOptions extends StartOptions {
  readonly flushMemtables?: boolean;
  readonly considerOnlyExistingData?: boolean;
}

export const SCRUB_MODES = ["ABORT", "SKIP", "SEGREGATE", "VALIDATE"] as const;
export const QUARANTINE_MODES = ["INCLUDE", "EXCLUDE", "ONLY"] as const;

export interface ScrubOptions extends StartOptions {
  readonly disableSnapshot?: boolean;
  readonly skipCorrupted?: boolean;
  readonly scrubMode?: (typeof SCRUB_MODES)[number];
  readonly quarantineMode?: (typeof QUARANTINE_MODES)[number];
}

export interface UpgradeSstablesOptions extends StartOptions {
  readonly excludeCurrentVersion?: boolean;
}

export interface TestTaskOptions extends CallOptions {
  readonly task_id?: string;
  readonly shard?: number;
  readonly parent_id?: string;
  readonly keyspace?: string;
  readonly table?: string;
  readonly entity?: string;
  readonly user_task?: boolean;
}

const flag = (value: boolean | undefined) => (value === undefined ? undefined : String(value));

/**
 * The task manager of one node: a method per endpoint of its REST API, and no logic beside.
 *
 * Every method throws only the error family of `errors.ts`: `UnreachableError`, `HttpStatusError`, `UnreadableAnswerError`,
 * `RequestTimeoutError`, `RequestAbortedError`.
 */
export class TaskManagerClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Scheme, host and port of the node. */
  get origin(): string {
    return this.#transport.origin;
  }

  /** Closes the connections; requests that are under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  listModules(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "list_modules"] }, readStrings);
  }

  /** The tasks of a module, in the server's order, in batches as they arrive. */
  streamModuleTasks(module: string, options: ListOptions = {}): AsyncGenerator<TaskStats[]> {
    const { internal, keyspace, table, ...call } = options;
    return this.#transport.array(
      {
        ...call,
        method: "GET",
        path: ["task_manager", "list_module_tasks", module],
        query: { keyspace, table, internal: internal ? "true" : undefined },
      },
      readTaskStats,
    );
  }

  listModuleTasks(module: string, options: ListOptions = {}): Promise<TaskStats[]> {
    return collect(this.streamModuleTasks(module, options));
  }

  /** Before 2025.1 this unregisters a finished node task (rest-api: How to look at a task). */
  taskStatus(taskId: string, options: CallOptions = {}): Promise<TaskStatus> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "task_status", taskId] }, (value) =>
      readTaskStatus(value),
    );
  }

  /** The task and its descendants on this node, breadth first, in batches as they arrive. Unregisters as `taskStatus`. */
  streamTaskStatusRecursive(taskId: string, options: CallOptions = {}): AsyncGenerator<TaskStatus[]> {
    return this.#transport.array(
      { ...options, method: "GET", path: ["task_manager", "task_status_recursive", taskId] },
      readTaskStatus,
    );
  }

  taskStatusRecursive(taskId: string, options: CallOptions = {}): Promise<TaskStatus[]> {
    return collect(this.streamTaskStatusRecursive(taskId, options));
  }

  /** Answers when the task has ended; throws an `HttpStatusError` 408 when the server's timeout ran out first. */
  waitTask(taskId: string, options: WaitOptions = {}): Promise<TaskStatus> {
    const { timeoutSeconds, ...call } = options;
    return this.#transport.json(
      {
        ...call,
        method: "GET",
        path: ["task_manager", "wait_task", taskId],
        query: { timeout: timeoutSeconds === undefined ? undefined : String(timeoutSeconds) },
        // nodetool-tasks: another success, such as a proxy's 202, says nothing about the task.
        status: 200,
        idleTimeoutMs: Number.POSITIVE_INFINITY,
      },
      (value) => readTaskStatus(value),
    );
  }

  /** Returns when the abort is requested, not when the task has ended. 403 where the task is not abortable. */
  abortTask(taskId: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({ ...options, method: "POST", path: ["task_manager", "abort_task", taskId] });
  }

  /** Seconds for which a finished task stays; a number on every real server. */
  ttl(options: CallOptions = {}): Promise<unknown> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "ttl"] }, asItIs);
  }

  setTtl(ttlSeconds: number, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "ttl"],
      query: { ttl: String(ttlSeconds) },
    });
  }

  /** Seconds for which a finished task that a user started stays. */
  userTtl(options: CallOptions = {}): Promise<unknown> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "user_ttl"] }, asItIs);
  }

  setUserTtl(userTtlSeconds: number, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "user_ttl"],
      query: { user_ttl: String(userTtlSeconds) },
    });
  }

  /** Unregisters the finished node tasks of a module. 404 on servers of the seed generation. */
  drain(module: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "drain", module],
      // What was forgotten stays forgotten.
      repeatable: true,
    });
  }

  startCompaction(keyspace: string, options: CompactionOptions = {}): Promise<string> {
    const { flushMemtables, considerOnlyExistingData } = options;
    return this.#start("POST", "keyspace_compaction", keyspace, options, {
      flush_memtables: flag(flushMemtables),
      consider_only_existing_data: flag(considerOnlyExistingData),
    });
  }

  startCleanup(keyspace: string, options: StartOptions = {}): Promise<string> {
    return this.#start("POST", "keyspace_cleanup", keyspace, options, {});
  }

  startOffstrategyCompaction(keyspace: string, options: StartOptions = {}): Promise<string> {
    return this.#start("POST", "keyspace_offstrategy_compaction", keyspace, options, {});
  }

  startScrub(keyspace: string, options: ScrubOptions = {}): Promise<string> {
    return this.#start("GET", "keyspace_scrub", keyspace, options, {
      disable_snapshot: flag(options.disableSnapshot),
      skip_corrupted: flag(options.skipCorrupted),
      scrub_mode: options.scrubMode,
      quarantine_mode: options.quarantineMode,
    });
  }

  startUpgradeSstables(keyspace: string, options: UpgradeSstablesOptions = {}): Promise<string> {
    return this.#start("GET", "keyspace_upgrade_sstables", keyspace, options, {
      exclude_current_version: flag(options.excludeCurrentVersion),
    });
  }

  /** The test-task API of non-release builds. */
  registerTestModule(options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({ ...options, method: "POST", path: ["task_manager_test", "test_module"] });
  }

  unregisterTestModule(options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({ ...options, method: "DELETE", path: ["task_manager_test", "test_module"] });
  }

  registerTestTask(options: TestTaskOptions = {}): Promise<string> {
    const { signal, timeoutMs, shard, user_task, ...query } = options;
    return this.#transport.json(
      {
        signal,
        timeoutMs,
        method: "POST",
        path: ["task_manager_test", "test_task"],
        query: { ...query, shard: shard?.toString(), user_task: flag(user_task) },
      },
      (value) => readString(value),
    );
  }

  unregisterTestTask(taskId: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "DELETE",
      path: ["task_manager_test", "test_task"],
      query: { task_id: taskId },
    });
  }

  /** Finishes a test task: failed where an error is given, else done. */
  finishTestTask(taskId: string, options: CallOptions & { readonly error?: string } = {}): Promise<void> {
    const { error, ...call } = options;
    return this.#transport.nothing({
      ...call,
      method: "POST",
      path: ["task_manager_test", "finish_test_task", taskId],
      query: { error },
    });
  }

  liveEndpoints(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["gossiper", "endpoint", "live", ""] }, readStrings);
  }

  downEndpoints(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["gossiper", "endpoint", "down", ""] }, readStrings);
  }

  hostIds(options: CallOptions = {}): Promise<HostId[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["storage_service", "host_id"] }, readHostIds);
  }

  releaseVersion(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "scylla_release_version", options);
  }

  clusterName(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "cluster_name", options);
  }

  datacenter(host: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "datacenter", options, { host });
  }

  rack(host: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "rack", options, { host });
  }

  keyspaces(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["storage_service", "keyspaces"] }, readStrings);
  }

  tables(options: CallOptions = {}): Promise<TableName[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["column_family", ""] }, readTableNames);
  }

  #text(area: string, name: string, options: CallOptions, query?: Record<string, string>): Promise<string> {
    return this.#transport.json({ ...options, method: "GET", path: [area, name], query }, (value) => readString(value));
  }

  /** rest-api, the tasks API: starts work whatever the method, so it is never sent twice. */
  #start(
    method: "GET" | "POST",
    operation: string,
    keyspace: string,
    options: StartOptions,
    parameters: Record<string, string | undefined>,
  ): Promise<string> {
    const { tables, signal, timeoutMs } = options;
    return this.#transport.json(
      {
        method,
        path: ["tasks", "compaction", operation, keyspace],
        query: { cf: tables === undefined || tables.length === 0 ? undefined : tables.join(","), ...parameters },
        signal,
        timeoutMs,
        repeatable: false,
      },
      (value) => readString(value, () => "the id of the new task"),
    );
  }
}

const asItIs = (value: unknown) => value;

async function collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) for (const element of batch) all.push(element);
  return all;
}
