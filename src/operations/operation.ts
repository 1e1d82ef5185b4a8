import type { Release, ReleaseTraits } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Nodes } from "../nodes/nodes.js";

/** An option of an operation, as data from which the command line creates its own. */
export interface OperationOption {
  /** As commander writes it, a short name first: `-pr, --partitioner-range`, `--scope <scope>`. */
  readonly flags: string;
  readonly description: string;
  /** The allowed values, in upper or lower case. */
  readonly words?: readonly string[];
  /** The value is a whole number from the first to the second. */
  readonly range?: readonly [number, number];
  /** The value is a duration; it is read into milliseconds. */
  readonly isDuration?: boolean;
  /** The option may be repeated. */
  readonly isRepeated?: boolean;
  /** The option may be repeated, and a value may be a list with commas. */
  readonly isList?: boolean;
}

/** What the user typed: positionals, and options by their attribute, such as `scrubMode`. */
export interface Given {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an operation needs for its plan. */
export interface Planning {
  readonly nodes: Nodes;
  /** The node that the user named; if there are several, the first. */
  readonly client: TaskManagerClient;
  readonly call: CallOptions;
  /** The node's address, as the user or the cluster knows it. */
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The release of the node. Requested only once, and only for operations that some releases do not have. */
  release(): Promise<Release>;
  /** The lines of a file; of stdin if it is `-`. */
  lines(file: string): Promise<string[]>;
  /** The name for a snapshot, if the user does not give one. */
  snapshotName(): string;
  /** Prints a message on stderr. */
  say(text: string): Promise<void>;
}

/** The answer of a waiting call: the server's own result, which comes before any task's. */
export interface CallEnd {
  readonly isDone: boolean;
  /** Why it is not done. */
  readonly error?: string;
}

/** How work is started, and how the id of its task becomes known (operations: How an operation is followed). */
export type Start =
  /** The answer is the id. */
  | {
      readonly kind: "answered";
      /** Whether an answer without an id means that there is nothing to do. */
      readonly mayBeNothing?: boolean;
      send(client: TaskManagerClient, call: CallOptions): Promise<string | undefined>;
    }
  /** The answer is the number of a repair in the keyspace. */
  | {
      readonly kind: "numbered";
      readonly keyspace: string;
      send(client: TaskManagerClient, call: CallOptions): Promise<number>;
    }
  /** The call answers when the work has ended. */
  | {
      readonly kind: "waiting";
      /** Whether a new row in the module's list is the task of this call; absent if the work has no task. */
      isIts?(row: TaskStats): boolean;
      send(client: TaskManagerClient, call: CallOptions): Promise<CallEnd>;
    };

/** The work that one call starts. */
export interface Job {
  readonly keyspace?: string;
  readonly table?: string;
  /** The module that lists its task. */
  readonly module: string;
  /** The first release that has the call, for the message about older ones. */
  readonly needs?: { readonly what: string; readonly since: string };
  /** Whether it works on the whole cluster: then it is started once, whichever nodes the user named. */
  readonly isOfCluster: boolean;
  readonly start: Start;
  /** For a refusal that is not a failure: returns the message to print; the job is then left out. */
  skips?(refusal: string): string | undefined;
}

/** Something that `tasks start` can start. */
export interface Operation {
  readonly name: string;
  /** A few words, without a capital letter and full stop. */
  readonly summary: string;
  /** Further text for its own help. */
  readonly details?: string;
  /** What comes after `[options]` in its help. Default: its positionals. */
  readonly usage?: string;
  /** Its positionals in commander's syntax: `[keyspace]`, `[table...]`. */
  readonly positionals: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OperationOption[];
  readonly examples?: readonly string[];
  /** It affects one node, which the user has to name and confirm. */
  readonly isDangerous?: boolean;
  /** What the user has to confirm, and what to type for it. */
  confirmation?(planning: Planning, given: Given): Promise<Confirmation>;
  /** Whether the arguments may mean several jobs, so that the answer is a list, even of one. */
  isOfMany?(given: Given): boolean;
  /** Whether it requires a wait, because its work has no task. */
  needsWait?(given: Given): boolean;
  /**
   * Plans what to send. It may send requests that read, but starts nothing.
   * @throws UsageError if the arguments are invalid
   */
  plan(planning: Planning, given: Given): Promise<readonly Job[]>;
}

interface Confirmation {
  /** What is going to happen. */
  readonly text: string;
  /** The address that the user has to type. */
  readonly address: string;
}

/** Whether a release has a feature. */
export type Trait = (traits: ReleaseTraits) => boolean;
