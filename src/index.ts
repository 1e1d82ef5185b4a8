/**
 * The library entry of the package: the typed client of one node (also alone, as `scylla-tasks/client`), work that is started and followed,
 * waiting that can be trusted,
 * and the tree of a task over many nodes.
 */
export * from "./client/index.js";
export {
  type StartAndFollowOptions,
  startAndFollow,
  type Work,
  type WorkEvent,
  type WorkPart,
  type WorkResult,
} from "./library/start-and-follow.js";
export { type TreeOfTask, type TreeOfTaskOptions, treeOfTask } from "./library/tree-of-task.js";
export { type WaitForTaskOptions, waitForTask } from "./library/wait-for-task.js";
export type { Located, LocatedStatus, UnansweredNode } from "./nodes/nodes.js";
export { UsageError } from "./usage-error.js";
export { type Ended, hasEnded, type Outcome } from "./waiting/outcome.js";
