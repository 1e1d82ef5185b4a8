/** The library entry of the package: a typed client for the task manager of ScyllaDB. */
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
export { type ConnectOptions, connect, type EngineKind } from "./connect.js";
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
