import type { Release, ReleaseTraits } from "../client/release.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import type { TaskStats } from "../client/wire.js";
import type { Nodes } from "../nodes/nodes.js";

/** An option of an operation, as data: the command line makes its own of it. */
export interface OperationOption {
  /** Its long name, short ones before it, and what it takes: `-pr, --partitioner-range`, `--scope <scope>`. */
  readonly flags: string;
  readonly description: string;
  /** It takes one of these, in any case. */
  readonly words?: readonly string[];
  /** It takes a whole number from the first to the second. */
  readonly range?: readonly [number, number];
  /** It takes a duration, and is milliseconds. */
  readonly isDuration?: boolean;
  /** It may be given several times. */
  readonly isRepeated?: boolean;
  /** It may be given several times, and take several values with commas between them. */
  readonly isList?: boolean;
}

/** What the user gave: positionals, and options by the name of their attribute, such as `scrubMode`. */
export interface Given {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an operation needs to make its plan. */
export interface Planning {
  readonly nodes: Nodes;
  /** The node that the user named, or the first of them. */
  readonly client: TaskManagerClient;
  readonly call: CallOptions;
  /** The address under which the user, or the cluster, knows the node. */
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The release of the node: asked for once, and only by an operation that not every release has. */
  release(): Promise<Release>;
  /** The lines of a file, or of stdin where it is `-`. */
  lines(file: string): Promise<string[]>;
  /** The name for a snapshot that the user did not name. */
  snapshotName(): string;
  /** Says something on stderr. */
  say(text: string): Promise<void>;
}

/** How a waiting call came out, where it answered: the server's own word, before any task's. */
export interface CallEnd {
  readonly isDone: boolean;
  /** Why it is not. */
  readonly error?: string;
}

/** How work is started, and how the id of its task becomes known (operations: How an operation is followed). */
export type Start =
  /** The answer is the id. */
  | {
      readonly kind: "answered";
      /** Whether an answer of no id means that there is nothing to do. */
      readonly mayBeNothing?: boolean;
      send(client: TaskManagerClient, call: CallOptions): Promise<string | undefined>;
    }
  /** The answer is the number of a repair of the keyspace. */
  | {
      readonly kind: "numbered";
      readonly keyspace: string;
      send(client: TaskManagerClient, call: CallOptions): Promise<number>;
    }
  /** The call answers at the end. */
  | {
      readonly kind: "waiting";
      /** Whether a row that is new in the list of the module is the task of this call; absent where it has none. */
      isIts?(row: TaskStats): boolean;
      send(client: TaskManagerClient, call: CallOptions): Promise<CallEnd>;
    };

/** Work that one call starts. */
export interface Job {
  readonly keyspace?: string;
  readonly table?: string;
  /** The module that lists its task. */
  readonly module: string;
  /** The first release that has the call, for the words about an older one. */
  readonly needs?: { readonly what: string; readonly since: string };
  /** Whether it is of the whole cluster: then it is started once, whichever nodes the user named. */
  readonly isOfCluster: boolean;
  readonly start: Start;
  /** What a refusal means that is no failure: then this is said, and the job left out. */
  skips?(refusal: string): string | undefined;
}

/** Something that `tasks start` can start. */
export interface Operation {
  readonly name: string;
  /** A few words, with a small first letter and no full stop. */
  readonly summary: string;
  /** More of it, for its own help. */
  readonly details?: string;
  /** What follows `[options]` in its help, where that is not its positionals. */
  readonly usage?: string;
  /** Its positionals in commander's writing: `[keyspace]`, `[table...]`. */
  readonly positionals: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OperationOption[];
  readonly examples?: readonly string[];
  /** It is of one node, which the user has to name alone and to confirm. */
  readonly isDangerous?: boolean;
  /** What the user is asked to confirm, and what to type for it. */
  confirmation?(planning: Planning, given: Given): Promise<Confirmation>;
  /** Whether what was typed may be several jobs, so that the answer is a list, however many there are. */
  isOfMany?(given: Given): boolean;
  /** Whether it can only be waited for: its work has no task of its own. */
  needsWait?(given: Given): boolean;
  /**
   * What has to be sent. Asks whatever it needs to know, and starts nothing.
   * @throws UsageError where what was given does not fit
   */
  plan(planning: Planning, given: Given): Promise<readonly Job[]>;
}

export interface Confirmation {
  /** What will happen. */
  readonly text: string;
  /** The address that has to be typed. */
  readonly address: string;
}

/** Whether a release has something. */
export type Trait = (traits: ReleaseTraits) => boolean;
