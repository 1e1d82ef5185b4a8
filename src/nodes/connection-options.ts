/** How the embedded mock is to be: `tasks mock --help`. */
export interface MockOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly release?: string;
  readonly generation?: "seed" | "current";
  readonly scenario?: string;
  readonly speed?: number;
  readonly seed?: number;
  readonly testApi?: boolean;
  readonly controlApi?: boolean;
}

/** What the options say about the nodes and how to connect to them; `tasks --help` explains each. */
export interface ConnectionOptions {
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
