/** The commands in the order of the help. */
export const SUMMARIES = {
  modules: "list the modules of the task manager",
  list: "list the tasks of a module",
  status: "show the status of a task",
  tree: "show a task and its descendants, or all tasks with theirs",
  explain: "explain why a task failed",
  start: "start a repair, compaction, backup, ...",
  wait: "wait until tasks have ended",
  abort: "ask tasks to stop",
  ttl: "show or set how long finished tasks are kept",
  "user-ttl": "show or set how long finished tasks that a user started are kept",
  drain: "make the server forget finished tasks",
  idle: "check that it is safe to restart a node",
  doctor: "check the connection to a node, and what its server can do",
  version: "show the versions of this program and of the server",
  context: "manage contexts: named sets of options",
  mock: "serve a mock of the task manager",
} as const;

export type CommandName = keyof typeof SUMMARIES;
