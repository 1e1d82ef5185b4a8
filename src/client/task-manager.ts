import { type CallOptions, Operations } from "./operations.js";
import type { Transport, TransportRequest } from "./transport.js";
import {
  type HostId,
  isSameId,
  readHostId,
  readName,
  readNewTaskId,
  readString,
  readStrings,
  readTableName,
  readTaskStats,
  readTaskStatus,
  type TableName,
  type TaskStats,
  type TaskStatus,
  WireError,
} from "./wire.js";

export type { CallOptions } from "./operations.js";

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

export interface KeyspacesOptions extends CallOptions {
  /** Which keyspaces; default all. */
  readonly type?: "all" | "user" | "non_local_strategy";
  /** Which replication they use; default all. */
  readonly replication?: "all" | "vnodes" | "tablets";
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

/**
 * The task manager of one node: a method per endpoint of its REST API, and no logic beside.
 *
 * Every method throws only the error family of `errors.ts`: `UnreachableError`, `HttpStatusError`, `UnreadableAnswerError`,
 * `RequestTimeoutError`, `RequestAbortedError`.
 */
export class TaskManagerClient extends Operations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    super(transport);
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
    return this.#rows({ ...options, method: "GET", path: ["task_manager", "list_modules"] }, readName);
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

  /** On a server before 2025.1 this unregisters a finished node task, so that it can be read once. */
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

  /**
   * Answers when the task has ended; throws an `HttpStatusError` 408 when the server's timeout ran out first, and an
   * `UnreadableAnswerError` where the answer is the status of another task. Whether its state is one in which a task has ended is
   * for the caller to look at: `{}` is an answer too.
   */
  waitTask(taskId: string, options: WaitOptions = {}): Promise<TaskStatus> {
    const { timeoutSeconds, ...call } = options;
    return this.#transport.json(
      {
        ...call,
        method: "GET",
        path: ["task_manager", "wait_task", taskId],
        query: { timeout: timeoutSeconds === undefined ? undefined : String(timeoutSeconds) },
        isLong: true,
      },
      (value) => {
        const status = readTaskStatus(value);
        if (status.id !== undefined && !isSameId(status.id, taskId)) {
          throw new WireError("the task of the answer", taskId, status.id);
        }
        return status;
      },
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
        query: { ...query, shard: shard?.toString(), user_task: user_task?.toString() },
      },
      (value) => readNewTaskId(value) ?? "",
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
    return this.#rows({ ...options, method: "GET", path: ["storage_service", "host_id"] }, readHostId);
  }

  releaseVersion(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "scylla_release_version", options);
  }

  clusterName(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "cluster_name", options);
  }

  /** Of the asked node, or of another one by its address. `UNKNOWN_DC` for a node that it does not know. */
  datacenter(host?: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "datacenter", options, { host });
  }

  /** Of the asked node, or of another one by its address. `UNKNOWN_RACK` for a node that it does not know. */
  rack(host?: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "rack", options, { host });
  }

  keyspaces(options: KeyspacesOptions = {}): Promise<string[]> {
    const { type, replication, ...call } = options;
    return this.#rows(
      { ...call, method: "GET", path: ["storage_service", "keyspaces"], query: { type, replication } },
      readName,
    );
  }

  tables(options: CallOptions = {}): Promise<TableName[]> {
    return this.#rows({ ...options, method: "GET", path: ["column_family", ""] }, readTableName);
  }

  #rows<T>(request: TransportRequest, read: (value: unknown, where: () => string) => T): Promise<T[]> {
    return collect(this.#transport.array(request, read));
  }

  #text(area: string, name: string, options: CallOptions, query?: TransportRequest["query"]): Promise<string> {
    return this.#transport.json({ ...options, method: "GET", path: [area, name], query }, (value) => readString(value));
  }
}

const asItIs = (value: unknown) => value;

async function collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) for (const element of batch) all.push(element);
  return all;
}
