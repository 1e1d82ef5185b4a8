/** The words that the server, the client and the mock share (rest-api: Data structures). */

/** States a task can be in; `suspended` only on newer servers. A server may send others: show them as they are. */
export const TASK_STATES = ["created", "running", "done", "failed", "suspended"] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** A task runs on one node, or spans the cluster. */
export const TASK_KINDS = ["node", "cluster"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** States in which a task has ended and will not change again (semantics 4). */
export const FINISHED_STATES: ReadonlySet<string> = new Set<TaskState>(["done", "failed", "suspended"]);

/** Whether a task has ended, as its state says. */
export const isFinished = ({ state = "" }: { readonly state?: string | undefined }): boolean =>
  FINISHED_STATES.has(state);

/** Modules that servers have; which, depends on the release (catalogue). A server may have others: ask it, never refuse one. */
export const MODULE_NAMES: readonly string[] = [
  "compaction",
  "repair",
  "node_ops",
  "snapshot",
  "sstables_loader",
  "tablets",
  "global_topology_requests",
  "vnodes_to_tablets_migration",
];

/** How the server writes "not yet" in a time field. */
export const EPOCH = "1970-01-01T00:00:00Z";

/** "No parent" on servers before late 2024. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/** "No parent" since late 2024. */
export const NO_PARENT = "none";

/** Said where a node does not know a task, and only that node was asked. */
export const MAY_BE_ELSEWHERE = "It may be on another node: use --all-nodes.";

/** An id, or its beginning, as it is compared: dashes and case do not matter (rest-api: How parameters are read). */
export const digitsOf = (id: string): string => id.replaceAll("-", "").toLowerCase();
