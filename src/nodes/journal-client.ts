import type { EngineResponse } from "../client/engine.js";
import { HttpStatusError, type RequestDescription, TaskManagerError } from "../client/errors.js";
import { TaskManagerClient } from "../client/task-manager.js";
import { Transport, type TransportRequest } from "../client/transport.js";
import type { HostId, TaskStats, TaskStatus } from "../client/wire.js";

/** A task that the journal does not know. The exit code is that of a server's refusal. */
export class UnknownTaskError extends HttpStatusError {
  constructor(taskId: string, message: string) {
    super(requestOf("task_status", taskId), 400, "", message);
    this.message = message;
  }
}

/** The journal does not have the requested data. */
class NotRecordedError extends TaskManagerError {
  readonly kind = "unreadable";
}

const requestOf = (call: string, taskId: string): RequestDescription => ({
  method: "GET",
  origin: ORIGIN,
  path: `/task_manager/${call}/${taskId}`,
});

const ORIGIN = "the journal";

/** What a client reads from a journal instead of a server. */
export interface RecordedNode {
  modules(): string[];
  tasks(query: { readonly module: string; readonly internal?: boolean }): AsyncIterable<TaskStats[]>;
  /** @throws UnknownTaskError */
  status(id: string): TaskStatus;
  tree(id: string): AsyncIterable<TaskStatus[]>;
  /** Why the outcome of a task is unknown; `undefined` if it is known. */
  noOutcome(id: string): string | undefined;
  release(): string;
  clusterName(): string;
  live(): string[];
  lost(): string[];
}

/** A client that reads a journal. Everything that was not recorded is a {@link NotRecordedError}. */
export class JournalClient extends TaskManagerClient {
  readonly #node: RecordedNode;

  constructor(node: RecordedNode) {
    super(new NoTransport());
    this.#node = node;
  }

  override async listModules(): Promise<string[]> {
    return this.#node.modules();
  }

  override async *streamModuleTasks(module: string, options: { internal?: boolean } = {}): AsyncGenerator<TaskStats[]> {
    yield* this.#node.tasks({ module, internal: options.internal === true });
  }

  override async taskStatus(taskId: string): Promise<TaskStatus> {
    return this.#node.status(taskId);
  }

  override async *streamTaskStatusRecursive(taskId: string): AsyncGenerator<TaskStatus[]> {
    yield* this.#node.tree(taskId);
  }

  override async waitTask(taskId: string): Promise<TaskStatus> {
    const status = this.#node.status(taskId);
    const reason = this.#node.noOutcome(taskId);
    if (reason !== undefined) throw new NotRecordedError(requestOf("wait_task", taskId), reason);
    return status;
  }

  override async releaseVersion(): Promise<string> {
    return this.#node.release();
  }

  override async clusterName(): Promise<string> {
    return this.#node.clusterName();
  }

  override async liveEndpoints(): Promise<string[]> {
    return this.#node.live();
  }

  override async downEndpoints(): Promise<string[]> {
    return this.#node.lost();
  }

  override async hostIds(): Promise<HostId[]> {
    return [];
  }
}

class NoTransport extends Transport {
  constructor() {
    super({
      engine: { send: () => Promise.reject<EngineResponse>(new Error("no engine")), close: async () => {} },
      origin: ORIGIN,
      idleTimeoutMs: 0,
      maxResponseBytes: 0,
    });
  }

  override async json<T>(request: TransportRequest): Promise<T> {
    throw notRecorded(request);
  }

  override async nothing(request: TransportRequest): Promise<void> {
    throw notRecorded(request);
  }

  override array<T>(request: TransportRequest): AsyncGenerator<T[]> {
    throw notRecorded(request);
  }
}

function notRecorded({ method, path }: TransportRequest): NotRecordedError {
  const call = `/${path.join("/")}`;
  return new NotRecordedError({ method, origin: ORIGIN, path: call }, `a journal does not answer ${method} ${call}`);
}
