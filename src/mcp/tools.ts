import { MODULE_NAMES } from "../vocabulary.js";

/** What a tool needs to be allowed. Reading is always allowed. */
export type Permission = "read" | "writes" | "destructive";

/** The input from a client, checked against the tool's schema. */
export type ToolInput = Readonly<Record<string, unknown>>;

/** A tool is a command of the program, with arguments made from an input. So tools and commands always work the same. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly permission: Permission;
  /** Whether servers before 2025.1 may forget a finished task when this tool reads it. */
  readonly mayForget?: boolean;
  /** JSON Schemas of its inputs, by name. */
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
  /** Values come after `=` or `--`, so that none can be read as an option. */
  args(input: ToolInput): string[];
}

/** The longest wait in one call: clients give up on calls that take long. */
const MAX_WAIT_SECONDS = 300;
const DEFAULT_WAIT_SECONDS = 60;
const MAX_ROWS = 500;
const DEFAULT_ROWS = 50;

const word = (description: string) => ({ type: "string", minLength: 1, maxLength: 200, description });
const ID = {
  type: "string",
  pattern: "^[0-9A-Za-z][0-9A-Za-z-]{3,127}$",
  description: "id of a task, or its first characters",
};
const IDS = { type: "array", items: ID, minItems: 1, maxItems: 50 };
const LIMIT = {
  type: "integer",
  minimum: 1,
  maximum: MAX_ROWS,
  default: DEFAULT_ROWS,
  description: "maximum number of rows to return",
};
const MODULE = word(`a module: ${MODULE_NAMES.join(", ")}, or another that \`modules\` lists`);
const FILTER = {
  state: word(
    "only tasks in these states, separated by commas: created, running, done, failed, suspended; !done for all others",
  ),
  type: word("only tasks of these types, separated by commas; * matches any text"),
  older_than: word("only tasks started at least this long ago: 10m, 1h30m"),
};

/** `--name=value` for each given input. */
function options(input: ToolInput, ...names: string[]): string[] {
  const given = names.filter((name) => input[name] !== undefined);
  return given.map((name) => `--${name.replaceAll("_", "-")}=${String(input[name])}`);
}
const limit = ({ limit: rows = DEFAULT_ROWS }: ToolInput) => `--limit=${String(rows)}`;
const ids = (input: ToolInput) => ["--", ...(input.ids as readonly string[])];
const id = (input: ToolInput) => ["--", String(input.id)];

/** Table operations that are safe to repeat. Listed here, because the catalogue loads their plans, too, which are large. */
export const STARTABLE: readonly string[] = [
  "repair",
  "compaction",
  "cleanup",
  "offstrategy",
  "scrub",
  "upgrade-sstables",
];

/** The lanes of a timeline. Listed here, because the module that defines them is large. */
export const LANES: readonly string[] = ["node", "shard", "table", "type", "task"];

export const TOOLS: readonly ToolDefinition[] = [
  {
    name: "list",
    title: "List tasks",
    description: "List the tasks of a module, or of all modules.",
    permission: "read",
    properties: { module: MODULE, keyspace: word("a keyspace"), table: word("a table"), ...FILTER, limit: LIMIT },
    args: (input) => [
      "list",
      limit(input),
      ...options(input, "keyspace", "table", "state", "type", "older_than"),
      ...(input.module === undefined ? ["--all"] : ["--", String(input.module)]),
    ],
  },
  {
    name: "tree",
    title: "Show the tree of a task",
    description: "Show a task and its descendants with state, progress and errors.",
    permission: "read",
    mayForget: true,
    properties: { id: ID, limit: LIMIT },
    required: ["id"],
    args: (input) => ["tree", limit(input), ...id(input)],
  },
  {
    name: "explain",
    title: "Explain a failure",
    description: "Explain why a task failed: where in its tree the failure began.",
    permission: "read",
    properties: { id: ID },
    required: ["id"],
    args: (input) => ["explain", ...id(input)],
  },
  {
    name: "status",
    title: "Show the status of a task",
    description: "Show the status of one task.",
    permission: "read",
    mayForget: true,
    properties: { id: ID },
    required: ["id"],
    args: (input) => ["status", ...id(input)],
  },
  {
    name: "wait",
    title: "Wait for tasks",
    description: `Wait until tasks have ended, at most ${MAX_WAIT_SECONDS} seconds. Exit code 0: done, 123: failed, 124: still running, 125: unknown.`,
    permission: "read",
    mayForget: true,
    properties: {
      ids: IDS,
      timeout_seconds: { type: "integer", minimum: 1, maximum: MAX_WAIT_SECONDS, default: DEFAULT_WAIT_SECONDS },
    },
    required: ["ids"],
    args: (input) => [
      "wait",
      "--progress=none",
      `--timeout=${String(input.timeout_seconds ?? DEFAULT_WAIT_SECONDS)}s`,
      ...ids(input),
    ],
  },
  {
    name: "history",
    title: "Show finished operations",
    description: "Show finished operations from the journal of `tasks record`: how long each took and how it ended.",
    permission: "read",
    properties: {
      since: { ...word("only tasks that ended at this time or later: 7d, 12h, 2026-11-24T03:12"), default: "7d" },
      module: MODULE,
      keyspace: word("a keyspace"),
      table: word("a table"),
      state: FILTER.state,
      type: FILTER.type,
      limit: LIMIT,
    },
    args: (input) => [
      "history",
      limit(input),
      ...options({ since: "7d", ...input }, "since", "module", "keyspace", "table", "state", "type"),
    ],
  },
  {
    name: "timeline",
    title: "Show when the parts of a task ran",
    description: "Show when each part of a task ran, what took the time, and where it failed.",
    permission: "read",
    properties: {
      id: ID,
      by: { type: "string", enum: LANES, description: "group into lanes by this; default: whatever splits it best" },
    },
    required: ["id"],
    args: (input) => ["timeline", ...options(input, "by"), ...id(input)],
  },
  {
    name: "modules",
    title: "List modules",
    description: "List the modules of the task manager.",
    permission: "read",
    properties: {},
    args: () => ["modules"],
  },
  {
    name: "idle",
    title: "Check whether a restart is safe",
    description:
      "Check that no running task would be harmed by restarting a node. Exit code 0: idle, 1: not idle, the running tasks are listed.",
    permission: "read",
    properties: {},
    args: () => ["idle"],
  },
  {
    name: "doctor",
    title: "Check the connection",
    description: "Check step by step the connection to a node, and what its release supports.",
    permission: "read",
    properties: {},
    args: () => ["doctor"],
  },
  {
    name: "start",
    title: "Start an operation",
    description:
      "Start an operation on a keyspace or its tables; returns the ids of its tasks. With dry_run, only the requests.",
    permission: "writes",
    properties: {
      operation: { type: "string", enum: STARTABLE },
      keyspace: word("the keyspace"),
      tables: { type: "array", items: word("a table"), maxItems: 50 },
      dry_run: { type: "boolean", default: false },
    },
    required: ["operation", "keyspace"],
    args: (input) => [
      "start",
      String(input.operation),
      ...(input.dry_run === true ? ["--dry-run"] : []),
      "--",
      String(input.keyspace),
      ...((input.tables as readonly string[] | undefined) ?? []),
    ],
  },
  {
    name: "abort",
    title: "Abort tasks",
    description: "Ask tasks to stop. What they have done so far is not undone.",
    permission: "destructive",
    properties: { ids: IDS },
    required: ["ids"],
    args: (input) => ["abort", ...ids(input)],
  },
  {
    name: "drain",
    title: "Forget finished tasks",
    description: "Make the server forget the finished tasks of a module.",
    permission: "destructive",
    properties: { module: MODULE },
    required: ["module"],
    args: (input) => ["drain", ...options(input, "module")],
  },
  {
    name: "set_ttl",
    title: "Set a ttl",
    description:
      "Set how long finished tasks are kept, in seconds: those the server started, or with of_users those started by users.",
    permission: "destructive",
    properties: {
      seconds: { type: "integer", minimum: 0, maximum: 4_294_967_295 },
      of_users: { type: "boolean", default: false },
    },
    required: ["seconds"],
    args: (input) => [input.of_users === true ? "user-ttl" : "ttl", `--set=${String(input.seconds)}`],
  },
];
