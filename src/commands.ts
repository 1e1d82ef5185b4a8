import type { CommandFile, Commands } from "./cli/registry.js";

/** What a command does in a few words. Its file is named by type, so that the compiler reports a command without one. */
const command = <_File extends CommandFile>(summary: string): string => summary;

/** The commands in the order of the help. Each is the file of its name in `commands/`. */
const SUMMARIES = {
  modules: command<typeof import("./commands/modules.js")>("list the modules of the task manager"),
  list: command<typeof import("./commands/list.js")>("list the tasks of a module"),
  status: command<typeof import("./commands/status.js")>("show the status of a task"),
  tree: command<typeof import("./commands/tree.js")>("show a task and its descendants, or all tasks with theirs"),
  top: command<typeof import("./commands/top.js")>("watch tasks in a full-screen view"),
  explain: command<typeof import("./commands/explain.js")>("explain why a task failed"),
  timeline: command<typeof import("./commands/timeline.js")>(
    "show when the tasks of a tree ran, and what took the time",
  ),
  start: command<typeof import("./commands/start.js")>("start a repair, compaction, backup, ..."),
  wait: command<typeof import("./commands/wait.js")>("wait until tasks have ended"),
  abort: command<typeof import("./commands/abort.js")>("ask tasks to stop"),
  ttl: command<typeof import("./commands/ttl.js")>("show or set how long finished tasks are kept"),
  "user-ttl": command<typeof import("./commands/user-ttl.js")>(
    "show or set how long finished tasks started by users are kept",
  ),
  drain: command<typeof import("./commands/drain.js")>("make the server forget finished tasks"),
  history: command<typeof import("./commands/history.js")>("show finished operations from a journal"),
  compare: command<typeof import("./commands/compare.js")>("compare two runs: which took longer, and where"),
  idle: command<typeof import("./commands/idle.js")>("check whether a node can be restarted safely"),
  check: command<typeof import("./commands/check.js")>("check tasks as a monitoring plugin"),
  metrics: command<typeof import("./commands/metrics.js")>("serve task metrics to Prometheus"),
  record: command<typeof import("./commands/record.js")>("record the tasks of a cluster in a journal"),
  doctor: command<typeof import("./commands/doctor.js")>(
    "check the connection to a node, and what its release supports",
  ),
  version: command<typeof import("./commands/version.js")>("show the versions of tasks and of the server"),
  context: command<typeof import("./commands/context.js")>("manage contexts: named sets of options"),
  completion: command<typeof import("./commands/completion.js")>("print a shell completion script"),
  mcp: command<typeof import("./commands/mcp.js")>("serve tasks to an AI assistant (Model Context Protocol)"),
  mock: command<typeof import("./commands/mock.js")>("serve a mock of the task manager"),
};

/** The table of commands: help, versions and typing errors need names and summaries alone, a command no file but its own. */
export const COMMANDS: Commands = {
  summaries: new Map(Object.entries(SUMMARIES)),
  // The build makes a part of each file in the folder.
  load: async (name): Promise<CommandFile> => await import(`./commands/${name}.ts`),
};
