interface Family {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
}

const OF_NODE = ["cluster", "dc", "instance"];
const OF_TASKS = [...OF_NODE, "module", "type", "keyspace"];

/** About present tasks; replaced with each poll. */
const GAUGES_OF_TASKS = {
  scylla_tasks_running: { type: "gauge", help: "Running tasks.", labels: OF_TASKS },
  scylla_tasks_created: { type: "gauge", help: "Tasks that have not started yet.", labels: OF_TASKS },
  scylla_tasks_progress_ratio: {
    type: "gauge",
    help: "Mean progress of the running tasks that report it, from 0 to 1.",
    labels: OF_TASKS,
  },
  scylla_tasks_oldest_age_seconds: {
    type: "gauge",
    help: "Age of the oldest unfinished task.",
    labels: OF_TASKS,
  },
  scylla_tasks_longest_stall_seconds: {
    type: "gauge",
    help: "Longest time for which the progress of a running task has not changed, as observed.",
    labels: OF_TASKS,
  },
} as const satisfies Readonly<Record<string, Family>>;

/** Kept from poll to poll. */
const OF_THE_PAST = {
  scylla_tasks_finished_total: {
    type: "counter",
    help: "Tasks that ended since this program started, by final state; unknown: gone before their end was seen.",
    labels: [...OF_TASKS, "state"],
  },
  scylla_tasks_failed_total: {
    type: "counter",
    help: "Tasks that failed since this program started.",
    labels: OF_TASKS,
  },
  scylla_tasks_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When a task last succeeded, as far as this program has seen. An empty table means the whole keyspace, or several tables.",
    labels: [...OF_TASKS, "table"],
  },
} as const satisfies Readonly<Record<string, Family>>;

const OF_NODES = {
  scylla_tasks_node_up: {
    type: "gauge",
    help: "Whether the node answered all requests of the last poll.",
    labels: OF_NODE,
  },
} as const satisfies Readonly<Record<string, Family>>;

/** About polls: one series each, which does not count against the limit. */
const OF_POLLS = {
  scylla_tasks_up: { type: "gauge", help: "Whether any node answered the last poll.", labels: ["cluster"] },
  scylla_tasks_nodes: { type: "gauge", help: "Known nodes.", labels: ["cluster"] },
  scylla_tasks_nodes_unanswered: {
    type: "gauge",
    help: "Nodes that did not answer the last poll; nothing is known of their tasks.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_errors_total: {
    type: "counter",
    help: "How often a node did not answer a poll.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_duration_seconds: {
    type: "gauge",
    help: "Duration of the last poll.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_timestamp_seconds: { type: "gauge", help: "When the last poll ended.", labels: ["cluster"] },
  scylla_tasks_series_left_out: {
    type: "gauge",
    help: "Series above --max-series in the last poll, merged into series with the label value other.",
    labels: ["cluster"],
  },
  scylla_tasks_statuses_left_out: {
    type: "gauge",
    help: "Unfinished tasks whose progress was not read in the last poll.",
    labels: ["cluster"],
  },
} as const satisfies Readonly<Record<string, Family>>;

/** All metrics, in the order in which they are written. */
export const FAMILIES = { ...OF_POLLS, ...OF_NODES, ...GAUGES_OF_TASKS, ...OF_THE_PAST } as const;

export type FamilyName = keyof typeof FAMILIES;
export type PollFamily = keyof typeof OF_POLLS;

/** The families that each poll replaces. */
export const FAMILIES_OF_NOW = [...Object.keys(OF_NODES), ...Object.keys(GAUGES_OF_TASKS)] as FamilyName[];
