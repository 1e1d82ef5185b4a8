/** The typed client for the task manager of ScyllaDB, usable on its own. */
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
export { type ConnectOptions, connectOver, type EngineFactory, RESERVED_HEADERS } from "./connect.js";
export type { Engine, EngineOptions, EngineRequest, EngineResponse, TlsOptions } from "./engine.js";
export {
  type AnyTaskManagerError,
  ClientClosedError,
  type ErrorBody,
  type FailureKind,
  HttpStatusError,
  isNotAbortable,
  isRefusal,
  isTaskManagerError,
  isWaitTimeout,
  type NotAbortableReason,
  notAbortableReason,
  RequestAbortedError,
  type RequestDescription,
  RequestTimeoutError,
  TaskManagerError,
  UnreachableError,
  UnreadableAnswerError,
} from "./errors.js";
export * from "./operations.js";
export {
  compareReleases,
  firstReleaseWith,
  lineOf,
  type NodeOperationTypes,
  parseRelease,
  RELEASE_LINES,
  type Release,
  type ReleaseFeature,
  type ReleaseLine,
  type ReleaseTraits,
  traitsOf,
} from "./release.js";
export * from "./task-manager.js";
export { type InvalidRow, Transport, type TransportOptions, type TransportRequest } from "./transport.js";
export {
  type ChildReference,
  type HostId,
  isAborted,
  isSameId,
  parentOf,
  REPAIR_STATES,
  type RepairState,
  type TableName,
  type TabletMigration,
  type TabletMigrationNode,
  type TaskStats,
  type TaskStatus,
  timeOf,
} from "./wire.js";

/**
 * Makes a client for one node. No connection is made before the first call.
 * @throws TypeError if the URL is neither http nor https, or a header is one of `RESERVED_HEADERS`
 */
export const connect = (options: ConnectOptions): Promise<TaskManagerClient> =>
  connectOver(createUndiciEngine, options);
