import { memorySize } from "./memory-size.js";
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
  /** Also internal tasks, such as parts of other tasks. */
  readonly internal?: boolean;
  readonly keyspace?: string;
  readonly table?: string;
}

export interface WaitOptions extends CallOptions {
  /** Sent to the server, which answers 408 when it is over. Default: no limit. */
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
 * The task manager of one node: a method per endpoint of its REST API.
 *
 * All methods throw only the errors of `errors.ts`: `UnreachableError`, `HttpStatusError`, `UnreadableAnswerError`,
 * `RequestTimeoutError`, `RequestAbortedError`, `ClientClosedError`.
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

  /** Closes the connections; unanswered requests fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  /** The names of the modules of the node. */
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

  /** As `streamModuleTasks`, but all tasks at once. */
  listModuleTasks(module: string, options: ListOptions = {}): Promise<TaskStats[]> {
    return collect(this.streamModuleTasks(module, options), MAX_TASKS_BYTES);
  }

  /** The status of a task. Before 2025.1 this unregisters a finished node task, so it can be read only once. */
  taskStatus(taskId: string, options: CallOptions = {}): Promise<TaskStatus> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "task_status", taskId] }, (value) =>
      readTaskStatus(value),
    );
  }

  /** The task and its descendants on this node, breadth first, in batches as they arrive. Unregisters as `taskStatus` does. */
  streamTaskStatusRecursive(taskId: string, options: CallOptions = {}): AsyncGenerator<TaskStatus[]> {
    return this.#transport.array(
      { ...options, method: "GET", path: ["task_manager", "task_status_recursive", taskId] },
      readTaskStatus,
    );
  }

  /** As `streamTaskStatusRecursive`, but all statuses at once. */
  taskStatusRecursive(taskId: string, options: CallOptions = {}): Promise<TaskStatus[]> {
    return collect(this.streamTaskStatusRecursive(taskId, options), MAX_TASKS_BYTES);
  }

  /**
   * Answers when the task has ended; throws an `HttpStatusError` 408 if the server's timeout is over first, and an
   * `UnreadableAnswerError` if the answer is about another task. The caller has to check that the state of the answer is one of a
   * task that has ended: even `{}` is an answer.
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

  /** Returns once the abort has been requested, before the task has ended. 403 if the task is not abortable. */
  abortTask(taskId: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({ ...options, method: "POST", path: ["task_manager", "abort_task", taskId] });
  }

  /** For how many seconds finished tasks are kept that no user started; a number on every real server. */
  ttl(options: CallOptions = {}): Promise<unknown> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "ttl"] }, asItIs);
  }

  /** Sets `ttl` for tasks that end from now on. */
  setTtl(ttlSeconds: number, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "ttl"],
      query: { ttl: String(ttlSeconds) },
    });
  }

  /** For how many seconds finished tasks are kept that a user started. 404 on 6.2, which has only `ttl`. */
  userTtl(options: CallOptions = {}): Promise<unknown> {
    return this.#transport.json({ ...options, method: "GET", path: ["task_manager", "user_ttl"] }, asItIs);
  }

  /** Sets `user_ttl` for tasks that end from now on. */
  setUserTtl(userTtlSeconds: number, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "user_ttl"],
      query: { user_ttl: String(userTtlSeconds) },
    });
  }

  /** Unregisters the finished node tasks of a module. 404 before 2025.1. */
  drain(module: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "POST",
      path: ["task_manager", "drain", module],
      // A second drain does no harm.
      repeatable: true,
    });
  }

  /** Registers the module `test` (rest-api: The test-task API, which only development builds have). */
  registerTestModule(options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({ ...options, method: "POST", path: ["task_manager_test", "test_module"] });
  }

  /** Unregisters the module `test`. Answers when every test task has ended. */
  unregisterTestModule(options: CallOptions = {}): Promise<void> {
    const path = ["task_manager_test", "test_module"];
    return this.#transport.nothing({ ...options, method: "DELETE", path, isLong: true });
  }

  /**
   * Registers and starts a test task, which runs until it is told to finish.
   * @returns its id
   */
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

  /** Finishes a test task as done, and unregisters it. 500 with its error if it has failed: then it stays. */
  unregisterTestTask(taskId: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.nothing({
      ...options,
      method: "DELETE",
      path: ["task_manager_test", "test_task"],
      query: { task_id: taskId },
    });
  }

  /** Finishes a test task: as failed if there is an error, otherwise as done. Answers when it has ended. */
  finishTestTask(taskId: string, options: CallOptions & { readonly error?: string } = {}): Promise<void> {
    const { error, ...call } = options;
    return this.#transport.nothing({
      ...call,
      method: "POST",
      path: ["task_manager_test", "finish_test_task", taskId],
      query: { error },
      isLong: true,
    });
  }

  /** The addresses of all live nodes, the asked one included. */
  liveEndpoints(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["gossiper", "endpoint", "live", ""] }, readStrings);
  }

  /** The addresses of the nodes that the asked one sees as down. */
  downEndpoints(options: CallOptions = {}): Promise<string[]> {
    return this.#transport.json({ ...options, method: "GET", path: ["gossiper", "endpoint", "down", ""] }, readStrings);
  }

  /** The address and the host id of each node. */
  hostIds(options: CallOptions = {}): Promise<HostId[]> {
    return this.#rows({ ...options, method: "GET", path: ["storage_service", "host_id"] }, readHostId);
  }

  /** The version of the server, for `parseRelease`. */
  releaseVersion(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "scylla_release_version", options);
  }

  /** The name of the cluster. */
  clusterName(options: CallOptions = {}): Promise<string> {
    return this.#text("storage_service", "cluster_name", options);
  }

  /** The datacenter of the asked node, or of the node with this address; `UNKNOWN_DC` if it does not know that node. */
  datacenter(host?: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "datacenter", options, { host });
  }

  /** The rack of the asked node, or of the node with this address; `UNKNOWN_RACK` if it does not know that node. */
  rack(host?: string, options: CallOptions = {}): Promise<string> {
    return this.#text("snitch", "rack", options, { host });
  }

  /** The names of keyspaces. */
  keyspaces(options: KeyspacesOptions = {}): Promise<string[]> {
    const { type, replication, ...call } = options;
    return this.#rows(
      { ...call, method: "GET", path: ["storage_service", "keyspaces"], query: { type, replication } },
      readName,
    );
  }

  /** All tables of all keyspaces. */
  tables(options: CallOptions = {}): Promise<TableName[]> {
    return this.#rows({ ...options, method: "GET", path: ["column_family", ""] }, readTableName);
  }

  #rows<T>(request: TransportRequest, read: (value: unknown, where: () => string) => T): Promise<T[]> {
    return collect(this.#transport.array(request, read), MAX_NAMES_BYTES);
  }

  #text(area: string, name: string, options: CallOptions, query?: TransportRequest["query"]): Promise<string> {
    return this.#transport.json({ ...options, method: "GET", path: [area, name], query }, (value) => readString(value));
  }
}

const asItIs = (value: unknown) => value;

const MEGABYTE = 1024 * 1024;
/** What an element takes in an array that grows. */
const ELEMENT_BYTES = 16;
/** What two million usual tasks need. An answer may take ten times its length in memory. */
const MAX_TASKS_BYTES = 1536 * MEGABYTE;
/** The limit for the bytes of a single value, too. */
const MAX_NAMES_BYTES = 32 * MEGABYTE;

async function collect<T>(batches: AsyncGenerator<T[]>, maxBytes: number): Promise<T[]> {
  const all: T[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    for (const element of batch) {
      all.push(element);
      bytes += ELEMENT_BYTES + memorySize(element);
    }
    // The generator knows the request that the error is about.
    if (bytes > maxBytes)
      await batches.throw(new SyntaxError(`it takes more than ${maxBytes / MEGABYTE} MB of memory`));
  }
  return all;
}
