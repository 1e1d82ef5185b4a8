/** The library entry of the package: a typed client for the task manager of ScyllaDB. */
import { type ConnectOptions, connectOver } from "./connect.js";
import type { TaskManagerClient } from "./task-manager.js";
import { createUndiciEngine } from "./undici-engine.js";

export {
  EPOCH,
  FINISHED_STATES,
  NIL_UUID,
  NO_PARENT,
  TASK_KINDS,
  TASK_STATES,
  type TaskKind,
  type TaskState,
} from "../vocabulary.js";
export type { ConnectOptions } from "./connect.js";
export type { TlsOptions } from "./engine.js";
export {
  HttpStatusError,
  RequestAbortedError,
  type RequestDescription,
  RequestTimeoutError,
  TaskManagerError,
  UnreachableError,
  UnreadableAnswerError,
} from "./errors.js";
export * from "./task-manager.js";
export {
  type ChildReference,
  type HostId,
  parentOf,
  type TableName,
  type TaskStats,
  type TaskStatus,
  timeOf,
} from "./wire.js";

/**
 * Makes a client for one node. No connection is made before the first call.
 * @throws TypeError where the URL is none of http or https
 */
export const connect = (options: ConnectOptions): Promise<TaskManagerClient> =>
  connectOver(createUndiciEngine, options);
