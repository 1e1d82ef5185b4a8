interface Family {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
}

const OF_NODE = ["cluster", "dc", "instance"];
const OF_TASKS = [...OF_NODE, "module", "type", "keyspace"];

/** Of the tasks of now, told anew with each poll. */
const GAUGES_OF_TASKS = {
  scylla_tasks_running: { type: "gauge", help: "Tasks that run.", labels: OF_TASKS },
  scylla_tasks_created: { type: "gauge", help: "Tasks that wait for their turn to run.", labels: OF_TASKS },
  scylla_tasks_progress_ratio: {
    type: "gauge",
    help: "How far running tasks are, from 0 to 1: the mean of those that say it.",
    labels: OF_TASKS,
  },
  scylla_tasks_oldest_age_seconds: {
    type: "gauge",
    help: "Since when the oldest unfinished task has been there.",
    labels: OF_TASKS,
  },
  scylla_tasks_longest_stall_seconds: {
    type: "gauge",
    help: "For how long the progress of a running task has not changed, at most, as far as it was watched.",
    labels: OF_TASKS,
  },
} as const satisfies Readonly<Record<string, Family>>;

/** What is kept from poll to poll. */
const OF_THE_PAST = {
  scylla_tasks_finished_total: {
    type: "counter",
    help: "Tasks seen to end since this program started, by the state they ended in; unknown: gone, and nobody saw how.",
    labels: [...OF_TASKS, "state"],
  },
  scylla_tasks_failed_total: {
    type: "counter",
    help: "Tasks seen to fail since this program started.",
    labels: OF_TASKS,
  },
  scylla_tasks_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When a task ended well for the last time, as far as it was seen. An empty table: the whole keyspace, or several tables.",
    labels: [...OF_TASKS, "table"],
  },
} as const satisfies Readonly<Record<string, Family>>;

const OF_NODES = {
  scylla_tasks_node_up: {
    type: "gauge",
    help: "Whether the node answered all questions of the last poll.",
    labels: OF_NODE,
  },
} as const satisfies Readonly<Record<string, Family>>;

/** Of the polls themselves: one series each, beside the limit. */
const OF_POLLS = {
  scylla_tasks_up: { type: "gauge", help: "Whether any node answered the last poll.", labels: ["cluster"] },
  scylla_tasks_nodes: { type: "gauge", help: "Nodes that are known.", labels: ["cluster"] },
  scylla_tasks_nodes_unanswered: {
    type: "gauge",
    help: "Nodes that did not answer the last poll: nothing is known of their tasks.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_errors_total: {
    type: "counter",
    help: "How often a node did not answer a poll.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_duration_seconds: {
    type: "gauge",
    help: "How long the last poll of the nodes took.",
    labels: ["cluster"],
  },
  scylla_tasks_scrape_timestamp_seconds: { type: "gauge", help: "When the last poll ended.", labels: ["cluster"] },
  scylla_tasks_series_left_out: {
    type: "gauge",
    help: "Series that found no room in the last poll, and stand together as other.",
    labels: ["cluster"],
  },
  scylla_tasks_statuses_left_out: {
    type: "gauge",
    help: "Unfinished tasks of which the last poll did not ask how far they are.",
    labels: ["cluster"],
  },
} as const satisfies Readonly<Record<string, Family>>;

/** Every metric, in the order in which they are written. */
export const FAMILIES = { ...OF_POLLS, ...OF_NODES, ...GAUGES_OF_TASKS, ...OF_THE_PAST } as const;

export type FamilyName = keyof typeof FAMILIES;
export type PollFamily = keyof typeof OF_POLLS;

/** Those that a poll tells anew. */
export const FAMILIES_OF_NOW = [...Object.keys(OF_NODES), ...Object.keys(GAUGES_OF_TASKS)] as FamilyName[];
