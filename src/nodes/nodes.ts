import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats, TaskStatus } from "../client/wire.js";
import type { Clock } from "../runtime/clock.js";
import type { TaskFilter } from "../tasks/filter.js";
import type { ProgressPoint } from "../tasks/progress.js";
import type { SeenTimes } from "../tasks/timeline/span.js";
import type { KnownNode } from "./discovery.js";
import type { Care, Looked } from "./look.js";

/** Where a row comes from. Absent where one node was asked; `null` for a cluster task, which is no node's own. */
export interface Located {
  readonly node?: string | null;
}

/** A task of a list; `module` stands in it where all modules were listed. */
export type LocatedStats = TaskStats & Located;
export type LocatedStatus = TaskStatus & Located;

/** A listed task, as far as a command needs it to act on it. */
export type ListedTask = LocatedStats & { readonly task_id: string };

/** A task, and the node that knows it. */
export interface LocatedTask {
  readonly id: string;
  readonly client: TaskManagerClient;
  /** Whether the node answered in this run already. */
  readonly reached: boolean;
}

/** Which tasks to list. What is absent is not sent. */
export interface TaskQuery {
  /** Without it, those of all modules. */
  readonly module?: string | undefined;
  readonly internal?: boolean;
  readonly keyspace?: string | undefined;
  readonly table?: string | undefined;
  /**
   * Which tasks; without it, all. What a list does not say, because older servers leave it out there, is looked up in the status
   * of the task, with no harm; what the server does not say there either leaves a task out.
   */
  readonly filter?: TaskFilter | undefined;
}

/** A node that did not answer, and why. */
export interface UnansweredNode {
  readonly node: string;
  readonly reason: string;
}

/** What is asked of a node: one or more calls, each with the options given. */
export type Question<T> = (client: TaskManagerClient, call: CallOptions, node: string) => Promise<T>;

/** What one node answered. */
export interface NodeAnswer<T> {
  readonly node: string;
  readonly value: T;
}

/**
 * The nodes that a command talks to, one or many; a command does not mind which. One node is asked exactly what nodetool asks,
 * and its failure is thrown. Of many, the answers of the others are given, and who did not answer is in {@link unanswered}.
 */
export interface Nodes {
  /** Whether many nodes were asked for: it decides what a report says of them, never what a command does. */
  readonly isMany: boolean;
  /** The columns that say where a row is from, in front of others. */
  readonly places: readonly "node"[];
  /** Fields that say more of the place, shown where they are asked for by name. */
  readonly placesOnRequest: readonly string[];
  /** The node that the user named, or the first of them: it is asked what all nodes know alike. */
  readonly contact: TaskManagerClient;
  /** Options for one request to one node, but for waits. */
  readonly call: CallOptions;
  readonly known: readonly KnownNode[];

  modules(): Promise<string[]>;
  /**
   * Tasks in batches as they arrive. Of many nodes: node after node, a cluster task, which every node lists, once.
   * @throws HttpStatusError 400 where every node that answered refused, as for an unknown module
   */
  tasks(query: TaskQuery): AsyncIterable<LocatedStats[]>;
  /**
   * The status that the user asked for. One node is asked as nodetool asks it: older servers forget a finished task with it
   * (rest-api: Two generations). Of many, it destroys nothing.
   * @throws HttpStatusError 400 where no node knows the task
   */
  status(id: string): Promise<LocatedStatus>;
  /** As {@link status}, but destroys nothing on any release, however often it is asked ({@link Care}). */
  look(id: string): Promise<LocatedStatus>;
  /**
   * As {@link tree}, but destroys nothing on any release.
   * @param terms `isRepeated`: it is asked again and again ({@link Care})
   */
  lookAtTree(id: string, terms?: { readonly isRepeated: boolean }): Promise<readonly LocatedStatus[]>;
  /** How far tasks were over time, by their ids, oldest point first. Only what was recorded knows it: a server tells of now. */
  progressOver?(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly ProgressPoint[]>>;
  /** When tasks were seen to begin and end, by their ids. Only what was recorded knows it. */
  timesSeen?(ids: Iterable<string>): ReadonlyMap<string, SeenTimes>;
  /** A task and all its descendants, breadth first. Older servers forget a finished task with it. */
  tree(id: string): AsyncIterable<LocatedStatus[]>;
  /**
   * The trees of the tasks of all modules. A task that is gone meanwhile has none.
   * @param filter which roots; without it, all
   */
  trees(filter: TaskFilter | undefined): AsyncIterable<LocatedStatus[]>;
  /**
   * Where tasks are: one that was listed, where it was listed; one that is named by its id, where a node knows it. What no node
   * knows is left to the contact, whose answer then says so.
   */
  locate(tasks: readonly (string | ListedTask)[]): Promise<LocatedTask[]>;
  /**
   * The statuses of listed tasks of one module, in their order, where they are listed. Destroys nothing, and a node that does not
   * answer is no failure: of its tasks nothing is known.
   */
  lookAt(tasks: readonly ListedTask[], module: string): Promise<Looked[]>;
  /**
   * Asks every live node, and yields the answers in the nodes' order as soon as they are there.
   * @param terms `parallel`: how many nodes at once, where that is not for the user's --concurrency to say
   */
  each<T>(question: Question<T>, terms?: { readonly parallel: number }): AsyncIterable<NodeAnswer<T>>;

  /** The client of a node of {@link known}. */
  clientOf(address: string): Promise<TaskManagerClient>;

  /** Sentences on what else was left out, so that what was said is a part: said at the end of the run, each once. */
  readonly leftOut: Set<string>;
  /** Who did not answer since the round began, so that what was said is a part. */
  readonly unanswered: readonly UnansweredNode[];
  /** Who did not answer in any round. */
  readonly everUnanswered: readonly UnansweredNode[];
  /**
   * From now on, what is asked is a report of its own, of the nodes that there are now.
   * @param terms `forgetsEarlier`: it is the only one that counts, so that who did not answer before does not matter any more
   */
  startRound(terms?: { readonly forgetsEarlier: boolean }): Promise<void>;
  /** Nothing that was said until now is a result: who did not answer, or what was left out, does not matter any more. */
  forgetMissing(): void;
}

/** The nodes of a command; they live as long as it does. */
export interface Connection {
  readonly nodes: Nodes;
  /** The clock of the answers, if it is not the machine's: a journal is of another time. */
  readonly clock?: Clock;
  /** All nodes of the cluster, also if the user did not ask for them. */
  discover(): Promise<Nodes>;
  close(): Promise<void>;
}
