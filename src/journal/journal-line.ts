import type * as v from "valibot";
import type * as schema from "./journal-schema.js";

/** Version of the schema of a journal's lines; a reader takes lines of this version and older ones. */
export const JOURNAL_VERSION = 1;

/** First line of every segment: each segment can be read alone. */
export type SegmentStarted = v.InferOutput<typeof schema.segmentStarted>;
/** A task was seen for the first time in this segment. */
export type TaskSeen = v.InferOutput<typeof schema.taskSeen>;
/** Progress of a task. At intervals, and only if it changed. */
export type TaskProgress = v.InferOutput<typeof schema.taskProgress>;
/** Changed fields of a task, except progress: its state, its children. */
export type TaskChanged = v.InferOutput<typeof schema.taskChanged>;
/** A task has ended. */
export type TaskEnded = v.InferOutput<typeof schema.taskEnded>;
/** A task no longer exists, and its end was not seen: its outcome is unknown. */
export type TaskGone = v.InferOutput<typeof schema.taskGone>;
/** A node stopped answering. Its tasks are not seen from here on. */
export type NodeLost = v.InferOutput<typeof schema.nodeLost>;
/** A node answers, again or for the first time. */
export type NodeBack = v.InferOutput<typeof schema.nodeBack>;
/** Nothing was recorded for a while: the recorder was not running, or its disk was full. */
export type Gap = v.InferOutput<typeof schema.gap>;
/** Nothing has changed since the line before, up to this time. */
export type Watched = v.InferOutput<typeof schema.watched>;
/** The recorder was stopped normally. */
export type RecordingStopped = v.InferOutput<typeof schema.recordingStopped>;

/** One line of a journal. A reader leaves out lines with an event that it does not know. */
export type JournalLine = v.InferOutput<typeof schema.journalLineSchema>;
