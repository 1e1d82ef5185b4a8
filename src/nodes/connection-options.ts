/** How the embedded mock is to be: `tasks mock --help`. */
export interface MockOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly release?: string;
  readonly generation?: "seed" | "current";
  readonly scenario?: string;
  /** A journal to play in place of a scenario. */
  readonly replay?: string;
  readonly speed?: number;
  readonly seed?: number;
  readonly testApi?: boolean;
  readonly controlApi?: boolean;
}

/** A point in time as it was typed: by itself, or so long before the time at which the command runs. */
export type TimePoint = { readonly atMs: number } | { readonly agoMs: number };

/** @param now milliseconds since the epoch */
export const timeAt = (point: TimePoint, now: number): number => ("atMs" in point ? point.atMs : now - point.agoMs);

/** What the options say about the nodes and how to connect to them; `tasks --help` explains each. */
export interface ConnectionOptions {
  /** A journal in place of nodes: a directory, a file, or `-`. */
  readonly from: string | undefined;
  /** The time at which it is asked; without it, its end. */
  readonly at: TimePoint | undefined;
  readonly mock: boolean;
  readonly mockOptions: MockOptions;
  /** Where to begin: URLs of one node, or of the several that the user named. */
  readonly urls: readonly string[];
  readonly allNodes: boolean;
  readonly concurrency: number;
  readonly nodeTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Limit for the whole command; `undefined`: none. A wait has a limit of its own (`--timeout`). */
  readonly deadlineMs: number | undefined;
  /** The largest answer that is read to one request. */
  readonly maxResponseBytes: number;
  /** The most tasks that one command reads. */
  readonly maxTasks: number;
  /** Gossip address to URL, as pairs. */
  readonly nodeMap: ReadonlyMap<string, string>;
  /** URL of a node with `%h` for its gossip address. */
  readonly nodeUrl: string | undefined;
  readonly tokenFile: string | undefined;
  /** From the environment or a context, never from an argument: those can be seen by every user of the machine. */
  readonly token: string | undefined;
  readonly insecureToken: boolean;
  readonly headerFile: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
  readonly proxyCommand: string | undefined;
}
