import * as v from "valibot";
import type { TaskStatus } from "../client/wire.js";

/**
 * The lines of a journal, defined once: the types in `journal-line.ts` are inferred from these schemas, and
 * `schema/journal.schema.json`, with which other programs can check a journal, is generated from them. The reader checks by hand
 * (`read-line.ts`), which is faster.
 */

const TIME_FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const required = <Field extends v.GenericSchema>(field: Field, text: string) => v.pipe(field, v.description(text));
const optional = <Field extends v.GenericSchema>(field: Field, text: string) =>
  v.optional(v.pipe(field, v.description(text)));

const time = v.pipe(v.string(), v.regex(TIME_FORM));
const amount = v.pipe(v.number(), v.minValue(0));
const texts = v.pipe(v.array(v.string()), v.readonly());

/** Unknown fields are kept. Each field may be missing, as in the answers of servers. */
const statusFields = v.looseObject({
  id: v.optional(v.string()),
  type: v.optional(v.string()),
  kind: v.optional(v.string()),
  scope: v.optional(v.string()),
  state: v.optional(v.string()),
  is_abortable: v.optional(v.boolean()),
  start_time: v.optional(v.string()),
  end_time: v.optional(v.string()),
  error: v.optional(v.string()),
  parent_id: v.optional(v.string()),
  sequence_number: v.optional(v.number()),
  shard: v.optional(v.number()),
  keyspace: v.optional(v.string()),
  table: v.optional(v.string()),
  entity: v.optional(v.string()),
  progress_units: v.optional(v.string()),
  progress_total: v.optional(v.number()),
  progress_completed: v.optional(v.number()),
  children_ids: v.optional(v.array(v.looseObject({ task_id: v.string(), node: v.string() }))),
});
const status = statusFields as v.GenericSchema<TaskStatus>;
const partOfStatus = statusFields as v.GenericSchema<Partial<TaskStatus>>;

/** What every line has. */
const line = {
  at: required(time, "When it was seen, by the recorder's clock: ISO 8601 with milliseconds, in UTC."),
};

/** What every line about a task has. */
const taskLine = {
  ...line,
  node: required(v.nullable(v.string()), "Gossip address of the node that has the task; null for a cluster task."),
  id: v.string(),
};

export const segmentStarted = v.pipe(
  v.object({
    ...line,
    event: v.literal("segment_started"),
    version: required(v.pipe(v.number(), v.integer(), v.minValue(1)), "Version of the format."),
    recorder: required(v.string(), "Version of the recorder."),
    segment: optional(v.string(), "Name of this segment: its file name without `.ndjson`."),
    after: optional(v.string(), "Name of the previous segment: if it does not exist, lines are missing."),
    cluster: optional(v.string(), "Name of the cluster, if a node reports it."),
    nodes: required(texts, "Addresses of the watched nodes."),
    all_nodes: required(v.boolean(), "Whether all nodes of the cluster are watched."),
    releases: optional(
      v.pipe(v.record(v.string(), v.string()), v.readonly()),
      "Release of each node that reported it, by the node's address.",
    ),
    ttls: optional(
      v.record(v.string(), v.object({ ttl: v.optional(amount), user_ttl: v.optional(amount) })),
      "For how many seconds each node that said it keeps finished tasks, by the node's address: its own, and those that users start.",
    ),
    tick_seconds: required(
      amount,
      "Time between polls when the segment started: events between them are dated with this precision.",
    ),
  }),
  v.readonly(),
  v.description(
    "First line of every segment, which can be read alone: task_seen follows for every task that still exists.",
  ),
);

export const taskSeen = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_seen"),
    module: v.string(),
    task: required(
      status,
      "Everything the server reports about the task, with the server's names. progress_completed and progress_total are current.",
    ),
    within_ms: optional(amount, "The task was created at most this long before `at`; absent with was_there."),
    was_there: optional(
      v.literal(true),
      "The task existed before this segment, before the recording started, or in a gap: only start_time tells when it was created.",
    ),
  }),
  v.readonly(),
  v.description("A task was seen for the first time in this segment."),
);

export const taskProgress = v.pipe(
  v.object({ ...taskLine, event: v.literal("task_progress"), completed: v.number(), total: v.number() }),
  v.readonly(),
  v.description("Progress of a task. At intervals, and only if it changed."),
);

export const taskChanged = v.pipe(
  v.object({ ...taskLine, event: v.literal("task_changed"), task: partOfStatus }),
  v.readonly(),
  v.description("Changed fields of a task, except progress: its state, its children."),
);

export const taskEnded = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_ended"),
    task: required(status, "Its last status, with end_time and error; it replaces everything recorded before."),
    within_ms: required(
      amount,
      "The end is at most this long before `at`; 0 if a waiting request reported it at once.",
    ),
    inferred: optional(
      v.literal(true),
      "The end was not seen: it follows from the end of the parent, which keeps every child that failed. `task` is as last seen, except for its state.",
    ),
  }),
  v.readonly(),
  v.description("A task has ended."),
);

export const taskGone = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_gone"),
    within_ms: required(amount, "It disappeared at most this long before `at`."),
  }),
  v.readonly(),
  v.description("A task no longer exists, and its end was not seen: its outcome is unknown."),
);

export const nodeLost = v.pipe(
  v.object({ ...line, event: v.literal("node_lost"), node: v.string(), reason: v.string() }),
  v.readonly(),
  v.description("A node stopped answering. Its tasks are not seen from here on."),
);

const nodeBack = v.pipe(
  v.object({
    ...line,
    event: v.literal("node_back"),
    node: v.string(),
    since: optional(time, "Since when it was not seen."),
  }),
  v.readonly(),
  v.description("A node answers, again or for the first time."),
);

export const gap = v.pipe(
  v.object({
    ...line,
    event: v.literal("gap"),
    from: required(time, "Time of the last record before it."),
    to: time,
    reason: v.string(),
  }),
  v.readonly(),
  v.description("Nothing was recorded for a while: the recorder was not running, or its disk was full."),
);

const watched = v.pipe(
  v.object({ ...line, event: v.literal("watched") }),
  v.readonly(),
  v.description("Nothing has changed since the line before, up to this time."),
);

const recordingStopped = v.pipe(
  v.object({ ...line, event: v.literal("recording_stopped") }),
  v.readonly(),
  v.description("The recorder was stopped normally."),
);

export const journalLineSchema = v.pipe(
  v.variant("event", [
    segmentStarted,
    taskSeen,
    taskProgress,
    taskChanged,
    taskEnded,
    taskGone,
    nodeLost,
    nodeBack,
    gap,
    watched,
    recordingStopped,
  ]),
  v.title("Line of a journal of scylla-tasks"),
  v.description("A line written by `tasks record`, one for each change: see docs/journal.md."),
);
