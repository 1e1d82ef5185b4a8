import * as v from "valibot";
import type { TaskStatus } from "../client/wire.js";

/**
 * What the lines of a journal are, written once: the types of `journal-line.ts` are inferred from these schemas, and `schema/journal.schema.json`, which
 * other programs can check a journal against, is made of them. A reader checks by hand (`read-line.ts`), which is faster.
 */

const TIME_FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const needed = <Field extends v.GenericSchema>(field: Field, text: string) => v.pipe(field, v.description(text));
const optional = <Field extends v.GenericSchema>(field: Field, text: string) =>
  v.optional(v.pipe(field, v.description(text)));

const time = v.pipe(v.string(), v.regex(TIME_FORM));
const amount = v.pipe(v.number(), v.minValue(0));
const texts = v.pipe(v.array(v.string()), v.readonly());

/** Fields that are not here are kept too. Each may be missing, as in the server's answers. */
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
  at: needed(time, "When it was seen, by the recorder's clock: ISO 8601 with milliseconds, in UTC."),
};

/** What every line about a task has. */
const taskLine = {
  ...line,
  node: needed(
    v.nullable(v.string()),
    "Gossip address of the node that has the task; null for a cluster task, which is no node's own.",
  ),
  id: v.string(),
};

export const segmentStarted = v.pipe(
  v.object({
    ...line,
    event: v.literal("segment_started"),
    version: needed(v.pipe(v.number(), v.integer(), v.minValue(1)), "Version of the format."),
    recorder: needed(v.string(), "Version of the recorder."),
    segment: optional(v.string(), "Name of this segment: that of its file without `.ndjson`."),
    after: optional(v.string(), "Name of the segment before it: where that is not there, lines are missing."),
    cluster: optional(v.string(), "Name of the cluster, where a node says it."),
    nodes: needed(texts, "Addresses of the nodes that are watched."),
    all_nodes: needed(v.boolean(), "Whether all nodes of the cluster are watched."),
    releases: optional(
      v.pipe(v.record(v.string(), v.string()), v.readonly()),
      "Release of each node that said it, by the node's address.",
    ),
    ttls: optional(
      v.record(v.string(), v.object({ ttl: v.optional(amount), user_ttl: v.optional(amount) })),
      "For how many seconds each node that said it keeps finished tasks, by the node's address: its own, and those that users start.",
    ),
    tick_seconds: needed(
      amount,
      "Time between two looks when the segment began: what happens between them is dated with this precision.",
    ),
  }),
  v.readonly(),
  v.description(
    "First line of every segment, which can be read alone: task_seen follows for every task that is still there.",
  ),
);

export const taskSeen = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_seen"),
    module: v.string(),
    task: needed(
      status,
      "All that the server says of it, with the server's names. progress_completed and progress_total are as of now.",
    ),
    within_ms: optional(amount, "It was made at most so long before `at`; absent with was_there."),
    was_there: optional(
      v.literal(true),
      "It was there before this segment, before the watching began or in a gap: when it was made is known from start_time only.",
    ),
  }),
  v.readonly(),
  v.description("A task was seen for the first time in this segment."),
);

export const taskProgress = v.pipe(
  v.object({ ...taskLine, event: v.literal("task_progress"), completed: v.number(), total: v.number() }),
  v.readonly(),
  v.description("How far a task is. At intervals, and only where it moved."),
);

export const taskChanged = v.pipe(
  v.object({ ...taskLine, event: v.literal("task_changed"), task: partOfStatus }),
  v.readonly(),
  v.description("Fields of a task that are other than they were, but for progress: its state, its children."),
);

export const taskEnded = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_ended"),
    task: needed(
      status,
      "Its last status, with end_time and error; it stands for all that was said of the task before.",
    ),
    within_ms: needed(amount, "The end is at most so long before `at`; 0 where a waiting request told it at once."),
    inferred: optional(
      v.literal(true),
      "Nobody saw the end: it follows from its parent's, which keeps every child that failed. `task` is as it was seen last, but for its state.",
    ),
  }),
  v.readonly(),
  v.description("A task has ended."),
);

export const taskGone = v.pipe(
  v.object({
    ...taskLine,
    event: v.literal("task_gone"),
    within_ms: needed(amount, "It went at most so long before `at`."),
  }),
  v.readonly(),
  v.description("A task is not there any more, and nobody saw it end: how it ended is not known."),
);

export const nodeLost = v.pipe(
  v.object({ ...line, event: v.literal("node_lost"), node: v.string(), reason: v.string() }),
  v.readonly(),
  v.description("A node does not answer. What it does from here on is not seen."),
);

export const nodeBack = v.pipe(
  v.object({
    ...line,
    event: v.literal("node_back"),
    node: v.string(),
    since: optional(time, "Since when nothing of it was seen."),
  }),
  v.readonly(),
  v.description("A node answers, again or for the first time."),
);

export const gap = v.pipe(
  v.object({
    ...line,
    event: v.literal("gap"),
    from: needed(time, "The last that was recorded before it."),
    to: time,
    reason: v.string(),
  }),
  v.readonly(),
  v.description("Nothing was recorded for a while: the recorder was stopped, or its disk was full."),
);

export const recordingStopped = v.pipe(
  v.object({ ...line, event: v.literal("recording_stopped") }),
  v.readonly(),
  v.description("The recorder stopped in order."),
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
    recordingStopped,
  ]),
  v.title("Line of a journal of scylla-tasks"),
  v.description("What `tasks record` writes, a line a change: see docs/journal.md."),
);
