import type { TimePoint } from "../journal/time-point.js";

/** Options of the embedded mock: see `tasks mock --help`. */
export interface MockOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly release?: string;
  readonly generation?: "seed" | "current";
  readonly scenario?: string;
  /** A journal to play instead of a scenario. */
  readonly replay?: string;
  readonly speed?: number;
  readonly seed?: number;
  readonly testApi?: boolean;
  readonly controlApi?: boolean;
}

/** How to find the nodes and connect to them; `tasks --help` explains each option. */
export interface ConnectionOptions {
  /** A journal to read instead of nodes: a directory, a file, or `-`. */
  readonly from: string | undefined;
  /** The time to show; default: the end of the journal. */
  readonly at: TimePoint | undefined;
  readonly mock: boolean;
  readonly mockOptions: MockOptions;
  /** URLs of the contact, or of the several nodes that the user named. */
  readonly urls: readonly string[];
  readonly allNodes: boolean;
  readonly concurrency: number;
  readonly nodeTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Limit for the whole command; `undefined` for none. Waits have their own (`--timeout`). */
  readonly deadlineMs: number | undefined;
  /** Limit for the size of one answer. */
  readonly maxResponseBytes: number;
  /** Limit for the number of tasks that a command reads. */
  readonly maxTasks: number;
  /** Gossip address to URL, as pairs. */
  readonly nodeMap: ReadonlyMap<string, string>;
  /** URL of a node with `%h` for its gossip address. */
  readonly nodeUrl: string | undefined;
  readonly tokenFile: string | undefined;
  /** From the environment or a context, never from an argument, which other users of the machine can see. */
  readonly token: string | undefined;
  readonly insecureToken: boolean;
  readonly headerFile: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
  readonly proxyCommand: string | undefined;
}
