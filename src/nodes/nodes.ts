import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import type { UnansweredNode } from "../format/reports/report.js";
import type { Clock } from "../runtime/clock.js";
import type { TaskFilter } from "../tasks/filter.js";
import type { ProgressPoint } from "../tasks/progress.js";
import type { SeenTimes } from "../tasks/timeline/span.js";
import type { KnownNode } from "./discovery.js";
import type { Care, Looked } from "./look.js";

export type { UnansweredNode };

/** The node of a row. Absent if one node was queried; `null` for a cluster task. */
export interface Located {
  readonly node?: string | null;
}

/** A task of a list; with `module` if all modules were listed. */
export type LocatedStats = TaskStats & Located;
export type LocatedStatus = TaskStatus & Located;

/** What a command needs of a listed task to act on it. */
export type ListedTask = LocatedStats & { readonly task_id: string };

/** A task, and a node that knows it. */
export interface LocatedTask {
  readonly id: string;
  readonly client: TaskManagerClient;
  /** Whether the node has already answered in this run. */
  readonly reached: boolean;
}

/** Which tasks to list. Absent fields are not sent. */
export interface TaskQuery {
  /** Default: all modules. */
  readonly module?: string | undefined;
  readonly internal?: boolean;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  /**
   * Which tasks; default: all. Fields that older servers omit from lists are read from the status, without making a
   * server forget it; tasks for which the server does not send enough are left out.
   */
  readonly filter?: TaskFilter | undefined;
}

/** Requests to a node: one or more calls, each with the given options. */
export type Question<T> = (client: TaskManagerClient, call: CallOptions, node: string) => Promise<T>;

/** The answer of one node. */
export interface NodeAnswer<T> {
  readonly node: string;
  readonly value: T;
}

/**
 * The nodes that a command queries, one or many; the command does not need to know which. One node gets exactly
 * nodetool's requests, and its failure is thrown. With many nodes, the answers of the others are returned, and those
 * that did not answer are in {@link unanswered}.
 */
export interface Nodes {
  /** Whether there are many nodes: it decides what reports contain, never what a command does. */
  readonly isMany: boolean;
  /** The fields that name the node of a row, in front of the others. */
  readonly nodeFields: readonly "node"[];
  /** Further fields about the node, shown if the user names them. */
  readonly nodeFieldsOnRequest: readonly string[];
  /** The node that the user named, or the first of several; used for what all nodes know alike. */
  readonly contact: TaskManagerClient;
  /** Options for one request to one node, except for waits. */
  readonly call: CallOptions;
  readonly known: readonly KnownNode[];

  modules(): Promise<string[]>;
  /**
   * Tasks in batches as they arrive; with many nodes, node after node, each cluster task once.
   * @throws HttpStatusError 400 if every node that answered refused, as for an unknown module
   */
  tasks(query: TaskQuery): AsyncIterable<LocatedStats[]>;
  /**
   * The status of a task. With one node, as nodetool reads it: older servers then forget a finished task (rest-api: Two
   * generations). With many nodes, no server forgets it.
   * @throws HttpStatusError 400 if no node knows the task
   */
  status(id: string): Promise<LocatedStatus>;
  /** As {@link status}, but never makes a server forget the task, however often it is called ({@link Care}). */
  look(id: string): Promise<LocatedStatus>;
  /**
   * As {@link tree}, but never makes a server forget the task.
   * @param options `isRepeated`: it is called repeatedly ({@link Care})
   */
  lookAtTree(id: string, options?: { readonly isRepeated: boolean }): Promise<readonly LocatedStatus[]>;
  /** Recorded progress of tasks over time, by their ids, oldest first. Only journals have it. */
  progressOver?(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly ProgressPoint[]>>;
  /** When tasks were seen to start and end, by their ids. Only journals have it. */
  timesSeen?(ids: Iterable<string>): ReadonlyMap<string, SeenTimes>;
  /** A task and all its descendants, breadth first. Older servers then forget a finished task. */
  tree(id: string): AsyncIterable<LocatedStatus[]>;
  /**
   * The trees of the tasks of all modules. A task that is gone meanwhile has none.
   * @param filter which roots; default: all
   */
  trees(filter: TaskFilter | undefined): AsyncIterable<LocatedStatus[]>;
  /**
   * Finds the node of each task: a listed task is where it was listed; for an id, the nodes are queried. If no node
   * knows it, the contact is used, whose answer then says so.
   */
  locate(tasks: readonly (string | ListedTask)[]): Promise<LocatedTask[]>;
  /**
   * The statuses of listed tasks of one module, in order. No server forgets them; if a node does not answer, its tasks
   * have no status.
   */
  lookAt(tasks: readonly ListedTask[], module: string): Promise<Looked[]>;
  /**
   * Queries every live node, and yields the answers in the order of the nodes, as soon as possible.
   * @param options `parallel`: number of nodes at once, instead of the user's --concurrency
   */
  each<T>(question: Question<T>, options?: { readonly parallel: number }): AsyncIterable<NodeAnswer<T>>;

  /** The client of a node of {@link known}. */
  clientOf(address: string): Promise<TaskManagerClient>;

  /** Messages about what else was left out; printed at the end of the run, each once. */
  readonly leftOut: Set<string>;
  /** Nodes that did not answer in this round, so that the result is incomplete. */
  readonly unanswered: readonly UnansweredNode[];
  /** Nodes that did not answer in any round. */
  readonly everUnanswered: readonly UnansweredNode[];
  /**
   * Starts a new report, with the nodes that exist now.
   * @param options `forgetsEarlier`: only this report counts, so nodes that did not answer before do not matter
   */
  startRound(options?: { readonly forgetsEarlier: boolean }): Promise<void>;
  /** Discards what is known about unanswered nodes and omissions so far. */
  forgetMissing(): void;
}

/** The nodes of a command, for its duration. */
export interface Connection {
  readonly nodes: Nodes;
  /** The clock of the answers, if not the machine's: a journal is from another time. */
  readonly clock?: Clock;
  /** All nodes of the cluster, even if the user did not ask for them. */
  discover(): Promise<Nodes>;
  close(): Promise<void>;
}
